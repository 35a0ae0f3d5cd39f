"""An experiment run: every spec trained by every recipe with every seed, each in a process of its own, one after another."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import archcompile
from archcompile.analyses.depth import depth
from archcompile.errors import ArchError, DataError, Interrupted, MissingError, TrainingStopped, UsageError
from archcompile.recipe.load import load as load_recipe
from archcompile.run_folder import holds_run, is_left_by_a_start
from archcompile.spec.settings import split_sets
from archcompile.train import checkpoint, files
from archcompile.train.experiment import Experiment
from archcompile.train.run import RUNS, Run
from archcompile.train.signals import stoppable

WAIT = 0.2  # seconds between two looks at a training that runs
STOPPED = TrainingStopped.exit_code  # of a training that stopped itself: the others go on
INTERRUPTED = (130, 143)
FAULTS = {error.exit_code: error for error in (ArchError, UsageError, MissingError, DataError)}


@dataclass(frozen=True)
class Cell:
    """One training of a grid; `identity` is what its run has of spec, recipe and seed."""

    spec: str
    recipe: str
    seed: int
    run: Run
    identity: dict[str, object]
    length: tuple[int | None, int | None]  # epochs or steps

    def is_finished(self) -> bool:
        """Whether the run has come to its end, and to the one that the experiment asks for."""
        if not self.run.is_finished():
            return False
        file = self.run.path / "recipe.yaml"
        if not file.exists():
            return False
        ran = load_recipe(file)
        return (ran.epochs, ran.steps) == self.length

    def command(self, options: Sequence[str]) -> list[str]:
        """The command of the training; `-P`, or Python would take modules from the folder it is started in."""
        folder = self.run.path
        resume = ("--resume",) if holds_run(folder) or is_left_by_a_start(folder) else ()
        return [sys.executable, "-P", "-m", "archcompile", "train", self.spec, "--recipe", self.recipe, "--seed", str(self.seed),
                "--run-dir", str(self.run.path), *options, *resume]  # fmt: skip


def cells(experiment: Experiment, folder: Path) -> list[Cell]:
    """The trainings in the order in which they run. Raises ArchError for whatever is wrong with a spec or a recipe."""
    for_spec, for_recipe = split_sets(experiment.set)
    graphs = [archcompile.compile(spec, sets=for_spec) for spec in experiment.specs]
    recipes = [load_recipe(Path(recipe), for_recipe) for recipe in experiment.recipes]
    found = []
    for (spec, graph), (file, recipe), seed in product(
        zip(experiment.specs, graphs, strict=True), zip(experiment.recipes, recipes, strict=True), experiment.seeds
    ):
        name = f"{graph.name}-{recipe.name}-{seed}"
        identity = {"spec": graph.hash, "recipe": recipe.for_depth(depth(graph)).identity(), "seed": seed}
        found.append(Cell(spec, file, seed, Run(folder / name), identity, (recipe.epochs, recipe.steps)))
    for cell in found:
        if sum(other.run == cell.run for other in found) > 1:
            raise UsageError(f"two trainings of the experiment would be called {cell.run.path.name}",
                             hint="give specs and recipes names of their own")  # fmt: skip
    return found


def folder_of(file: Path) -> Path:
    return RUNS / file.stem


def run(grid: Sequence[Cell], options: Sequence[str], resume: bool, say: Callable[[str], None]) -> None:
    """Trains what is not finished yet; `options` go to each `archc train`.

    Raises UsageError where there is a run and `resume` is not asked for, DataError where a run is of another experiment,
    Interrupted after a signal, TrainingStopped at the end where trainings stopped themselves, else what a training ended with.
    """
    _check(grid, resume)
    stopped = []
    for number, cell in enumerate(grid, start=1):
        name = f"[{number}/{len(grid)}] {cell.run.path.name}"
        if cell.is_finished():
            say(f"{name}: finished before")
            continue
        say(name)
        code = _trained(cell.command(options))
        if code in INTERRUPTED:
            raise Interrupted(f"stopped by a signal in {cell.run.path}", signal=code - 128,
                              hint="the same command with --resume goes on")  # fmt: skip
        if code == STOPPED:
            stopped.append(cell.run.path.name)
        elif code:
            raise FAULTS.get(code, ArchError)(f"the training in {cell.run.path} ended with exit code {code}",
                                              hint="once that is mended, the same command with --resume goes on")  # fmt: skip
    if stopped:
        raise TrainingStopped(f"{len(stopped)} of {len(grid)} trainings stopped themselves: {', '.join(stopped)}")


def _check(grid: Sequence[Cell], resume: bool) -> None:
    for cell in grid:
        if not holds_run(cell.run.path):
            continue
        if not resume:
            raise UsageError(f"{cell.run.path} holds a run already", hint="--resume goes on with what is there")
        there = cell.run.identity()
        if there is not None:
            checkpoint.check_same({key: there.get(key) for key in cell.identity}, cell.identity, str(cell.run.path))


def _trained(command: Sequence[str]) -> int:
    """The exit code of a training in a session of its own: a signal to us is passed on once, and it ends in good order."""
    with stoppable() as stop, _started(command) as process:
        told = False
        try:
            while process.poll() is None:
                if stop.signal is not None and not told:
                    process.send_signal(stop.signal)
                    told = True
                time.sleep(WAIT)
        except BaseException:  # a second signal: at once
            process.kill()
            raise
        return process.returncode


def _started(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - archc itself


def write_summary(folder: Path, name: str, content: bytes | str) -> None:
    files.put(folder / name, content)
