"""Runs as the page shows them: a row each, and the curves of some side by side."""

from dataclasses import dataclass
from pathlib import Path

from archcompile.errors import ArchError
from archcompile.report import (
    Chart,
    Entry,
    Record,
    Series,
    Summary,
    draw_charts,
    list_runs,
    palette,
    read,
    sort_runs,
)
from archcompile.run_files import REPORT
from archcompile.run_folder import is_locked

MOST = 8  # curves: so many colours are distinct to most colour-blind readers
WIDE, HIGH = 560, 320  # of a chart, in pixels
LABEL = 48  # letters of a run's name in the legend


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """A run in the list: `name` is its folder below that of the runs."""

    name: str
    state: str
    cells: tuple[str, ...]
    has_report: bool

    @property
    def words(self) -> str:
        """What a filter looks through."""
        return " ".join(self.cells)


def list_rows(folder: Path) -> tuple[RunRow, ...]:
    """The runs below a folder, the newest first; none without it. A damaged one says why."""
    if not folder.is_dir():
        return ()
    summaries = list_runs(folder, is_locked, _check_nothing)
    return tuple(_row(summary, folder) for summary in sort_runs(summaries, "date"))


def _check_nothing(run: Path) -> None:
    """Digests of files are not checked here: the list is read again every other second."""


def _row(summary: Summary, folder: Path) -> RunRow:
    path = Path(summary.run)
    name = path.relative_to(folder).as_posix()
    epochs = "" if summary.epochs is None else f"{summary.epochs} of {summary.of}"
    accuracy = "" if summary.test_accuracy is None else f"{summary.test_accuracy:.4f}"
    begun = (summary.started or "")[:16].replace("T", " ")
    state = summary.problem or summary.state
    return RunRow(
        name=name,
        state=summary.state,
        cells=(name, summary.name or "", state, epochs, accuracy, begun),
        has_report=(path / REPORT).is_file(),
    )


def curves(folder: Path, names: tuple[str, ...]) -> str:
    """Loss and accuracy of runs over their epochs, as SVG; empty without an epoch."""
    records = [record for name in names if (record := _record(folder / name)) is not None]
    if not records:
        return ""
    paths = [record.path for record in records]
    colours = dict(zip(paths, palette(len(paths)), strict=True))
    charts = [
        Chart(
            title="loss on what was not trained on",
            lines=[_series(record, "val_loss", colours[record.path]) for record in records],
            is_log=True,
            width=WIDE,
            height=HIGH,
        ),
        Chart(
            title="accuracy on what was not trained on",
            lines=[_series(record, "val_accuracy", colours[record.path]) for record in records],
            top=1.0,
            is_from_zero=False,
            width=WIDE,
            height=HIGH,
        ),
    ]
    entries = [Entry(_label(record, folder), colours[record.path]) for record in records]
    return draw_charts("", charts, "svg", entries=entries).decode()


def _record(path: Path) -> Record | None:
    """A run with an epoch; None where it has none yet or cannot be read."""
    try:
        record = read(path, is_locked(path))
        return record if record.history["epoch"] else None
    except ArchError:
        return None


def _series(record: Record, column: str, colour: str) -> Series:
    points = list(zip(record.history["epoch"], record.history[column], strict=True))
    return Series(label=column, colour=colour, points=points)


def _label(record: Record, folder: Path) -> str:
    name = record.path.relative_to(folder).as_posix()
    words = name if len(name) <= LABEL else f"…{name[-LABEL:]}"
    return f"{words}, running" if record.is_running else words
