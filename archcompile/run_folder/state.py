"""What a run has reached, as plain data: everything a resumed run needs beside the tensors."""

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from math import ceil
from typing import Any, Self

from archcompile.engine import Draws
from archcompile.recipe import Column, Pace, PlateauState, is_minimised


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRow:
    """An epoch, as a row of history.csv.

    `epoch` counts from 1. `learning_rate` is the one at the beginning of the epoch. `loss` is
    cross-entropy plus L2, the mean over the epoch's batches as they were trained. The columns
    `val_…` are measured after it, on the images kept for validation or, where the recipe keeps
    none, on the test set. `seconds` is the time spent training, without the evaluation, and
    `images_per_second` follows from it; in the first epoch of a session it includes the building of
    the step. The last row may be of a part of an epoch. `metrics` are what the recipe measures
    besides, on the images of the columns `val_…`, each with a column of that kind; None for what
    these images do not determine.
    """

    epoch: int
    learning_rate: float
    loss: float
    cross_entropy: float
    l2: float
    accuracy: float
    val_loss: float
    val_cross_entropy: float
    val_accuracy: float
    seconds: float
    images_per_second: float
    metrics: Mapping[str, float | None] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """All of it; `metrics` only where there are any."""
        record = asdict(self)
        return record if self.metrics else {name: record[name] for name in COLUMNS}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What has been done: `step` updates, and `epoch` rows of history.

    An epoch in between is unfinished, or not yet evaluated. `best_epoch` (from 1) is the first with
    the best value of what the recipe watches, `best_step` where it ended. `seconds` is the wall
    time of training and evaluation over all sessions of the run, `epoch_seconds` that of training
    in the unfinished epoch, `rate` the learning rate at its beginning. `draws` says where the
    random numbers of augmentation come from.
    """

    pace: Pace
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    rate: float = 0.0
    best_epoch: int | None = None
    best_step: int | None = None
    watch: PlateauState = field(default_factory=PlateauState)
    history: tuple[EpochRow, ...] = ()
    draws: Draws = "host"

    @property
    def epochs(self) -> int:
        """The rows that history will have."""
        return ceil(self.pace.total / self.pace.epoch)

    @property
    def epoch_start(self) -> int:
        """The first step of the epoch that comes next or is unfinished."""
        return self.epoch * self.pace.epoch

    @property
    def epoch_end(self) -> int:
        """The step after the last of that epoch, which may be cut short at the end of the run."""
        return min(self.epoch_start + self.pace.epoch, self.pace.total)

    @property
    def is_finished(self) -> bool:
        return self.step >= self.pace.total and self.step <= self.epoch_start

    def add_steps(self, count: int, seconds: float) -> Self:
        """After so many more updates, which took so long."""
        return replace(
            self,
            step=self.step + count,
            epoch_seconds=self.epoch_seconds + seconds,
            seconds=self.seconds + seconds,
        )

    def after(self, row: EpochRow, monitor: Column, evaluation: float = 0.0) -> Self:
        """At the end of an epoch, whose evaluation took so many seconds."""
        best = self.best
        gain = 0.0 if best is None else getattr(row, monitor) - getattr(best, monitor)
        better = best is None or (gain < 0 if is_minimised(monitor) else gain > 0)
        chosen = (row.epoch, self.step) if better else (self.best_epoch, self.best_step)
        return replace(
            self,
            epoch=row.epoch,
            epoch_seconds=0.0,
            seconds=self.seconds + evaluation,
            best_epoch=chosen[0],
            best_step=chosen[1],
            history=(*self.history, row),
        )

    def longer(self, pace: Pace, monitor: Column) -> Self:
        """The same on another pace.

        Where that continues in the middle of the last epoch, the row of that epoch is taken back.
        """
        state = replace(self, pace=pace)
        if not self.history or self.step >= state.epoch_start or self.step >= pace.total:
            return state
        *rows, last = self.history
        state = replace(state, epoch=0, step=0, best_epoch=None, best_step=None, history=())
        for row in rows:
            state = replace(state, step=row.epoch * pace.epoch).after(row, monitor)
        return replace(state, step=self.step, epoch_seconds=last.seconds, rate=last.learning_rate)

    @property
    def best(self) -> EpochRow | None:
        return self.history[self.best_epoch - 1] if self.best_epoch else None

    def record(self) -> dict[str, Any]:
        """All of it but `draws`, which the format of the checkpoint says."""
        record = asdict(replace(self, history=()))
        del record["draws"]
        return {**record, "history": tuple(row.record() for row in self.history)}

    @classmethod
    def read(cls, record: dict[str, Any], draws: Draws = "host") -> Self:
        """The state from its record. Raises KeyError, TypeError or ValueError where it is none."""
        parts = {
            "pace": Pace(**record["pace"]),
            "watch": PlateauState(**record["watch"]),
            "history": tuple(EpochRow(**row) for row in record["history"]),
            "draws": draws,
        }
        state = cls(**{**record, **parts})
        if [row.epoch for row in state.history] != list(range(1, state.epoch + 1)):
            raise ValueError(f"the history does not have the {state.epoch} epochs")
        return state


COLUMNS = tuple(column.name for column in fields(EpochRow) if column.name != "metrics")


def as_csv(history: tuple[EpochRow, ...]) -> str:
    """The history as text; a number reads back as the same float."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(dict.fromkeys(name for row in history for name in row.metrics))
    writer.writerow([*COLUMNS, *map(metric_column, names)])
    for row in history:
        figures = [getattr(row, name) for name in COLUMNS]
        writer.writerow([*figures, *(row.metrics.get(name) for name in names)])
    return text.getvalue()


def metric_column(name: str) -> str:
    """The column of history.csv that has a metric."""
    return f"val_{name}"


def columns(history: tuple[EpochRow, ...]) -> dict[str, list[float]]:
    """The history by column."""
    return {name: _column(history, name) for name in COLUMNS}


def _column(history: tuple[EpochRow, ...], name: str) -> list[float]:
    return [getattr(row, name) for row in history]
