"""What a command tells while it works, beside its result."""

import sys
from collections.abc import Callable

from archcompile.terminal import fit, paint_label

Say = Callable[[str], None]  # takes one line


def to_stderr(text: str) -> None:
    """Prints a line to stderr at once, wrapped if that is a terminal."""
    print(fit(paint_label(text, sys.stderr), sys.stderr), file=sys.stderr, flush=True)
