"""What a person sees: diagnostics with their source line, in colour on a terminal."""

import os
import sys
from collections.abc import Sequence
from typing import IO

from archcompile.error_text import SHOWN, display_width, paint, render
from archcompile.errors import ArchError, SpecError, visible


def is_coloured(stream: IO[str]) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR is set to anything (no-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (
        stream.isatty() and os.environ.get("TERM") != "dumb"
    )


def say(text: str) -> None:
    """A message for the person, on stderr."""
    print(text, file=sys.stderr, flush=True)


def report(error: ArchError) -> None:
    """An error on stderr."""
    colour = is_coloured(sys.stderr)
    if isinstance(error, SpecError):
        for diagnostic in error.diagnostics[:SHOWN]:
            say(render(diagnostic, colour))
        if len(error.diagnostics) > SHOWN:
            say(f"… and {len(error.diagnostics) - SHOWN} more")
        return
    lines = "\n".join(map(visible, error.message.splitlines()))
    say(f"{paint('error', 'error', colour)}: {lines}")
    if error.hint:
        say(f"  {paint('help', 'help', colour)}: {visible(error.hint)}")


def plural(count: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word}{'s' if count != 1 else ''}"


def table(rows: Sequence[tuple[str, ...]], right: frozenset[int]) -> str:
    """Columns aligned, those in `right` to the right."""
    cells = [list(map(visible, row)) for row in rows]
    widths = [max(map(display_width, column)) for column in zip(*cells, strict=True)]

    def pad(i: int, cell: str) -> str:
        space = " " * (widths[i] - display_width(cell))
        return space + cell if i in right else cell + space

    def line(row: list[str]) -> str:
        return "  ".join(pad(i, cell) for i, cell in enumerate(row)).rstrip()

    return "\n".join(map(line, cells))
