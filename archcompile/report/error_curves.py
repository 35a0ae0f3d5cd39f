"""Training error (dashed) and test error (solid) of several runs (He et al. 2015, figure 6)."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from archcompile.report.chart import SOFT, Chart, Series
from archcompile.report.chart_file import draw_charts
from archcompile.report.groups import SeedGroup
from archcompile.report.legend import Entry

COLOURS = ("#1f77c4", "#d1431f", "#2a9150", "#8f5bc4", "#b8860b", "#0f8f8f", "#c2488f", "#7a7a7a")
TURN = 0.618034  # of the colour circle, to the next of more colours than these
# times the median error: the plateau of a first learning rate still fits, its first epochs do not
ROOM = 2.0
NICE = (1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100)  # percent, where an axis may end
WIDE, HIGH = 860, 420  # of the chart, in pixels

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Errors in percent over epochs: means over the seeds of a group, and ranges (not of one run).

    `measured` is the error on images that were not trained on, and `on` says which: `test` or
    `validation`.
    """

    label: str
    colour: str
    epochs: Sequence[float]
    training: Sequence[float]
    measured: Sequence[float]
    on: str
    training_ranges: Sequence[Range] = ()
    measured_ranges: Sequence[Range] = ()


def curves_of(groups: Sequence[SeedGroup]) -> list[Curve]:
    """A curve for each group that has finished an epoch, called by its mark where several are."""
    shown = [group for group in groups if group.runs[0].history["epoch"]]
    labels = [f"{group.mark}: {group.label}" if len(groups) > 1 else group.label for group in shown]
    return [
        _curve(group, label, colour)
        for group, label, colour in zip(shown, labels, palette(len(shown)), strict=True)
    ]


def _curve(group: SeedGroup, label: str, colour: str) -> Curve:
    first = group.runs[0]
    training, training_ranges = _errors(group, "accuracy")
    measured, measured_ranges = _errors(group, "val_accuracy")
    return Curve(
        label=label,
        colour=colour,
        epochs=first.history["epoch"][: len(training)],
        training=training,
        measured=measured,
        on=first.measured,
        training_ranges=training_ranges,
        measured_ranges=measured_ranges,
    )


def _errors(group: SeedGroup, column: str) -> tuple[list[float], list[Range]]:
    """Of each epoch the mean error over the seeds of a group, and the lowest and highest error."""
    errors = [_percent(run.history[column]) for run in group.runs]
    # those that all seeds have: a run fitted to a time may have one more
    epochs = list(zip(*errors, strict=False))
    ranges = [(min(values), max(values)) for values in epochs] if len(errors) > 1 else []
    return [mean(values) for values in epochs], ranges


def _percent(accuracies: Sequence[float]) -> list[float]:
    """The errors of accuracies, in percent."""
    return [100 * (1 - accuracy) for accuracy in accuracies]


def palette(count: int) -> list[str]:
    """So many colours, distinct on white and on black.

    The first eight are distinct to most colour-blind readers, too.
    """
    more = (colorsys.hls_to_rgb(i * TURN % 1, 0.45, 0.6) for i in range(count - len(COLOURS)))
    return [*COLOURS, *map(_hex, more)][:count]


def _hex(rgb: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)


def top(curves: Sequence[Curve]) -> float:
    """The end of the axis of errors. Early epochs, far above the rest, are cut off.

    They would flatten the chart. At least the last epoch of every curve is inside.
    """
    lines = [line for curve in curves for line in (curve.training, curve.measured)]
    highest = max(*(ROOM * median(line) for line in lines), *(1.1 * line[-1] for line in lines))
    highest = min(highest, 1.05 * max(map(max, lines)))
    return float(next((end for end in NICE if end >= highest), 100))


def label_solid_lines(curves: Sequence[Curve]) -> str:
    """What the solid lines were measured on."""
    return " or ".join(sorted({curve.on for curve in curves}))


def error_chart(curves: Sequence[Curve]) -> tuple[Chart, list[Entry]]:
    """The errors of several runs in one chart, and its legend. `curves` is not empty."""
    lines, on = [], label_solid_lines(curves)
    for curve in curves:
        lines.append(_line(curve, curve.training, curve.training_ranges, is_dashed=True))
        lines.append(_line(curve, curve.measured, curve.measured_ranges, is_dashed=False))
    entries = [Entry("training", SOFT, is_dashed=True), Entry(on, SOFT)]
    entries += [Entry(curve.label, curve.colour) for curve in curves]
    chart = Chart(
        title="error (%) over epochs", lines=lines, top=top(curves), width=WIDE, height=HIGH
    )
    return chart, entries


def _line(
    curve: Curve, values: Sequence[float], ranges: Sequence[Range], *, is_dashed: bool
) -> Series:
    return Series(
        label=curve.label,
        colour=curve.colour,
        points=list(zip(curve.epochs, values, strict=True)),
        is_dashed=is_dashed,
        band=[(epoch, *ends) for epoch, ends in zip(curve.epochs, ranges, strict=False)],
    )


def draw_error_curves(curves: Sequence[Curve], title: str, suffix: str) -> bytes:
    """The chart as the bytes of an `svg` or `png` file. `curves` is not empty."""
    chart, entries = error_chart(curves)
    return draw_charts(title, [chart], suffix, entries=entries)
