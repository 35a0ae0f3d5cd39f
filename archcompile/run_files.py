"""What makes a folder that of a run, and the names of the files that training leaves there."""

import os
import re
from pathlib import Path

from archcompile.errors import UsageError

RUNS = Path("runs")  # where new runs go
SPEC = "spec.yaml"  # as given
RESOLVED = "resolved.yaml"  # the spec, self-contained: a run never needs the original again
RECIPE = "recipe.yaml"  # every value written out
# versions, machine, seed, command line; an entry more for each time the run was resumed
ENVIRONMENT = "environment.json"
STATISTICS = "preprocessing.safetensors"  # what is subtracted from images, and what divides them
CLASSES = "classes.json"  # their names
MANIFEST = "MANIFEST.json"  # has the digests of INPUTS
CHECKPOINTS = "checkpoints"  # a folder; see `run_folder.checkpoint`
AVERAGED = "averaged"  # a checkpoint by itself, of the average of the weights
HISTORY = "history.csv"  # a row per epoch
RESULT = "result.json"
MODEL = "model.keras"  # of the last epoch, plain Keras
CURVES_SVG, CURVES_PNG = "curves.svg", "curves.png"  # loss and accuracy over epochs
REPORT = "report.html"  # the whole run on one page
LOCK = ".lock"
PART = ".part-"  # what the name of a file begins with while it is written

# a folder with ENOUGH of these is that of a run
MARKS = (RECIPE, RESOLVED, ENVIRONMENT, HISTORY, RESULT, CHECKPOINTS, MODEL)
# `archc build` leaves a model.keras, and other programs an environment.json
ENOUGH = 2
# what is written before the first step
INPUTS = (SPEC, RESOLVED, RECIPE, ENVIRONMENT, STATISTICS, CLASSES)
FILES = tuple(dict.fromkeys((*MARKS, *INPUTS, MANIFEST, REPORT, CURVES_PNG, CURVES_SVG)))

# the epochs and the steps that were done
CHECKPOINT = re.compile(r"epoch-([0-9]{4,})-step-([0-9]{8,})\Z")


def checkpoint_name(epochs: int, steps: int) -> str:
    """The name of a checkpoint's folder; CHECKPOINT reads it."""
    return f"epoch-{epochs:04d}-step-{steps:08d}"


def holds_run(folder: Path) -> bool:
    """Whether training has left enough there that it must be a run."""
    # unlike Path.exists, False where a name is too long
    return sum(os.path.exists(folder / mark) for mark in MARKS) >= ENOUGH


def is_of_run(file: Path) -> bool:
    """Whether a file is one of those that a run consists of."""
    return file.name in FILES and file.exists() and holds_run(file.parent)


def is_left_by_a_start(folder: Path) -> bool:
    """Whether only a training has been here that was killed before its folder was a run's."""
    if not folder.is_dir() or holds_run(folder):
        return False
    return all(
        path.name in (*INPUTS, MANIFEST, LOCK) or path.name.startswith(PART)
        for path in folder.iterdir()
    )


def no_run(folder: Path) -> UsageError:
    """The error that a folder is not that of a run, or not there at all."""
    problem = f"{folder} is not a run folder"
    if is_left_by_a_start(folder):
        hint = "what was begun there was killed before anything was written: give its spec again"
    elif within := [path for path in sorted(folder.glob("*/")) if holds_run(path)]:
        hint = f"it holds runs: name one of them, such as {within[0]}"
    else:
        problem += "" if folder.exists() else ": there is nothing of that name"
        hint = f"`archc runs` lists the runs in the folder {RUNS}"
    return UsageError(problem, hint=hint)
