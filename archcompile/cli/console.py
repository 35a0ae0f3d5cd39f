"""What a person sees: text and tables in the width of the terminal, diagnostics with their line."""

import sys
from collections.abc import Sequence

from archcompile.errors import ArchError, Diagnostic, Location, SpecError, visible
from archcompile.messages import to_stderr
from archcompile.terminal import cells, fit, is_coloured, paint, width_of
from archcompile.terminal import table as table_lines

LINE = 160  # characters of a source line that are shown
SHOWN = 20  # diagnostics in one go
CUT = "…"


def say(text: str) -> None:
    """A message for the person, on stderr."""
    to_stderr(text)


def print_text(text: str, end: str = "\n") -> None:
    """A text on stdout, wrapped if that is a terminal."""
    print(fit(text, sys.stdout), end=end)


def heading(text: str) -> str:
    """A heading on stdout, in bold where there are colours."""
    return paint("heading", text, is_coloured(sys.stdout))


def dim(text: str) -> str:
    """What matters less on stdout, in grey where there are colours."""
    return paint("dim", text, is_coloured(sys.stdout))


def table(
    rows: Sequence[tuple[str, ...]],
    right: frozenset[int] = frozenset(),
    *,
    least: Sequence[int] = (),
    has_heading: bool = True,
    indent: str = "",
) -> str:
    """Aligned columns, as many as fit into the terminal that stdout is; see `terminal.table`."""
    width = width_of(sys.stdout)
    lines = table_lines(
        rows,
        right,
        width=None if width is None else width - len(indent),
        least=least,
        has_heading=has_heading,
        colour=is_coloured(sys.stdout),
    )
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


def plural(count: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word}{'s' if count != 1 else ''}"


# ---- diagnostics ---------------------------------------------------------------------------------


def report(error: ArchError) -> None:
    """An error on stderr."""
    if isinstance(error, SpecError):
        for diagnostic in error.diagnostics[:SHOWN]:
            say_diagnostic(diagnostic)
        if len(error.diagnostics) > SHOWN:
            say(f"… and {len(error.diagnostics) - SHOWN} more")
        return
    lines = "\n".join(map(visible, error.message.splitlines()))
    say(f"error: {lines}")
    if error.hint:
        say(f"  help: {visible(error.hint)}")


def say_diagnostic(diagnostic: Diagnostic) -> None:
    """A finding on stderr."""
    say(render(diagnostic, is_coloured(sys.stderr), width_of(sys.stderr)))


def render(diagnostic: Diagnostic, colour: bool = False, width: int | None = None) -> str:
    """`file:line:column: error[code]: message`, the source line with a caret, help and notes.

    Only source lines are cut to the width; whoever prints the text wraps the others.
    """
    word = paint(diagnostic.severity, f"{diagnostic.severity}[{diagnostic.code}]", colour)
    place = paint("place", visible(str(diagnostic.location)), colour)
    lines = [
        f"{place}: {word}: {visible(diagnostic.message)}",
        *_source(diagnostic.location, diagnostic.severity, colour, width=width),
    ]
    if diagnostic.hint:
        lines.append(f"  {paint('help', 'help', colour)}: {visible(diagnostic.hint)}")
    for text, origin in diagnostic.notes:
        where = paint("place", visible(str(origin)), colour)
        lines.append(f"  {paint('note', 'note', colour)}: {visible(text)}: {where}")
        room = None if width is None else width - 2
        lines += [f"  {line}" for line in _source(origin, "note", colour, width=room)]
    return "\n".join(lines)


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
