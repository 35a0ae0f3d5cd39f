"""Loss and accuracy over the epochs of one run, as a chart."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from archcompile.report.figure_bytes import empty_figure, file_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_history(
    history: Mapping[str, Sequence[float]], title: str, suffix: str, *, measured: str = "test"
) -> bytes:
    """The chart as the bytes of an `svg` or `png` file.

    `history` has the columns of history.csv; `measured` is what its `val_…` were measured on.
    """
    canvas = empty_figure((10, 4))
    canvas.suptitle(title, parse_math=False)
    loss, accuracy = canvas.subplots(1, 2)
    _panel(loss, "loss (cross-entropy + L2)", history, column="loss", measured=measured)
    _panel(accuracy, "accuracy", history, column="accuracy", measured=measured)
    # zero has no place on a logarithmic scale
    if min((*history["loss"], *history["val_loss"])) > 0:
        loss.set_yscale("log")
    for set_formatter in (loss.yaxis.set_major_formatter, loss.yaxis.set_minor_formatter):
        set_formatter("{x:g}")
    return file_bytes(canvas, suffix)


def _panel(
    axes: "Axes", title: str, history: Mapping[str, Sequence[float]], *, column: str, measured: str
) -> None:
    epochs = history["epoch"]
    marker = "o" if len(epochs) == 1 else ""  # a line needs two points
    axes.plot(
        epochs, history[column], marker=marker, color="#1f6fb2", linestyle="--", label="training"
    )
    axes.plot(
        epochs,
        history[f"val_{column}"],
        marker=marker,
        color="#b2391f",
        linestyle="-",
        label=measured,
    )
    axes.set_xlabel("epoch")
    axes.set_title(title, fontsize="medium")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend()
