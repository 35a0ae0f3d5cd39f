"""What a run has reached, as plain data: everything a resumed run needs beside the tensors."""

import csv
import io
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Row:
    """One epoch, as a row of history.csv.

    `epoch` counts from 1. `learning_rate` is the one at the beginning of the epoch. `loss` is cross-entropy plus L2,
    the mean over the epoch's batches as they were trained; `val_loss` and `val_accuracy` are the test set's after it.
    `seconds` is the time spent training, the evaluation not counted, and `images_per_second` follows from it; the
    first epoch of a session includes the building of the step.
    """

    epoch: int
    learning_rate: float
    loss: float
    cross_entropy: float
    l2: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float
    images_per_second: float


@dataclass(frozen=True, slots=True)
class State:
    """`epoch` epochs and `step` steps are done; `best_epoch` (from 1) had the best test accuracy, the first if equal.

    `seconds` is the wall time of training and evaluation over all sessions of the run.
    """

    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    best_epoch: int | None = None
    history: tuple[Row, ...] = ()

    def after(self, row: Row, steps: int, seconds: float) -> Self:
        """The state at the end of one more epoch."""
        best = self.best
        better = best is None or row.val_accuracy > best.val_accuracy
        return replace(self, epoch=row.epoch, step=self.step + steps, seconds=self.seconds + seconds,
                       best_epoch=row.epoch if better else self.best_epoch,
                       history=(*self.history, row))  # fmt: skip

    @property
    def best(self) -> Row | None:
        return self.history[self.best_epoch - 1] if self.best_epoch else None

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, record: dict[str, Any]) -> Self:
        """The state from its record. Raises KeyError, TypeError or ValueError where it is none."""
        state = cls(**{**record, "history": tuple(Row(**row) for row in record["history"])})
        if [row.epoch for row in state.history] != list(range(1, state.epoch + 1)):
            raise ValueError(f"the history does not have the {state.epoch} epochs")
        return state


COLUMNS = tuple(field.name for field in fields(Row))


def as_csv(history: tuple[Row, ...]) -> str:
    """The history as text; a number reads back as the same float."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(row) for row in history)
    return text.getvalue()


def columns(history: tuple[Row, ...]) -> dict[str, list[float]]:
    """The history by column."""
    return {name: [getattr(row, name) for row in history] for name in COLUMNS}
