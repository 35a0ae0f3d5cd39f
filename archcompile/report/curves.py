"""Loss and accuracy over the epochs of one run, as a chart."""

from collections.abc import Mapping, Sequence

from archcompile.report.chart import Chart, Series
from archcompile.report.chart_file import draw_charts
from archcompile.report.error_curves import COLOURS
from archcompile.report.legend import Entry

TRAINING, MEASURED = COLOURS[:2]  # the colours of training, and of what was not trained on
LOSS = "loss (cross-entropy + L2)"


def draw_history(
    history: Mapping[str, Sequence[float]], title: str, suffix: str, *, measured: str = "test"
) -> bytes:
    """The chart as the bytes of an `svg` or `png` file.

    `history` has the columns of history.csv; `measured` is what its `val_…` were measured on.
    """
    loss, accuracy = (traces(history, column, measured) for column in ("loss", "accuracy"))
    charts = [
        Chart(title=LOSS, lines=loss, is_log=True),
        Chart(title="accuracy", lines=accuracy, top=1.0, is_from_zero=False),
    ]
    return draw_charts(title, charts, suffix, entries=entries(measured))


def entries(measured: str) -> list[Entry]:
    """The legend of a run's charts."""
    return [Entry("training", TRAINING, is_dashed=True), Entry(measured, MEASURED)]


def traces(
    history: Mapping[str, Sequence[float]], column: str, measured: str
) -> tuple[Series, Series]:
    """A column over the epochs, in training and on what was not trained on."""
    epochs = history["epoch"]

    def points(name: str) -> list[tuple[float, float]]:
        return list(zip(epochs, history[name], strict=True))

    training = Series(label="training", colour=TRAINING, points=points(column), is_dashed=True)
    return training, Series(label=measured, colour=MEASURED, points=points(f"val_{column}"))
