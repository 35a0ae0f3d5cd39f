"""What a command tells while it works, beside its result."""

import sys
from collections.abc import Callable

from archcompile.python_words import in_python
from archcompile.terminal import fit, paint_label

Say = Callable[[str], None]  # takes one line


def to_stderr(text: str) -> None:
    """Prints a line to stderr at once, wrapped if that is a terminal."""
    print(fit(paint_label(text, sys.stderr), sys.stderr), file=sys.stderr, flush=True)


def to_python(text: str) -> None:
    """The same for a caller in Python, in whose words options are arguments."""
    to_stderr(in_python(text))
