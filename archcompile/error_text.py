"""An error in full, as a person reads it: its place, the source line, and how to mend it."""

from collections.abc import Iterator
from unicodedata import east_asian_width

from archcompile.errors import ArchError, Diagnostic, Location, SpecError, visible
from archcompile.python_words import as_argument, in_python

LINE = 160  # characters of a source line that are shown
SHOWN = 20  # diagnostics in one go

_COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "help": "\x1b[1;36m",
}


def for_python(error: ArchError) -> str:
    """What `str(error)` is: options of the command line are named as arguments of functions."""
    if isinstance(error, SpecError):
        rest = len(error.diagnostics) - SHOWN
        parts = [render(finding, is_python=True) for finding in error.diagnostics[:SHOWN]]
        return "\n".join([*parts, f"… and {rest} more"] if rest > 0 else parts)
    lines = [visible(in_python(line)) for line in error.message.splitlines()]
    return "\n".join([*lines, f"  help: {visible(in_python(error.hint))}"] if error.hint else lines)


def render(diagnostic: Diagnostic, colour: bool = False, *, is_python: bool = False) -> str:
    """`file:line:column: error[code]: message`, the source line with a caret, help and notes."""
    return "\n".join(_lines(diagnostic, colour, is_python))


def _lines(diagnostic: Diagnostic, colour: bool, is_python: bool) -> Iterator[str]:
    def words(text: str) -> str:
        return visible(in_python(text) if is_python else text)

    def name(place: Location) -> str:
        argument = as_argument(place) if is_python else None
        return visible(argument or str(place))

    word = paint(diagnostic.severity, f"{diagnostic.severity}[{diagnostic.code}]", colour)
    yield f"{name(diagnostic.location)}: {word}: {words(diagnostic.message)}"
    yield from _source(diagnostic.location, diagnostic.severity, colour)
    if diagnostic.hint:
        yield f"  {paint('help', 'help', colour)}: {words(diagnostic.hint)}"
    for text, place in diagnostic.notes:
        yield f"  {paint('note', 'note', colour)}: {words(text)}: {name(place)}"
        for line in _source(place, "note", colour):
            yield f"  {line}"


def _source(place: Location, severity: str, colour: bool) -> list[str]:
    if not place.text.strip():
        return []
    start = max(0, place.column - 1 - LINE // 2) if place.column > LINE else 0
    text = place.text[start : start + LINE]
    column = place.column - 1 - start
    before, marked = text[:column], text[column:][: place.width]
    number, space = str(place.line), " " * display_width(visible(before))
    caret = "^" * max(1, display_width(visible(marked)))
    return [
        f"  {number} | {visible(text).rstrip()}",
        f"  {' ' * len(number)} | {space}{paint(severity, caret, colour)}",
    ]


def display_width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def paint(kind: str, text: str, colour: bool) -> str:
    return f"{_COLOURS.get(kind, '')}{text}\x1b[0m" if colour else text
