"""What the core says, in the units of the browser's editor: offsets in UTF-16, counted from 0."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from archcompile.editor import LINE_BREAK, Completion, Finding, InlayHint, Position, Span, TextEdit


class Offsets:
    """Turns lines and columns of a text into offsets, and back."""

    def __init__(self, text: str):
        self.lines = LINE_BREAK.split(text)  # the core's, which are not all lines in a browser
        widths = [*map(len, LINE_BREAK.findall(text)), 1]
        self.starts = [0]
        for line, width in zip(self.lines, widths, strict=True):
            self.starts.append(self.starts[-1] + _units(line) + width)

    @property
    def end(self) -> int:
        return self.starts[-1] - 1

    def at(self, position: Position) -> int:
        """A position beyond its line or the text counts as its end."""
        if position.line > len(self.lines):
            return self.end
        line = self.lines[max(position.line, 1) - 1]
        return self.starts[max(position.line, 1) - 1] + _units(line[: max(position.column, 1) - 1])

    def position(self, offset: int) -> Position:
        """Where an offset is; one within a character counts as before it."""
        offset = max(0, min(offset, self.end))
        low, high = 0, len(self.lines) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.starts[middle] <= offset else (low, middle - 1)
        line, left, column = self.lines[low], offset - self.starts[low], 1
        if line.isascii():
            return Position(low + 1, left + 1)
        for character in line:
            left -= _units(character)
            if left < 0:
                break
            column += 1
        return Position(low + 1, column)

    def ends(self, span: Span) -> tuple[int, int]:
        return self.at(span.start), self.at(span.end)


def _units(text: str) -> int:
    """The length of a text in UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def finding_marks(findings: Sequence[Finding], offsets: Offsets) -> list[dict[str, Any]]:
    """A squiggle for each finding, with the words that are shown at the mouse."""
    marks = []
    for finding in findings:
        start, end = offsets.ends(finding.span)
        if start == end:  # a mark needs something to stand under
            start, end = (start, end + 1) if end < offsets.end else (max(start - 1, 0), end)
        if start < end:
            marks.append(
                {"from": start, "to": end, "severity": finding.severity, "words": words_of(finding)}
            )
    return marks


def words_of(finding: Finding) -> str:
    """A finding in full, a line for each part."""
    notes = [
        f"{words} ({place.file.name}:{place.span.start.line})" for words, place in finding.notes
    ]
    hint = [f"help: {finding.hint}"] if finding.hint else []
    return "\n".join([f"{finding.message}  [{finding.code}]", *notes, *hint])


def hint_marks(hints: Sequence[InlayHint], offsets: Offsets) -> list[dict[str, Any]]:
    return [
        {"at": offsets.at(hint.position), "text": hint.text, "tooltip": hint.tooltip or ""}
        for hint in hints
    ]


def changes_in(edits: Iterable[TextEdit], file: Path, offsets: Offsets) -> list[dict[str, Any]]:
    """The changes of the open file, for the browser's editor to make."""
    changes = []
    for edit in edits:
        if edit.place.file == file:
            start, end = offsets.ends(edit.place.span)
            changes.append({"from": start, "to": end, "insert": edit.text})
    return changes


def completion_options(completions: Sequence[Completion], offsets: Offsets) -> list[dict[str, Any]]:
    options = []
    for completion in completions:
        start, end = offsets.ends(completion.span)
        options.append(
            {
                "label": completion.label,
                "type": completion.kind,
                "detail": completion.detail,
                "info": completion.documentation,
                "insert": completion.insert,
                "from": start,
                "to": end,
            }
        )
    return options
