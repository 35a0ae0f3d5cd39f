"""Runs on disk, read from their plain files: without the framework, and without any weights."""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil, isfinite
from pathlib import Path

from archcompile.errors import DataError, UsageError
from archcompile.recipe import Recipe, pace, recipe_of, with_name
from archcompile.report import records
from archcompile.report.records import Environment, Result, State
from archcompile.run_files import (
    CHECKPOINT,
    CHECKPOINTS,
    ENVIRONMENT,
    HISTORY,
    RECIPE,
    RESOLVED,
    RESULT,
    holds_run,
    no_run,
)
from archcompile.spec.yaml import Scalar, expect_map, parse, read_text

History = Mapping[str, Sequence[float]]  # the columns of history.csv

# that every run has; later versions write more, which the page shows as well
COLUMNS = (
    "epoch",
    "learning_rate",
    "loss",
    "accuracy",
    "val_loss",
    "val_cross_entropy",
    "val_accuracy",
    "seconds",
    "images_per_second",
)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A run. `result` is None until it has one for all its steps; `is_running`: it is trained now.

    What is not given here is read from its file on first use, which raises DataError or SpecError
    where it is damaged.
    """

    path: Path
    environment: Environment
    result: Result | None
    is_running: bool = False

    @cached_property
    def recipe(self) -> Recipe:
        file = self.path / RECIPE
        return recipe_of(with_name(parse(records.text(file), str(file)), file))

    @cached_property
    def history(self) -> History:
        """Empty columns before the first epoch is over."""
        file = self.path / HISTORY
        return _columns(file) if self.result or file.exists() else dict.fromkeys(COLUMNS, ())

    @cached_property
    def name(self) -> str:
        """What the network is called."""
        if self.result:
            return self.result.name
        file = self.path / RESOLVED
        name = expect_map(parse(read_text(file), str(file)), "spec").get("name")
        return str(name.value) if isinstance(name, Scalar) else self.path.name

    @cached_property
    def progress(self) -> State | None:
        """How far the last checkpoint is; None before the first."""
        newest = _newest(self.path / CHECKPOINTS)
        return records.read(newest[1] / "state.json", State) if newest else None

    @cached_property
    def of(self) -> int:
        """The epochs the run is to have; those of its recipe, unless it is fitted to a time."""
        if self.result and self.result.finished:
            return self.result.epochs
        if self.progress:
            steps = self.progress.pace
            return _epochs(steps.total, steps.epoch)
        planned = pace(self.recipe, self.environment.dataset.train)
        return _epochs(planned.total, planned.epoch)

    @property
    def state(self) -> str:
        if self.is_running:
            return "running"
        if self.result is None:
            return "unfinished"
        return "finished" if self.result.finished else "stopped early"

    @property
    def measured(self) -> str:
        """What the columns `val_…` of history were measured on."""
        return "validation" if self.environment.dataset.validation else "test"


def _epochs(total: int, per_epoch: int) -> int:
    """The epochs of so many steps, the last perhaps not whole."""
    return ceil(total / per_epoch) if per_epoch else 0


def find(root: Path) -> Iterator[Path]:
    """The folders of runs at and below `root`, sorted; links are skipped. Raises UsageError."""
    if not root.is_dir():
        raise UsageError(
            f"there is no folder {root}",
            hint="name the folder that the runs lie in: archc runs DIR",
        )
    for folder, below, _ in os.walk(root):
        below[:] = sorted(
            name for name in below if name != CHECKPOINTS and not name.startswith(".")
        )
        if holds_run(Path(folder)):
            yield Path(folder)


def read(path: Path, is_running: bool = False) -> Record:
    """A run. Raises UsageError where there is none, DataError where it is too damaged to list."""
    if not holds_run(path):
        raise no_run(path)
    environment = records.read(path / ENVIRONMENT, Environment)
    file = path / RESULT
    result = records.read(file, Result) if file.exists() and not is_running else None
    newest = _newest(path / CHECKPOINTS)
    if result and newest and newest[0] > result.steps:
        result = None  # it was trained on since, and interrupted
    return Record(path=path, environment=environment, result=result, is_running=is_running)


def _newest(checkpoints: Path) -> tuple[int, Path] | None:
    """Steps done and folder of the last checkpoint."""
    names = os.listdir(checkpoints) if checkpoints.is_dir() else []
    matches = filter(None, map(CHECKPOINT.match, names))
    return max(((int(match[2]), checkpoints / match.string) for match in matches), default=None)


def _columns(file: Path) -> History:
    lines = list(csv.reader(records.text(file).splitlines()))
    header, rows = lines[0] if lines else [], lines[1:]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise DataError(f"{file} is damaged: it has no column {missing[0]}")
    try:
        values = [list(map(_number, row)) for row in rows]
        known = [header.index(name) for name in COLUMNS]
        whole = all(len(row) == len(header) for row in values) and all(
            isfinite(row[i]) for row, i in product(values, known)
        )
    except ValueError:
        whole = False
    if not whole:
        raise DataError(f"{file} is damaged: a row is not {len(header)} numbers")

    def column(i: int) -> list[float]:
        return [row[i] for row in values]

    return {name: column(i) for i, name in enumerate(header)}


def _number(cell: str) -> float:
    """What a cell says; an empty one is of a metric that has no value."""
    return float(cell or "nan")
