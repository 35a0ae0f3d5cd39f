"""What makes a folder the folder of a run: the one place that knows which files training leaves
there.
"""

from pathlib import Path

MARKS = (
    "recipe.yaml",
    "resolved.yaml",
    "environment.json",
    "history.csv",
    "result.json",
    "checkpoints",
    "model.keras",
)
# of these make a run: `archc build` leaves a model.keras, and other programs an environment.json
ENOUGH = 2
MANIFEST = "MANIFEST.json"  # has the digests of INPUTS
STATISTICS = "preprocessing.safetensors"
INPUTS = (
    "spec.yaml",
    "resolved.yaml",
    "recipe.yaml",
    "environment.json",
    STATISTICS,
    "classes.json",
)
FILES = tuple(dict.fromkeys((*MARKS, *INPUTS, MANIFEST, "report.html", "curves.png", "curves.svg")))
LOCK = ".lock"
PART = ".part-"  # what the name of a file begins with while it is written


def holds_run(folder: Path) -> bool:
    """Whether training has left enough there that it must be a run."""
    return sum((folder / mark).exists() for mark in MARKS) >= ENOUGH


def is_of_run(file: Path) -> bool:
    """Whether a file is one of those that a run consists of."""
    return file.name in FILES and file.exists() and holds_run(file.parent)


def is_left_by_a_start(folder: Path) -> bool:
    """Whether nothing lies there but what a training leaves that was killed before its folder was
    that of a run.
    """
    if not folder.is_dir() or holds_run(folder):
        return False
    return all(
        path.name in (*INPUTS, MANIFEST, LOCK) or path.name.startswith(PART)
        for path in folder.iterdir()
    )
