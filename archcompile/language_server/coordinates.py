"""Where a place of archc lies as an editor counts: lines and columns from 0, in its own units.

archc breaks lines where YAML does, also at the line separators of Unicode, where no editor does. So
a place goes by way of its offset in the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from lsprotocol import types

from archcompile.editor import Position, Span

_YAML_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_SINGLE_BREAKS = "\r\n\x85\u2028\u2029"
_EDITOR_BREAK = re.compile("\r\n|[\r\n]")
# an encoding of the protocol: the codec, and the bytes of a unit
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Coordinates:
    """The places of one text, between archc and an editor that counts in `encoding`."""

    def __init__(self, text: str, encoding: str = "utf-16"):
        self._text = text
        self._codec, self._unit = _CODECS[encoding]
        self._yaml_lines = list(_starts(_YAML_BREAK, text))
        self._editor_lines = list(_starts(_EDITOR_BREAK, text))

    def for_editor(self, position: Position) -> types.Position:
        """A place of archc; beyond the end of its line, or of the text, the end."""
        offset = _offset(
            self._yaml_lines, self._text, position.line - 1, column=position.column - 1
        )
        line = bisect_right(self._editor_lines, offset) - 1
        before = self._text[self._editor_lines[line] : offset]
        return types.Position(line=line, character=self._count_units(before))

    def for_archc(self, position: types.Position) -> Position:
        """A place of the editor; beyond the end of its line, or of the text, the end."""
        if position.line >= len(self._editor_lines):
            return self._position(len(self._text))
        start, end = self._editor_line(position.line)
        return self._position(start + self._count_characters(start, end, position.character))

    def range_of(self, span: Span) -> types.Range:
        return types.Range(start=self.for_editor(span.start), end=self.for_editor(span.end))

    def line_for_editor(self, line: int) -> int:
        """A line of archc as a line of the editor."""
        return int(self.for_editor(Position(line, 1)).line)

    def _position(self, offset: int) -> Position:
        line = bisect_right(self._yaml_lines, offset) - 1
        return Position(line + 1, offset - self._yaml_lines[line] + 1)

    def _editor_line(self, line: int) -> tuple[int, int]:
        """Where a line begins, and where its text ends."""
        start = self._editor_lines[line]
        is_last = line + 1 == len(self._editor_lines)
        end = len(self._text) if is_last else self._editor_lines[line + 1]
        return start, end - len(self._text[start:end]) + len(self._text[start:end].rstrip("\r\n"))

    def _count_units(self, text: str) -> int:
        if text.isascii():
            return len(text)
        return len(text.encode(self._codec, "surrogatepass")) // self._unit

    def _count_characters(self, start: int, end: int, units: int) -> int:
        """The characters that lie wholly in the first units of a stretch of text."""
        line = self._text[start : min(end, start + units)]
        if line.isascii():
            return len(line)
        encoded = line.encode(self._codec, "surrogatepass")[: units * self._unit]
        return len(encoded.decode(self._codec, "ignore"))


def _starts(line_break: re.Pattern[str], text: str) -> Iterator[int]:
    """Where the lines begin."""
    yield 0
    for match in line_break.finditer(text):
        yield match.end()


def _offset(starts: list[int], text: str, line: int, *, column: int) -> int:
    """The offset of a place, kept within its line and within the text."""
    if line >= len(starts):
        return len(text)
    end = starts[line + 1] if line + 1 < len(starts) else len(text)
    line_break = next((b for b in ("\r\n", *_SINGLE_BREAKS) if text.endswith(b, 0, end)), "")
    is_last = line + 1 == len(starts)
    return min(starts[line] + max(column, 0), end if is_last else end - len(line_break))
