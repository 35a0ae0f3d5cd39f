"""The committed version of a file."""

from pathlib import Path


def committed_text(file: Path) -> str | None:
    """The text of a file in the last commit; None where there is none."""
    return None
