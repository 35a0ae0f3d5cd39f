"""Lines broken between words, never within one."""

import re
from typing import IO
from unicodedata import combining, east_asian_width

from archcompile.terminal.screen import width_of

_COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
_WORD = re.compile(r"( *)((?:[-+~#] )?\S+)")  # a mark belongs to the word behind it
# `key: value` stays together where there is room
_PAIR = re.compile(r"( *)((?:[-+~#] |[\[{]*\w+: (?=[\[{$\w.\"-]))*\S+)")
_FIELD = re.compile(r"( *)(\S+(?: \S+)*)")  # words between two blanks or more
# what a line begins with, and with blanks instead, those that continue it: `- ` of a list, `# `
_START = re.compile(r" *(?:# *)?(?:- )?")
_TERM = re.compile(r" *\S+(?: \S+)*? {2,}(?=\S)")  # `parameters    ` of `parameters    274,442`
TERM = 18  # columns of the widest term that a line hangs behind
STEP = 2  # columns that the rest of a line stands further to the right


def cells(text: str) -> int:
    """Columns that a text takes on a terminal."""
    plain = _COLOUR.sub("", text)
    if plain.isascii():
        return len(plain)
    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in plain)


def wrap(text: str, width: int, hang: str | None = None) -> list[str]:
    """A line as lines of at most `width` columns, those behind the first begin with `hang`.

    A word that is wider stands alone on its line. Without `hang`, the rest hangs below what the
    line says of the term that it begins with, or two columns further to the right than its start.
    """
    if cells(text) <= width:
        return [text]
    hang = _hanging(text) if hang is None else hang
    lines: list[str] = []
    line = ""
    for gap, word in _pieces(text, width - cells(hang)):
        longer = f"{line}{gap}{word}"
        if line.strip() and cells(longer) > width:
            lines.append(line)
            longer = hang[: max(0, width - cells(word))] + word
        line = longer
    return [*lines, line]


def words(text: str) -> list[str]:
    """What a line is never broken within."""
    return [word for _, word in _WORD.findall(text)]


def _pieces(text: str, room: int) -> list[tuple[str, str]]:
    """What stays together, each with the blanks before it: fields if they fit, else words."""
    fields: list[tuple[str, str]] = _FIELD.findall(text)
    if len(fields) > 2 and all(cells(field) <= room for _, field in fields):
        return fields
    pieces: list[tuple[str, str]] = []
    for gap, piece in _PAIR.findall(text):
        split = [(gap, piece)] if cells(piece) <= room else _WORD.findall(gap + piece)
        pieces += split
    return pieces


def _hanging(text: str) -> str:
    term = _TERM.match(text)
    if term and cells(term[0]) <= TERM:
        return " " * cells(term[0])
    start = _START.match(text)
    assert start is not None  # it matches nothing, too
    mark = "#" if "#" in start[0] else ""
    return f"{mark}{' ' * (len(start[0]) - len(mark) + STEP)}"


def fit(text: str, stream: IO[str]) -> str:
    """A text as the stream has room for it: wrapped on a terminal, elsewhere as it is."""
    width = width_of(stream)
    if width is None:
        return text
    return "\n".join(part for line in text.split("\n") for part in wrap(line, width))
