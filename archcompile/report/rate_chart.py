"""The learning rate over a run, as a chart."""

from archcompile.recipe import Pace, Recipe, curve, pieces
from archcompile.report.chart import Chart, Series
from archcompile.report.chart_file import draw_charts
from archcompile.report.error_curves import COLOURS, HIGH, WIDE


def draw_rates(recipe: Recipe, pace: Pace, suffix: str) -> bytes:
    """The rate of every step over epochs; the bytes of an `svg` or `png` file."""
    is_flat = all(piece.is_flat for piece in pieces(recipe, pace))
    rates = curve(recipe, pace)
    ends = [(pace.total, rates[-1][1])] if len(rates) == 1 else []  # a line needs two points
    line = Series(
        label="learning rate",
        colour=COLOURS[0],
        points=[(step / pace.epoch, rate) for step, rate in [*rates, *ends]],
    )
    deep = ""
    if recipe.warmup and recipe.warmup.from_depth > 1:
        deep = f" (warm-up from depth {recipe.warmup.from_depth} on)"
    steps = "1 step" if pace.total == 1 else f"{pace.total:,} steps"
    chart = Chart(
        title="learning rate",
        lines=[line],
        is_log=is_flat,
        is_stepped=is_flat,
        steps=pace.epoch,
        width=WIDE,
        height=HIGH,
    )
    return draw_charts(f"recipe {recipe.name}, {steps}{deep}", [chart], suffix)
