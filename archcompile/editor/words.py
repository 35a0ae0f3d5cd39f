"""The words of a YAML text with their paths, read however broken the text is.

`spec.yaml` refuses a text at its first mistake; while someone writes, there is nearly always one.
This reader takes indentation and brackets as they stand, and refuses nothing. For a text that
`spec.yaml` takes, both see the same values at the same places.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from archcompile.editor.answers import Position, Span, span_in_line
from archcompile.limits import MAX_YAML_BYTES, MAX_YAML_DEPTH, MAX_YAML_VALUES

Path = tuple[str | int, ...]  # keys, and places in lists

LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as `spec.yaml` counts lines
_KEY = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'"""
    r"""|[^\s\[\]{},#&*!|>'"%@`](?:[^#:]|:(?=\S)|(?<=\S)\#)*?)(?<=\S)\s*:(?=\s|$)"""
)
_DASH = re.compile(r"-(?=\s|$)")
_BLANK = re.compile(r"[ \t]*")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?""")
_PLAIN = re.compile(r"(?:[^\s#:]|:(?=\S)|(?<=\S)#|[ \t]+(?![\s#]|$))+")
_PLAIN_IN_FLOW = re.compile(
    r"(?:[^\s#:,\[\]{}]|:(?![\s,\[\]{}]|$)|(?<=\S)#|[ \t]+(?![\s#,\[\]{}:]|$))+"
)
_NEW_ENTRY = re.compile(r"\s*(?:- |-$|[\w.$-]+:(?:\s|$))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A key or a value of a text. A key's path ends in the key itself, and so does its value's."""

    path: Path
    text: str
    span: Span
    is_key: bool = False
    is_quoted: bool = False


