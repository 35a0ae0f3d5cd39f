"""What a stream can show: how many columns, and whether colours."""

import os
import re
from typing import IO

USUAL = 80  # columns of a terminal that does not know its width
_LABEL = re.compile(
    r"(?P<blanks> *)((?P<place>[^\n]+?:\d+:\d+):\s)?"
    r"(?P<label>(?P<kind>error|warning|note|help)(\[[\w-]+\])?|(?(place)(?!))[a-z]+( [a-z]+)?)"
    r"(?P<end>:(\s|$))"
)
COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "help": "\x1b[1;36m",
    "heading": "\x1b[1m",
    "place": "\x1b[36m",
    "dim": "\x1b[2m",
    "removed": "\x1b[31m",
    "changed": "\x1b[33m",
    "added": "\x1b[32m",
}


def width_of(stream: IO[str] | None) -> int | None:
    """The columns of a terminal, or of COLUMNS if that is set; None: the stream is none."""
    if stream is None or not stream.isatty():
        return None
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or USUAL
    except OSError:  # it has no file behind it
        return USUAL


def is_coloured(stream: IO[str] | None) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR is set to anything (no-color.org)."""
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (
        stream.isatty() and os.environ.get("TERM") != "dumb"
    )


def paint_label(text: str, stream: IO[str]) -> str:
    """A message with the label that it begins with in colour, and the place before that.

    The label of an error or warning has the colour of its kind; that of a fact, such as
    `network: …`, is a heading.
    """
    match = _LABEL.match(text)
    if match is None or not is_coloured(stream):
        return text
    blanks, place, label, kind, end = match.group("blanks", "place", "label", "kind", "end")
    before = f"{paint('place', place, True)}: " if place else ""
    return f"{blanks}{before}{paint(kind or 'heading', label, True)}{end}{text[match.end() :]}"


def paint(kind: str, text: str, colour: bool) -> str:
    """The text in the colour of a kind of text."""
    return f"{COLOURS.get(kind, '')}{text}\x1b[0m" if colour and text else text
