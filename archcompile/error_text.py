"""An error in full, as a person reads it: its place, the source line, and how to mend it."""

import os
import sys
from collections.abc import Iterator
from itertools import takewhile
from traceback import extract_tb, format_list

from archcompile.errors import ArchError, Diagnostic, Location, SpecError, visible
from archcompile.python_words import as_argument, in_python
from archcompile.terminal import cells, paint

LINE = 160  # characters of a source line that are shown
SHOWN = 20  # diagnostics in one go
CUT = "…"


def for_python(error: ArchError) -> str:
    """What `str(error)` is: options of the command line are named as arguments of functions."""
    if isinstance(error, SpecError):
        rest = len(error.diagnostics) - SHOWN
        parts = [render(finding, is_python=True) for finding in error.diagnostics[:SHOWN]]
        return "\n".join([*parts, f"… and {rest} more"] if rest > 0 else parts)
    lines = [visible(in_python(line)) for line in error.message.splitlines()]
    return "\n".join([*lines, f"  help: {visible(in_python(error.hint))}"] if error.hint else lines)


def for_notebooks(error: ArchError) -> list[str]:
    """The error below the lines that led to archc, without those of IPython and of archc."""
    package, shell = map(_folder, (__package__, "IPython"))
    calls = [
        call for call in extract_tb(error.__traceback__) if not call.filename.startswith(shell)
    ]
    outside = takewhile(lambda call: not call.filename.startswith(package), calls)
    lines = [line.rstrip("\n") for line in format_list(outside)]
    return [*lines, f"{type(error).__name__}: {error}"]


def _folder(package: str) -> str:
    """Where the files of a package lie; what no name begins with where it is not imported."""
    file = getattr(sys.modules.get(package), "__file__", None)
    return f"{os.path.dirname(file)}{os.sep}" if file else "\0"


def render(
    diagnostic: Diagnostic,
    colour: bool = False,
    width: int | None = None,
    *,
    is_python: bool = False,
) -> str:
    """`file:line:column: error[code]: message`, the source line with a caret, help and notes.

    Only source lines are cut to the width; whoever prints the text wraps the others.
    """
    return "\n".join(_lines(diagnostic, colour, width, is_python=is_python))


def _lines(
    diagnostic: Diagnostic, colour: bool, width: int | None, *, is_python: bool
) -> Iterator[str]:
    def words(text: str) -> str:
        return visible(in_python(text) if is_python else text)

    def name(place: Location) -> str:
        argument = as_argument(place) if is_python else None
        return paint("place", visible(argument or str(place)), colour)

    word = paint(diagnostic.severity, f"{diagnostic.severity}[{diagnostic.code}]", colour)
    yield f"{name(diagnostic.location)}: {word}: {words(diagnostic.message)}"
    yield from _source(diagnostic.location, diagnostic.severity, colour, width=width)
    if diagnostic.hint:
        yield f"  {paint('help', 'help', colour)}: {words(diagnostic.hint)}"
    room = None if width is None else width - 2
    for text, place in diagnostic.notes:
        yield f"  {paint('note', 'note', colour)}: {words(text)}: {name(place)}"
        for line in _source(place, "note", colour, width=room):
            yield f"  {line}"


def _source(place: Location, severity: str, colour: bool, *, width: int | None) -> list[str]:
    if not place.text.strip():
        return []
    start = max(0, place.column - 1 - LINE // 2) if place.column > LINE else 0
    text = place.text[start : start + LINE]
    column = place.column - 1 - start
    end = column + place.width
    before, marked, after = map(visible, (text[:column], text[column:end], text[end:]))
    number = str(place.line)
    if width is not None:
        before, marked, after = _excerpt(before, marked, after, room=width - len(number) - 5)
    caret = "^" * max(1, cells(marked))
    return [
        f"  {number} | {before}{marked}{after}".rstrip(),
        f"  {' ' * len(number)} | {' ' * cells(before)}{paint(severity, caret, colour)}",
    ]


def _excerpt(before: str, marked: str, after: str, *, room: int) -> tuple[str, str, str]:
    """The words around what is marked that there is room for."""
    if cells(before + marked + after.rstrip()) <= room:
        return before, marked, after
    ahead = before
    while " " in ahead and cells(ahead + marked) > room * 2 // 3:
        ahead = ahead.partition(" ")[2]
    if ahead != before:
        ahead = f"{CUT} {ahead}"
    behind = after.rstrip()
    while behind and cells(f"{ahead}{marked}{behind} {CUT}") > room:
        behind = behind.rpartition(" ")[0]
    if behind != after.rstrip():
        behind = f"{behind} {CUT}"
    while " " in marked and cells(ahead + marked + behind) > room:
        marked = marked.rpartition(" ")[0]
    return ahead, marked, behind
