"""Where a cursor stands in a text that is being written: in which map or list, at what word."""

import re
from dataclasses import dataclass

from archcompile.editor.answers import Position, Span, span_in_line
from archcompile.editor.words import Frame, Path, Reading, Word, read_words

_WORD_BEHIND = re.compile(r"[\w.$/-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """What may be written at a cursor.

    `path` is that of the map whose key it is, or of the value. `is_alone` says that a value may
    also begin as a map or list, since nothing else stands on its line; `needs_space` that it stands
    right behind a colon or a dash; `typed` is the part of the word before the cursor.
    """

    path: Path
    is_key: bool
    typed: str
    span: Span
    is_alone: bool = False
    is_in_brackets: bool = False
    needs_space: bool = False
    needs_dash: bool = False


def cursor_at(reading: Reading, position: Position) -> Cursor | None:
    """Where the cursor stands; None in a comment, and where nothing can be written."""
    if position.line > len(reading.lines):
        return None
    line = reading.lines[position.line - 1]
    before = line[: position.column - 1]
    above = read_words("\n".join([*reading.lines[: position.line - 1], before]))
    last = above.words[-1] if above.words else None
    if last and last.span.start.line == position.line and last.span.end == position:
        return _in_word(last, above, line)
    if _is_comment(before):
        return None
    return _in_gap(above, before, position)


def _is_comment(before: str) -> bool:
    return bool(re.search(r"(^|\s)#[^'\"]*$", before))


def _in_word(word: Word, above: Reading, line: str) -> Cursor:
    """A cursor behind the first letters of a word."""
    start, at = word.span.start, word.span.end.column - 1
    behind = _WORD_BEHIND.match(line, at)
    width = (behind.end() if behind else at) - (start.column - 1)
    rest = line[start.column - 1 + width :].lstrip()
    is_key = word.is_key
    path = word.path[:-1] if is_key else word.path
    first = line[: start.column - 1].strip(" -")
    return Cursor(
        path=path,
        is_key=is_key,
        typed=word.text,
        span=span_in_line(start.line, start.column, width),
        is_alone=not is_key and not first and not rest.startswith(":"),
        is_in_brackets=bool(above.frames and above.frames[-1].closing),
    )


def _in_gap(above: Reading, before: str, position: Position) -> Cursor | None:
    """A cursor where no word has been begun."""
    span = Span(position, position)
    frames = list(above.frames)
    top = frames[-1]
    if top.closing:
        is_key = not top.is_list and (top.key is None or top.has_value)
        if top.has_value and not before.rstrip().endswith((",", "{", "[")):
            return None
        path = top.path if is_key else top.inner_path
        return Cursor(
            path=path,
            is_key=is_key,
            typed="",
            span=span,
            is_in_brackets=True,
            needs_space=before.endswith(":"),
        )
    if before.strip():
        return _behind_sign(top, before, span)
    return _on_empty_line(frames, len(before), span)


def _behind_sign(top: Frame, before: str, span: Span) -> Cursor | None:
    """Behind a colon or a dash."""
    stripped = before.rstrip()
    if top.has_value or not stripped.endswith((":", "-")):
        return None
    return Cursor(
        path=top.inner_path,
        is_key=False,
        typed="",
        span=span,
        is_alone=stripped.endswith("-") and not stripped.strip(" -"),
        needs_space=before == stripped,
    )


def _on_empty_line(frames: list[Frame], indent: int, span: Span) -> Cursor | None:
    """In a line of its own: the indentation says to what it belongs."""
    while len(frames) > 1 and frames[-1].indent > indent:
        frames.pop()
    top = frames[-1]
    if top.is_list and top.indent == indent and len(frames) > 1:
        beside = frames[-2]
        if beside.indent == indent and not beside.is_list:
            return Cursor(path=beside.path, is_key=True, typed="", span=span)
        path = (*top.path, top.index + 1)
        return Cursor(path=path, is_key=False, typed="", span=span, is_alone=True, needs_dash=True)
    if not top.is_list and top.indent == indent:
        return Cursor(path=top.path, is_key=True, typed="", span=span)
    if top.has_value and len(frames) > 1:
        return None
    return Cursor(path=top.inner_path, is_key=False, typed="", span=span, is_alone=True)
