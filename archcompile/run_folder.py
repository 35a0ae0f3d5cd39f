"""What makes a folder the folder of a run: the one place that knows which files training leaves there."""

from pathlib import Path

MARKS = ("recipe.yaml", "resolved.yaml", "environment.json", "history.csv", "result.json", "checkpoints", "model.keras")
ENOUGH = 2  # of these make a run: `archc build` leaves a model.keras, and other programs an environment.json
FILES = (*MARKS, "spec.yaml", "classes.json", "preprocessing.safetensors", "report.html", "curves.png", "curves.svg")


def holds_run(folder: Path) -> bool:
    """Whether training has left enough there that it must be a run."""
    return sum((folder / mark).exists() for mark in MARKS) >= ENOUGH


def is_of_run(file: Path) -> bool:
    """Whether a file is one of those that a run consists of."""
    return file.name in FILES and file.exists() and holds_run(file.parent)
