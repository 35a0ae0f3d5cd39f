"""A range test of the learning rate, as a chart."""

from archcompile.recipe import RateRange
from archcompile.report.chart import Chart, Series
from archcompile.report.chart_file import draw_charts
from archcompile.report.error_curves import COLOURS, HIGH, WIDE
from archcompile.report.legend import Entry

SMOOTHED, STEP, SUGGESTED = COLOURS[:3]
ROOM = 1.5  # times the first smoothed loss, above which nothing is drawn


def draw_rate_range(test: RateRange, title: str, suffix: str) -> bytes:
    """The loss over the rate; the bytes of an `svg` or `png` file."""
    top = ROOM * test.smoothed[0]
    steps = list(zip(test.rates, test.losses, strict=True))
    smoothed = list(zip(test.rates, test.smoothed, strict=True))
    lines = [
        Series(label="step", colour=STEP, points=steps, is_dashed=True),
        Series(label="smoothed", colour=SMOOTHED, points=smoothed),
    ]
    entries = [Entry("loss of a step", STEP, is_dashed=True), Entry("smoothed", SMOOTHED)]
    if test.suggestion is not None:
        mark = [(test.suggestion, 0.0), (test.suggestion, top)]
        lines.append(Series(label="suggestion", colour=SUGGESTED, points=mark))
        entries.append(Entry(f"suggestion, {test.suggestion:.2g}", SUGGESTED))
    chart = Chart(
        title="cross-entropy (nats)",
        lines=lines,
        top=top,
        across="learning rate",
        is_log_across=True,
        width=WIDE,
        height=HIGH,
    )
    return draw_charts(title, [chart], suffix, entries=entries)
