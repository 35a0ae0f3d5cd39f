"""What the functions about runs return: runs, and runs side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcompile.api import LayerGraph
from archcompile.api import compile as compile_spec
from archcompile.argument_checks import check_arguments
from archcompile.choices import CheckpointName
from archcompile.interface.cells import outcome_words
from archcompile.interface.display_table import DisplayTable
from archcompile.interface.result import RowResult
from archcompile.messages import Say, to_python
from archcompile.report import (
    RIGHT,
    SUMMARY_RIGHT,
    Comparison,
    Record,
    as_record,
    comparison_rows,
    difference_words,
    list_runs,
    notes,
    order_words,
    read,
    summary_rows,
)
from archcompile.report import Summary as RunSummary
from archcompile.run_files import REPORT, RESOLVED, RESULT

if TYPE_CHECKING:
    import keras

    from archcompile.run_folder import EpochRow, Run

FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")  # of an epoch


@dataclass(frozen=True, repr=False)
class TrainedRun(RowResult):
    """A run: its folder, its result once it has finished, and its history; a row is an epoch."""

    path: Path
    result: Mapping[str, Any] | None = None
    history: "tuple[EpochRow, ...]" = ()

    @property
    def summary(self) -> RunSummary:
        """The run's line in the list of runs."""
        from archcompile.run_folder import check_files, is_locked

        return list_runs(self.path, is_locked, check_files)[0]

    @property
    def graph(self) -> LayerGraph:
        """The network that was trained."""
        return compile_spec(self.path / RESOLVED)

    @property
    def report(self) -> Path:
        """The page about the run."""
        return self.path / REPORT

    @check_arguments
    def to_keras(
        self, checkpoint: CheckpointName = "last", *, say: Say = to_python
    ) -> "keras.Model":
        """The Keras model with the weights of a checkpoint."""
        from archcompile.engine import open_for_scoring
        from archcompile.run_folder import read_run

        saved = read_run(self.path, checkpoint, say)
        open_for_scoring(saved.run.engine())
        return saved.model()

    def to_dict(self) -> dict[str, Any]:
        """The run as `archc runs --json` lists it."""
        return asdict(self.summary)

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [_cells(row) for row in self.history]

    def table(self) -> DisplayTable:
        return DisplayTable(
            title=f"run {self.path}",
            head=("epoch", *(name.replace("_", " ") for name in FIGURES)),
            rows=tuple(map(_figures, self.history)),
            right=frozenset(range(5)),
            notes=(self._outcome(),),
        )

    def _outcome(self) -> str:
        return outcome_words(self.result) if self.result else "not finished"


def _cells(row: "EpochRow") -> dict[str, Any]:
    """A row of history by column, also those of metrics."""
    from archcompile.run_folder import metric_column

    cells = row.record()
    metrics = cells.pop("metrics", {})
    return {**cells, **{metric_column(name): value for name, value in metrics.items()}}


def _figures(row: "EpochRow") -> tuple[str, ...]:
    return str(row.epoch), *(f"{getattr(row, name):.4f}" for name in FIGURES)


def read_intact(path: Path) -> Record:
    """A run as it was written; one that is being trained, as far as it is.

    Raises UsageError where there is no run, DataError where one of its files was changed or lost.
    """
    from archcompile.run_folder import check_files, is_locked

    is_running = is_locked(path)
    record = read(path, is_running)
    if not is_running:
        check_files(path)
    return record


def run_at(path: Path) -> TrainedRun:
    """The run in a folder. Raises UsageError, DataError."""
    from archcompile.run_folder import folder

    run = folder.open_run(path)
    record = read_intact(path)
    return TrainedRun(path=path, result=_result(run), history=tuple(_epochs(record.history)))


def _result(run: "Run") -> Mapping[str, Any] | None:
    if not (run.path / RESULT).exists():
        return None
    result: Mapping[str, Any] = run.read_json(RESULT)
    return result


def _epochs(columns: Mapping[str, Sequence[float]]) -> "Iterator[EpochRow]":
    from archcompile.run_folder import COLUMNS, EpochRow

    measured = [name for name in columns if name not in COLUMNS]
    for values in zip(*columns.values(), strict=True):
        row: dict[str, Any] = dict(zip(columns, values, strict=True))
        figures = {name: row[name] for name in COLUMNS}
        metrics = {name.removeprefix("val_"): _or_none(row[name]) for name in measured}
        yield EpochRow(**{**figures, "epoch": int(row["epoch"])}, metrics=metrics)


def _or_none(value: float) -> float | None:
    return None if isnan(value) else value


@dataclass(frozen=True, repr=False)
class RunList(RowResult):
    """The runs in a folder, each as a line."""

    folder: Path
    summaries: tuple[RunSummary, ...]

    def __iter__(self) -> Iterator[RunSummary]:
        return iter(self.summaries)

    def __len__(self) -> int:
        return len(self.summaries)

    def __getitem__(self, place: int) -> RunSummary:
        return self.summaries[place]

    def to_dict(self) -> dict[str, Any]:
        return {"runs": [dict(row) for row in self.rows]}

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(summary) for summary in self.summaries]

    def table(self) -> DisplayTable:
        head, *rows = summary_rows(self.summaries)
        damaged = [f"damaged: {s.problem}" for s in self.summaries if s.problem is not None]
        count = len(self.summaries)
        return DisplayTable(
            title=f"{count} run{'s' if count != 1 else ''} below {self.folder}",
            head=head,
            rows=tuple(rows),
            right=SUMMARY_RIGHT,
            notes=tuple(damaged),
            least=("started", "best (chosen on)", "time", "data", "test loss", "recipe", "seed"),
        )


@dataclass(frozen=True, repr=False)
class RunComparison(RowResult):
    """Runs side by side; a row is a run."""

    comparison: Comparison

    def to_dict(self) -> dict[str, Any]:
        return as_record(self.comparison)

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = self.to_dict()["runs"]
        return rows

    def save(self, output: str | Path, *, data_dir: str | Path | None = None) -> Path:
        """Writes error over epochs to a .svg or .png file, or a report to an .html file.

        A report needs the runs' own data.
        """
        from archcompile.interface.comparison_files import check_comparison_file, write_comparison

        path = Path(output)
        check_comparison_file(path)
        write_comparison(self.comparison, path, None if data_dir is None else Path(data_dir))
        return path

    def table(self) -> DisplayTable:
        head, *rows = comparison_rows(self.comparison)
        words = [difference_words(item, self.comparison) for item in self.comparison.differences]
        return DisplayTable(
            title="",
            head=head,
            rows=tuple(rows),
            right=RIGHT,
            notes=(
                *order_words(self.comparison),
                *words,
                *(f"warning: {note}" for note in notes(self.comparison)),
            ),
            least=("best (chosen on)", "time", "parameters", "epochs", "cross-entropy"),
        )
