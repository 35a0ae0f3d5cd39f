"""A text with the edits that an answer asks for."""

from collections.abc import Iterable

from archcompile.editor.answers import Position, TextEdit
from archcompile.editor.words import LINE_BREAK


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with all of these edits, which are of this text and overlap nowhere."""
    starts = [0, *(match.end() for match in LINE_BREAK.finditer(text))]

    def offset(position: Position) -> int:
        if position.line > len(starts):
            return len(text)
        return starts[position.line - 1] + position.column - 1

    at_once = sorted(edits, key=lambda edit: edit.place.span, reverse=True)
    for edit in at_once:  # from the last to the first, so that places stay where they are
        span = edit.place.span
        text = text[: offset(span.start)] + edit.text + text[offset(span.end) :]
    return text
