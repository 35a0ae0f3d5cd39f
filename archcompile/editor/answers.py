"""What the editor room answers with: places, findings, and what an editor shows about them.

Lines and columns count from 1, columns in characters of Python, as in `errors.Location`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text; `end` is not part of it."""

    start: Position
    end: Position

    def holds(self, position: Position) -> bool:
        """Whether a cursor at this position touches the stretch, at its end too."""
        return self.start <= position <= self.end


def span_in_line(line: int, column: int, width: int) -> Span:
    return Span(Position(line, column), Position(line, column + width))


@dataclass(frozen=True, slots=True)
class Place:
    file: Path
    span: Span


@dataclass(frozen=True, slots=True)
class TextEdit:
    """What stands at a place is replaced by a text; an empty span inserts."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends a finding."""

    title: str
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A mistake, a warning or a remark, in the file that was asked about."""

    code: str
    severity: Severity
    message: str
    hint: str | None
    span: Span
    notes: tuple[tuple[str, Place], ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Hover:
    span: Span
    markdown: str


@dataclass(frozen=True, slots=True)
class InlayHint:
    """A text that is shown at a position, and is not part of the file."""

    position: Position
    text: str
    tooltip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A word that may stand here; `insert` replaces `span`."""

    label: str
    kind: str
    detail: str
    documentation: str
    insert: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A part of the outline; `span` is all of it, `selection` its name."""

    name: str
    detail: str
    kind: str
    span: Span
    selection: Span
    children: tuple["Symbol", ...] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Lens:
    """A sentence above a line."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class NodeLines:
    """Which nodes of the graph stem from which line of a file, and the reverse, nearest first."""

    nodes: Mapping[int, tuple[str, ...]]
    lines: Mapping[str, tuple[int, ...]]
