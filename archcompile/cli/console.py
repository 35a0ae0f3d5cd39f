"""What a person sees: diagnostics with their source line, in colour on a terminal."""

import os
import sys
from collections.abc import Sequence
from typing import IO
from unicodedata import east_asian_width

from archcompile.errors import ArchError, Diagnostic, Location, SpecError, visible

LINE = 160  # characters of a source line that are shown
SHOWN = 20  # diagnostics in one go

_COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "help": "\x1b[1;36m",
}


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
    say(f"{_paint('error', 'error', colour)}: {lines}")
    if error.hint:
        say(f"  {_paint('help', 'help', colour)}: {visible(error.hint)}")


def render(diagnostic: Diagnostic, colour: bool = False) -> str:
    """`file:line:column: error[code]: message`, the source line with a caret, help and notes."""
    word = _paint(diagnostic.severity, f"{diagnostic.severity}[{diagnostic.code}]", colour)
    lines = [
        f"{visible(str(diagnostic.location))}: {word}: {visible(diagnostic.message)}",
        *_source(diagnostic.location, diagnostic.severity, colour),
    ]
    if diagnostic.hint:
        lines.append(f"  {_paint('help', 'help', colour)}: {visible(diagnostic.hint)}")
    for text, place in diagnostic.notes:
        lines.append(f"  {_paint('note', 'note', colour)}: {visible(text)}: {visible(str(place))}")
        lines += [f"  {line}" for line in _source(place, "note", colour)]
    return "\n".join(lines)


def _source(place: Location, severity: str, colour: bool) -> list[str]:
    if not place.text.strip():
        return []
    start = max(0, place.column - 1 - LINE // 2) if place.column > LINE else 0
    text = place.text[start : start + LINE]
    column = place.column - 1 - start
    before, marked = text[:column], text[column:][: place.width]
    number = str(place.line)
    caret = "^" * max(1, _cells(visible(marked)))
    return [
        f"  {number} | {visible(text).rstrip()}",
        f"  {' ' * len(number)} | {' ' * _cells(visible(before))}{_paint(severity, caret, colour)}",
    ]


def _cells(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _paint(kind: str, text: str, colour: bool) -> str:
    return f"{_COLOURS.get(kind, '')}{text}\x1b[0m" if colour else text


def plural(count: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word}{'s' if count != 1 else ''}"


def table(rows: Sequence[tuple[str, ...]], right: frozenset[int]) -> str:
    """Columns aligned, those in `right` to the right."""
    cells = [list(map(visible, row)) for row in rows]
    widths = [max(map(_cells, column)) for column in zip(*cells, strict=True)]

    def pad(i: int, cell: str) -> str:
        space = " " * (widths[i] - _cells(cell))
        return space + cell if i in right else cell + space

    def line(row: list[str]) -> str:
        return "  ".join(pad(i, cell) for i, cell in enumerate(row)).rstrip()

    return "\n".join(map(line, cells))