@dataclass(slots=True, kw_only=True)
class Frame:
    """A list or map that is still open; `indent` is where its dashes or keys stand."""

    path: Path
    is_list: bool
    indent: int
    closing: str = ""  # the bracket that ends it; none of a block
    start: Position | None = None  # of its bracket
    key: str | None = None
    index: int = -1
    has_value: bool = False  # whether the last key or dash has got what belongs to it

    @property
    def inner_path(self) -> Path:
        """The path of the value that comes next."""
        path = (*self.path, max(self.index, 0)) if self.is_list else self.path
        return path if self.key is None else (*path, self.key)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The words of a text in order, and what is still open at its end."""

    words: tuple[Word, ...]
    lines: tuple[str, ...]
    frames: tuple[Frame, ...] = field(default=(), compare=False)
    brackets: Mapping[Path, Span] = field(default_factory=dict)  # of lists and maps in brackets
    text_ends: Mapping[Path, Position] = field(default_factory=dict)  # of texts of several lines

    @cached_property
    def values(self) -> Mapping[Path, Word]:
        """The scalar at each path."""
        return {word.path: word for word in self.words if not word.is_key}

    @cached_property
    def keys(self) -> Mapping[Path, Word]:
        return {word.path: word for word in self.words if word.is_key}

    @cached_property
    def children(self) -> Mapping[Path, tuple[str | int, ...]]:
        """The keys, or the places, below each path, in order."""
        below: dict[Path, dict[str | int, None]] = {}
        for word in self.words:
            for depth in range(len(word.path), 0, -1):
                siblings = below.setdefault(word.path[: depth - 1], {})
                if word.path[depth - 1] in siblings:
                    break
                siblings[word.path[depth - 1]] = None
        return {path: tuple(keys) for path, keys in below.items()}

    @cached_property
    def value_spans(self) -> Mapping[Path, Span]:
        """All of each value, to the end of its last line or bracket."""
        starts = [(path, span) for path, span in self.brackets.items()]
        starts += [(w.path[:-1] if w.is_key else w.path, w.span) for w in self.words]
        starts += [(path, Span(at, at)) for path, at in self.text_ends.items()]
        first: dict[Path, tuple[tuple[int, int], Position]] = {}  # compared as plain numbers: many
        last: dict[Path, tuple[tuple[int, int], Position]] = {}
        for path, span in starts:
            start = (span.start.line, span.start.column)
            end = (span.end.line, span.end.column)
            for depth in range(len(path) + 1):
                part = path[:depth]
                if part not in first or start < first[part][0]:
                    first[part] = start, span.start
                if part not in last or end > last[part][0]:
                    last[part] = end, span.end
        return {path: Span(at, last[path][1]) for path, (_, at) in first.items()}

    def text_at(self, *path: str | int) -> str | None:
        """The scalar at a path as text."""
        word = self.values.get(path)
        return word.text if word else None

    def word_at(self, position: Position) -> Word | None:
        """The word that a cursor touches."""
        words = self.words_by_line.get(position.line, ())
        return next((word for word in reversed(words) if word.span.holds(position)), None)

    @cached_property
    def words_by_line(self) -> Mapping[int, tuple[Word, ...]]:
        lines: dict[int, list[Word]] = {}
        for word in self.words:
            lines.setdefault(word.span.start.line, []).append(word)
        return {line: tuple(words) for line, words in lines.items()}


@lru_cache(maxsize=128)  # the shipped libraries are part of nearly every spec
def read_words(text: str) -> Reading:
    """The words of a text; none of one that is too large to be a spec."""
    if len(text) > MAX_YAML_BYTES:
        return Reading(words=(), lines=tuple(LINE_BREAK.split(text)))
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str):
        self.lines = LINE_BREAK.split(text)
        self.words: list[Word] = []
        self.frames: list[Frame] = [Frame(path=(), is_list=False, indent=-1, has_value=True)]
        self.number = 0  # of the line, from 1
        self.block_scalar: int | None = None  # text further to the right than this belongs to one
        self.brackets: dict[Path, Span] = {}
        self.ends: dict[Path, Position] = {}

    def read(self) -> Reading:
        for number, line in enumerate(self.lines, 1):
            self.number = number
            if len(self.words) <= MAX_YAML_VALUES:
                self.read_line(line)
        return Reading(
            words=tuple(self.words),
            lines=tuple(self.lines),
            frames=tuple(self.frames),
            brackets=self.brackets,
            text_ends=self.ends,
        )

    @property
    def top(self) -> Frame:
        return self.frames[-1]

    def read_line(self, line: str) -> None:
        at = _end(_BLANK, line, 0)
        if at == len(line):
            return
        if self.block_scalar is not None:
            if at > self.block_scalar:
                self._note_end(line)
                return
            self.block_scalar = None
        if line[at] == "#" or (at == 0 and line.startswith(("---", "...", "%"))):
            return
        if self.top.closing and _NEW_ENTRY.match(line) and at <= self._indent_of_block():
            while self.top.closing:  # a bracket that was never closed
                self.frames.pop()
        if self.top.closing:
            self.read_flow(line, at)
        else:
            self.read_block(line, at)

    def _note_end(self, line: str) -> None:
        """A further line of the last text."""
        if self.words:
            self.ends[self.words[-1].path] = Position(self.number, len(line.rstrip()) + 1)

    def _indent_of_block(self) -> int:
        return next(frame.indent for frame in reversed(self.frames) if not frame.closing)

    # ---- blocks ----------------------------------------------------------------------------------

    def read_block(self, line: str, at: int) -> None:
        """What stands in a line behind its indentation."""
        while at < len(line) and line[at] != "#":
            dash = _DASH.match(line, at)
            key = None if dash else _KEY.match(line, at)
            if dash:
                self._open_item(at)
                at = _end(_BLANK, line, dash.end())
            elif key:
                self._open_key(key, at)
                at = _end(_BLANK, line, key.end())
            else:
                self._pop_to(at)
                self.read_value(line, at)
                return

    def _pop_to(self, indent: int) -> None:
        while len(self.frames) > 1 and self.top.indent > indent:
            self.frames.pop()

    def _open_item(self, at: int) -> None:
        self._pop_to(at)
        if not (self.top.is_list and self.top.indent == at):
            self._push(is_list=True, indent=at)
        self.top.index += 1
        self.top.has_value = False

    def _open_key(self, match: re.Match[str], at: int) -> None:
        self._pop_to(at)
        if self.top.is_list and self.top.indent == at and len(self.frames) > 1:
            self.frames.pop()  # a list that stands as far left as the key that it belongs to
        if self.top.is_list or self.top.indent != at:
            self._push(is_list=False, indent=at)
        self._take_key(match.group(1), at)

    def _push(self, *, is_list: bool, indent: int, closing: str = "") -> None:
        self.top.has_value = True
        if len(self.frames) > MAX_YAML_DEPTH:
            return
        self.frames.append(
            Frame(path=self.top.inner_path, is_list=is_list, indent=indent, closing=closing)
        )

    def _take_key(self, written: str, at: int) -> None:
        self.top.key = _without_quotes(written)
        self.top.has_value = False
        self._put(self.top.inner_path, written, at, is_key=True)

    def read_value(self, line: str, at: int) -> None:
        """A value that begins within a line: a text, brackets, or a block of text below it."""
        if line[at] in "[{":
            self.read_flow(line, at)
            return
        if line[at] in "|>":
            self.block_scalar = max(self._indent_of_block(), 0)
            self._put(self.top.inner_path, line[at], at)
            return
        pattern = _QUOTED if line[at] in "\"'" else _PLAIN
        match = pattern.match(line, at)
        if match is None:
            return
        if self.top.has_value and self.top.indent < at:
            self._note_end(line)  # a further line of the text above
            return
        # a key without its colon yet
        is_key = len(self.frames) == 1 or (self.top.indent == at and not self.top.is_list)
        path = (*self.top.path, match.group()) if is_key else self.top.inner_path
        self._put(path, match.group(), at, is_key=is_key)
        self.top.has_value = True

    def _put(self, path: Path, written: str, at: int, *, is_key: bool = False) -> None:
        self.words.append(
            Word(
                path=path,
                text=_without_quotes(written),
                span=span_in_line(self.number, at + 1, len(written)),
                is_key=is_key,
                is_quoted=written[:1] in ('"', "'"),
            )
        )

    # ---- brackets --------------------------------------------------------------------------------

    def read_flow(self, line: str, at: int) -> None:
        """What stands in brackets, to the end of the line or behind the last of them."""
        while at < len(line):
            sign = line[at]
            if sign.isspace():
                at = _end(_BLANK, line, at) if sign in " \t" else at + 1
                continue
            if sign == "#" and (at == 0 or line[at - 1].isspace()):
                return
            at = self._read_sign(line, at)
            if not self.top.closing:
                return

    def _read_sign(self, line: str, at: int) -> int:
        """A bracket, a comma, a colon or a text; where the next one begins."""
        sign, top = line[at], self.top
        if sign in "[{":
            is_list = sign == "["
            self._push(is_list=is_list, indent=top.indent, closing="]" if is_list else "}")
            self.top.start = Position(self.number, at + 1)
            return at + 1
        if sign in "]}":
            if sign == top.closing and top.start:
                self.frames.pop()
                end = Position(self.number, at + 2)
                self.brackets.setdefault(top.path, Span(top.start, end))
            return at + 1
        if sign == ",":
            top.index, top.key, top.has_value = max(top.index, 0) + 1, None, False
            return at + 1
        if sign == ":":
            return at + 1
        pattern = _QUOTED if sign in "\"'" else _PLAIN_IN_FLOW
        match = pattern.match(line, at)
        if match is None:
            return at + 1
        self._put_in_flow(line, match)
        return match.end()

    def _put_in_flow(self, line: str, match: re.Match[str]) -> None:
        """A text in brackets, a key where a colon follows it."""
        top, written, at = self.top, match.group(), match.start()
        behind = _end(_BLANK, line, match.end())
        has_colon = line[behind : behind + 1] == ":"
        if top.key is None and (has_colon or not top.is_list):
            if has_colon:
                self._take_key(written, at)
                return
            self._put((*top.path, _without_quotes(written)), written, at, is_key=True)
        elif not top.has_value:
            self._put(top.inner_path, written, at)
        top.has_value = True


def _end(pattern: re.Pattern[str], line: str, at: int) -> int:
    """Where a stretch that may be empty ends."""
    match = pattern.match(line, at)
    return match.end() if match else at


def _without_quotes(written: str) -> str:
    """A text as YAML reads it, but for escapes in double quotes, which no name needs."""
    quote = written[:1]
    if quote not in ('"', "'"):
        return written
    inner = written[1:-1] if len(written) > 1 and written.endswith(quote) else written[1:]
    return inner.replace("''", "'") if quote == "'" else inner
