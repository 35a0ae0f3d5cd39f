"""Running an experiment: every spec trained by every recipe with every seed, on every fold.

Each training is a process of its own, one after another.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import archcompile
from archcompile.analyses import depth
from archcompile.atomic import put
from archcompile.errors import (
    INTERRUPTED,
    TERMINATED,
    ArchError,
    Interrupted,
    TrainingStopped,
    UsageError,
    summary,
)
from archcompile.experiments.definition import Experiment
from archcompile.messages import Say
from archcompile.recipe import load as load_recipe
from archcompile.report import Record, compare_runs, duration, read
from archcompile.run_files import ENVIRONMENT, RECIPE, RUNS, holds_run, is_left_by_a_start
from archcompile.run_folder import Identity, Run, check_files, is_locked
from archcompile.spec.loading import split_sets
from archcompile.training import TrainingRequest, prepare, stoppable

WAIT = 0.2  # seconds between two looks at a training that runs
STOPPED = TrainingStopped.exit_code
CHILD = "archcompile.cli.cell"  # the command `archc` for a training that ends with us


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A training that did not come to its end; `code` is the exit code it ended with."""

    run: str
    code: int
    reason: str
    hint: str | None = None


class TrainingsFailed(ArchError):
    """Some trainings of an experiment; the exit code is the first's that did not stop itself.

    A reason that several have in common is given once, behind all of their names.
    """

    code = "trainings-failed"

    def __init__(self, failures: Sequence[Failure], count: int, verb: str = "failed"):
        runs: dict[tuple[str, str | None], list[str]] = {}
        for failure in failures:
            runs.setdefault((failure.reason, failure.hint), []).append(failure.run)
        lines = "".join(_reason_lines(names, *reason) for reason, names in runs.items())
        hint = None
        if verb == "failed":
            hint = "once that is fixed, the same command with --resume trains them"
        super().__init__(f"{len(failures)} of {count} trainings {verb}:{lines}", hint=hint)
        code = next((failure.code for failure in failures if failure.code != STOPPED), STOPPED)
        self.exit_code = max(code, 1)  # below 0: by a signal


