"""What a command tells while it works, beside its result."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from archcompile.python_words import in_python
from archcompile.terminal import fit, paint_label

Say = Callable[[str], None]  # takes one line


def to_stderr(text: str) -> None:
    """Prints a line to stderr at once, wrapped if that is a terminal."""
    write_line(paint_label(fit(text, sys.stderr), sys.stderr), sys.stderr)


def write_line(text: str, stream: IO[str]) -> None:
    """Writes a line in one go, behind what has been printed: both may end in one terminal."""
    if sys.stdout is not None:
        with suppress(OSError, ValueError):  # whoever prints there is told
            sys.stdout.flush()
    stream.write(f"{text}\n")
    stream.flush()


def to_python(text: str) -> None:
    """The same for a caller in Python, in whose words options are arguments."""
    to_stderr(in_python(text))
