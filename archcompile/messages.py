"""What a command tells while it works, beside its result."""

import sys
from collections.abc import Callable

Say = Callable[[str], None]  # takes one line


def to_stderr(text: str) -> None:
    """Prints a line to stderr at once."""
    print(text, file=sys.stderr, flush=True)
