"""Training error (dashed) and test error (solid) of several runs (He et al. 2015, figure 6)."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import TYPE_CHECKING

from archcompile.report.groups import SeedGroup

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#1f77c4", "#d1431f", "#2a9150", "#8f5bc4", "#b8860b", "#0f8f8f", "#c2488f", "#7a7a7a")
TURN = 0.618034  # of the colour circle, to the next of more colours than these
# times the median error: the plateau of a first learning rate still fits, its first epochs do not
ROOM = 2.0
NICE = (1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100)  # percent, where an axis may end

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
    """A curve for each group that has finished an epoch."""
    shown = [group for group in groups if group.runs[0].history["epoch"]]
    return [_curve(group, colour) for group, colour in zip(shown, palette(len(shown)), strict=True)]


def _curve(group: SeedGroup, colour: str) -> Curve:
    first = group.runs[0]
    training, training_ranges = _errors(group, "accuracy")
    measured, measured_ranges = _errors(group, "val_accuracy")
    return Curve(
        label=group.label,
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


def draw_error_curves(curves: Sequence[Curve], title: str, suffix: str) -> bytes:
    """The chart as the bytes of an `svg` or `png` file. `curves` is not empty."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    from archcompile.report.figure_bytes import empty_figure, file_bytes

    canvas = empty_figure((8, 5))
    axes = canvas.subplots()
    for curve in curves:
        _plot(axes, curve)
    axes.set_xlabel("epoch")
    axes.set_ylabel("error (%)")
    axes.set_ylim(0, top(curves))
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(alpha=0.3)
    axes.set_title(title, fontsize="medium", parse_math=False)
    styles = [
        Line2D([], [], color="#555", linestyle="--", linewidth=1.0, label="training"),
        Line2D([], [], color="#555", linewidth=1.8, label=label_solid_lines(curves)),
    ]
    lines = [Line2D([], [], color=curve.colour, linewidth=1.8) for curve in curves]
    labels = [*(str(style.get_label()) for style in styles), *(curve.label for curve in curves)]
    legend = axes.legend([*styles, *lines], labels, fontsize="small", loc="best")
    for text in legend.get_texts():
        text.set_parse_math(False)
    return file_bytes(canvas, suffix)


def _plot(axes: "Axes", curve: Curve) -> None:
    marker = "o" if len(curve.epochs) == 1 else ""  # a line needs two points
    axes.plot(
        curve.epochs,
        curve.training,
        color=curve.colour,
        linestyle="--",
        linewidth=1.0,
        marker=marker,
    )
    axes.plot(curve.epochs, curve.measured, color=curve.colour, linewidth=1.8, marker=marker)
    for ranges in (curve.training_ranges, curve.measured_ranges):
        if ranges:
            low, high = zip(*ranges, strict=True)
            axes.fill_between(curve.epochs, low, high, color=curve.colour, alpha=0.15, linewidth=0)