def _reason_lines(names: Sequence[str], reason: str, hint: str | None) -> str:
    first, *rest = reason.splitlines()
    lines = [f"  {', '.join(names)}: {first}", *(f"    {line}" for line in rest)]
    return "".join(f"\n{line}" for line in [*lines, *([f"    help: {hint}"] if hint else ())])


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One training of a grid; `identity` is what its run has of spec, recipe and seed.

    `sets` are settings of its own.
    """

    spec: str
    recipe: str
    seed: int
    run: Run
    identity: Identity
    length: tuple[int | None, int | None]  # epochs or steps
    sets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.run.path.name

    def is_finished(self) -> bool:
        """Whether the run is complete, and as long as the experiment asks for."""
        if not self.run.is_finished():
            return False
        file = self.run.path / RECIPE
        if not file.exists():
            return False
        recipe = load_recipe(file)
        return (recipe.epochs, recipe.steps) == self.length

    def command(self, options: Sequence[str]) -> list[str]:
        """The command of the training; without `-P` Python would import from the current folder."""
        folder = self.run.path
        resume = ("--resume",) if holds_run(folder) or is_left_by_a_start(folder) else ()
        return [
            sys.executable,
            "-P",
            "-m",
            CHILD,
            "train",
            self.spec,
            "--recipe",
            self.recipe,
            "--seed",
            str(self.seed),
            "--run-dir",
            str(folder),
            *options,
            *(word for text in self.sets for word in ("--set", text)),
            *resume,
        ]


def cells(experiment: Experiment, folder: Path) -> list[Cell]:
    """The trainings in the order in which they run. Raises ArchError for bad specs and recipes."""
    for_spec, for_recipe = split_sets(experiment.set)
    graphs = [archcompile.compile(spec, sets=for_spec) for spec in experiment.specs]
    grid = []
    for (spec, graph), file, seed, fold in product(
        zip(experiment.specs, graphs, strict=True),
        experiment.recipes,
        experiment.seeds,
        range(experiment.folds or 1),
    ):
        sets = _fold_sets(experiment.folds, fold)
        recipe = load_recipe(Path(file), [*for_recipe, *sets])
        name = f"{graph.name}-{recipe.name}-{seed}{f'-fold{fold}' if sets else ''}"
        for_depth = recipe.for_depth(depth(graph))
        identity = Identity.of(graph, for_depth, None, options={"seed": seed})
        grid.append(
            Cell(
                spec=spec,
                recipe=file,
                seed=seed,
                run=Run(folder / name),
                identity=identity,
                length=(recipe.epochs, recipe.steps),
                sets=sets,
            )
        )
    runs = [cell.run for cell in grid]
    for cell in grid:
        if runs.count(cell.run) > 1:
            raise UsageError(
                f"two trainings of the experiment would have the name {cell.run.path.name}",
                hint="give specs and recipes different names",
            )
    return grid


def _fold_sets(folds: int | None, fold: int) -> tuple[str, ...]:
    """What a recipe is told of the fold that is held out."""
    return () if folds is None else (f"data.folds={folds}", f"data.fold={fold}")


def folder_of(file: Path) -> Path:
    return RUNS / file.stem


def run(grid: Sequence[Cell], options: Sequence[str], resume: bool, *, say: Say) -> list[Failure]:
    """Trains what is not finished yet; `options` go to each `archc train`.

    A training that fails stops no other. Raises UsageError where there is a run and `resume` is not
    asked for, DataError where a run is of another experiment, Interrupted after a signal.
    """
    _check(grid, resume)
    failures = []
    seconds: list[float] = []  # of the trainings that this call has run from start to end
    for number, cell in enumerate(grid, start=1):
        place = f"run {number} of {len(grid)}"
        try:
            if cell.is_finished():
                say(f"{place}: {cell.name}, finished before")
                continue
            left = f", {_time_left(seconds, grid[number - 1 :])} left" if seconds else ""
            say(f"{place}{left}: {cell.name}")
            is_whole, began = not holds_run(cell.run.path), time.monotonic()
            code, reason = _train(cell.command(options))
            if is_whole and not code and cell.is_finished():
                seconds.append(time.monotonic() - began)
        except Interrupted:
            raise
        except ArchError as error:  # what lies in its folder cannot be read
            code, reason = error.exit_code, summary(error)
        if code in (INTERRUPTED, TERMINATED):
            raise Interrupted(
                f"stopped by a signal in {cell.run.path}",
                signal=code - 128,
                hint="continue with the same command and --resume",
            )
        if code:
            failures.append(Failure(run=cell.name, code=code, reason=reason))
    return failures


def _time_left(seconds: Sequence[float], rest: Sequence[Cell]) -> str:
    """How long the rest takes if each takes as long as those before on average."""
    unfinished = sum(not cell.is_finished() for cell in rest)
    return duration(unfinished * sum(seconds) / len(seconds))


def check_before(grid: Sequence[Cell], request: TrainingRequest, say: Say) -> list[Failure]:
    """What stands in the way of trainings, as far as it can be seen before the first step.

    `request` is what all of them have in common. Each remark is made once, and of trainings that
    differ only by the seed one is checked.
    """
    reasons: dict[tuple[str, ...], ArchError | None] = {}
    remarks: set[str] = set()

    def say_once(text: str) -> None:
        if text not in remarks:
            remarks.add(text)
            say(text)

    failures = []
    for cell in grid:
        key = (cell.spec, cell.recipe, cell.name if holds_run(cell.run.path) else "")
        if key not in reasons:
            reasons[key] = _obstacle(cell, request, say_once)
        error = reasons[key]
        if error is not None:
            hint = error.records()[0]["hint"]
            failures.append(
                Failure(
                    run=cell.name,
                    code=error.exit_code,
                    reason=summary(error),
                    hint=None if hint is None else str(hint),
                )
            )
    return failures


def _obstacle(cell: Cell, request: TrainingRequest, say: Say) -> ArchError | None:
    try:
        if not cell.is_finished():
            cell_request = replace(
                request,
                spec=cell.spec,
                recipe=cell.recipe,
                seed=cell.seed,
                sets=(*request.sets, *cell.sets),
                run_dir=cell.run.path,
                resume=holds_run(cell.run.path),
            )
            prepare(cell_request, say)
    except ArchError as error:
        return error
    return None


def _check(grid: Sequence[Cell], resume: bool) -> None:
    for cell in grid:
        if not holds_run(cell.run.path):
            continue
        if not resume:
            raise UsageError(
                f"{cell.run.path} already holds a run", hint="--resume continues with what is there"
            )
        identity = cell.run.identity()
        if identity is not None:
            common = identity.restrict(cell.identity.record)
            common.check_same(cell.identity, str(cell.run.path))


def _train(command: Sequence[str]) -> tuple[int, str]:
    """The exit code of a training in a session of its own, and why it failed.

    A signal to this process is passed on once, and the training stops in good order. So it does
    where this process dies, since the pipe to it ends then.
    """
    with stoppable() as stop, _start(command) as process:
        passed_on = False
        try:
            while process.poll() is None:
                if stop.signal is not None and not passed_on:
                    process.send_signal(stop.signal)
                    passed_on = True
                time.sleep(WAIT)
        except BaseException:  # a second signal: at once
            process.kill()
            raise
        answer = process.stdout.read() if process.stdout else b""
        return process.returncode, _reason(process.returncode, answer)


def _start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - archc itself
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )


def _reason(code: int, answer: bytes) -> str:
    """Why a training ended: its own words, or what its exit code means."""
    if answer:
        return str(json.loads(answer)["message"])
    if code == -signal.SIGKILL:
        return f"ended by signal {-code}, as when memory runs out"
    if code < 0:
        return f"ended by signal {-code}"
    return f"ended with exit code {code}; its last output is above"


def read_back(grid: Sequence[Cell], say: Say) -> list[Record]:
    """The runs that have begun, but those whose files are damaged, of which it warns."""
    records = []
    for cell in grid:
        if not (cell.run.path / ENVIRONMENT).exists():
            continue
        try:
            record = read(cell.run.path)
            compare_runs([record])  # reads whatever a comparison reads
            if not is_locked(cell.run.path):
                check_files(cell.run.path)
            records.append(record)
        except ArchError as error:
            say(f"warning: {cell.name} is missing from the summary: {summary(error)}")
    return records


def write_summary(folder: Path, name: str, content: bytes | str) -> None:
    put(folder / name, content)
