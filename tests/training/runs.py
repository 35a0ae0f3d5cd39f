"""Trainings of the tiny network, and what they leave.

`tests/conftest.py` offers `tiny_run`, which shares finished runs between all tests.
"""

import csv
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest

from archcompile.run_files import AVERAGED, MANIFEST
from archcompile.run_folder import checkpoint
from archcompile.run_folder.folder import Run
from archcompile.training.api import train
from tests.warm import run_archc

FOLDER = Path(__file__).parent
SPEC, RECIPE = str(FOLDER / "tiny.yaml"), str(FOLDER / "tiny_recipe.yaml")
TIMING = ("seconds", "images_per_second")


def silent(text: str) -> None:
    """Takes the messages of a run."""


def run_tiny(folder: Path, **options: Any) -> Run:
    """A run that leaves its two charts blank, since drawing them takes 40 % of so short a run.

    `tiny_run` has them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archcompile.training.finish.draw_history", lambda *_, **__: b"a blank chart")
        return train(
            **{"spec": SPEC, "recipe": RECIPE, "run_dir": folder, "say": silent, **options}
        )


class TinyRun(Protocol):
    def __call__(self, *, epochs: int) -> Path: ...


def shared_runs(folder: Path) -> TinyRun:
    """`tiny_run(epochs=2)`: a finished run that nobody disturbed, trained once for all tests.

    A test that changes it copies it first. Its report names the folder that it was trained in.
    Two workers that want the same run at the same time both train it, and the first to finish
    provides it.
    """

    def tiny_run(*, epochs: int) -> Path:
        place = folder / f"epochs_{epochs}"
        if not place.exists():
            part = folder / f"{place.name}_{os.getpid()}"
            train(SPEC, recipe=RECIPE, run_dir=part, epochs=epochs, say=silent)
            with suppress(OSError):  # the other worker was first
                part.rename(place)
        return place

    return tiny_run


def history(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for key in TIMING:
            row.pop(key, None)
    return rows


def tensors(folder: Path) -> dict[str, bytes]:
    path = checkpoint.latest_first(folder / "checkpoints")[0]
    return {name: array.tobytes() for name, array in checkpoint.read(path).tensors.items()}


def average_of(folder: Path) -> dict[str, bytes]:
    """The averaged weights; nothing where there are none."""
    path = folder / AVERAGED
    arrays = checkpoint.read(path).tensors if path.exists() else {}
    return {name: array.tobytes() for name, array in arrays.items()}


def assert_same_end(first: Path, second: Path) -> None:
    """To the last bit."""
    ends = [(history(folder), tensors(folder), average_of(folder)) for folder in (first, second)]
    assert ends[0] == ends[1]


def at_step(patch: pytest.MonkeyPatch, step: int, act: Callable[[], Any]) -> None:
    """Acts right after the update of that number, before it is counted."""
    from archcompile.training.loop import TrainingLoop

    original = TrainingLoop._after_steps

    def take_step(self: TrainingLoop, count: int) -> None:
        if self.state.step + 1 == step:
            act()
        original(self, count)

    patch.setattr(TrainingLoop, "_after_steps", take_step)


def train_until(step: int, folder: str, sets: list[str]) -> None:
    """Begins a run or goes on with it, in a process that is killed right after that step."""
    from archcompile.training.loop import TrainingLoop

    original = TrainingLoop._after_steps

    def after_steps(self: TrainingLoop, count: int) -> None:
        original(self, count)
        if self.state.step == step:
            os.kill(os.getpid(), signal.SIGKILL)

    TrainingLoop._after_steps = after_steps  # type: ignore[method-assign]
    has_begun = (Path(folder) / MANIFEST).exists()
    train(SPEC, recipe=RECIPE, run_dir=folder, resume=has_begun, sets=sets)


def interrupt() -> None:
    raise KeyboardInterrupt


def show_every_step(*words: str) -> None:
    """In the process: a command that shows each step, however soon it comes."""
    from archcompile.training import progress

    progress.BEAT = 0.0
    run_archc(*words)
