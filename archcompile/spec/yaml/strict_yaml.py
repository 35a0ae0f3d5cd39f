"""Strict YAML: PyYAML's events, YAML 1.2 core scalars, and nothing that surprises.

Refused: duplicate keys, keys that are no plain scalars, aliases, anchors, merge keys, tags, several
documents, and input beyond the limits. One pass with its own stack: no depth of nesting can exhaust
Python's or C's.
"""

import math
import re
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from archcompile.errors import Location, SpecError, UsageError
from archcompile.limits import MAX_DIGITS, MAX_YAML_BYTES, MAX_YAML_DEPTH, MAX_YAML_VALUES
from archcompile.spec.yaml.tree import Entry, Map, Scalar, Seq, Tree, fail
from archcompile.spec.yaml.yaml_hints import (
    find_missing_space,
    missing_space,
    starts_at_context,
    yaml_hint,
)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# where libyaml breaks lines, so that marks and lines agree
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0x[0-9a-fA-F]+\Z|0o[0-7]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INF_NAN = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_text(path: Path) -> str:
    """The text of a spec file.

    Raises UsageError if it cannot be read, SpecError if it is no UTF-8 or too large.
    """
    try:
        # a pipe might never end, nor even begin
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise UsageError(f"{path} is not a regular file", hint="`-` reads standard input")
        with path.open("rb") as file:
            raw = file.read(MAX_YAML_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise UsageError(f"{path}: expected a YAML file, got a folder") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    return decode(raw, str(path))


def read_stdin() -> str:
    """The text on standard input.

    Raises UsageError where there is none, SpecError if it is no UTF-8 or too large.
    """
    if sys.stdin is None:
        raise UsageError("there is no standard input")
    return decode(sys.stdin.buffer.read(MAX_YAML_BYTES + 1), "stdin")


def decode(raw: bytes, file: str) -> str:
    """Bytes as text. Raises SpecError if they are no UTF-8 or too many."""
    if len(raw) > MAX_YAML_BYTES:
        raise fail(
            "too-large",
            f"the file is larger than {MAX_YAML_BYTES // 1024} KiB",
            Location(file=file, line=1, column=1),
        )
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise fail(
            "yaml", "the file is not UTF-8 text", Location(file=file, line=line, column=column)
        ) from None


def parse(text: str, file: str) -> Tree:
    """YAML text as a tree of values with their places.

    Raises SpecError (yaml, duplicate-key, too-large).
    """
    builder = _Builder(file, _LINE_BREAK.split(text))
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise fail(
            "yaml",
            "the text contains half a character (a lone surrogate)",
            builder.offset(text, error.start),
        ) from None
    if size > MAX_YAML_BYTES:
        raise fail(
            "too-large",
            f"the text is larger than {MAX_YAML_BYTES // 1024} KiB",
            Location(file=file, line=1, column=1),
        )
    return builder.build(text)


@dataclass(slots=True, kw_only=True)
class _Frame:
    """A collection that is still open."""

    start: Location
    is_map: bool
    items: list[Tree] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: tuple[str, Location] | None = None


class _Builder:
    def __init__(self, file: str, lines: list[str]):
        self.file = file
        self.lines = lines
        self.stack: list[_Frame] = []
        self.root: Tree | None = None
        self.nodes = 0
        self.documents = 0

    def build(self, text: str) -> Tree:
        """The tree of the text."""
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self.handle(event)
        except yaml.MarkedYAMLError as error:
            raise self.syntax_error(error) from None
        except yaml.reader.ReaderError as error:
            at = self.offset(text, error.position if isinstance(error.position, int) else 0)
            raise fail("yaml", f"this is not YAML: {error.reason}", at) from None
        if self.root is None:
            raise fail("yaml", "the file is empty", Location(file=self.file, line=1, column=1))
        return self.root

    def syntax_error(self, error: Any) -> SpecError:
        """What PyYAML raises, where the mistake is."""
        message = f"this is not YAML: {error.problem or error.context}"
        if stuck := find_missing_space(error, self.lines):
            line, column = stuck
            text = self.lines[line]
            at = self.location(line, column, len(text.rstrip()))
            return fail("yaml", message, at, hint=missing_space(text))
        begun = starts_at_context(error, self.lines) or not error.problem_mark
        at = self.mark(error.context_mark if begun else error.problem_mark)
        return fail("yaml", message, at, hint=yaml_hint(error, self.lines))

    def offset(self, text: str, position: int) -> Location:
        before = _LINE_BREAK.split(text[:position])
        return self.location(len(before) - 1, len(before[-1]), len(before[-1]) + 1)

    def location(self, line: int, column: int, end: int) -> Location:
        text = "".join(self.lines[line : line + 1])  # nothing behind the last line
        return Location(
            file=self.file, line=line + 1, column=column + 1, width=max(1, end - column), text=text
        )

    def mark(self, mark: Any) -> Location:
        return (
            self.location(mark.line, mark.column, mark.column + 1)
            if mark
            else Location(file=self.file, line=1, column=1)
        )

    def span(self, event: Any) -> Location:
        start, end = event.start_mark, event.end_mark
        same_line = start.line == end.line
        return self.location(
            start.line, start.column, end.column if same_line else start.column + 1
        )

    def handle(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise fail("yaml", "more than one YAML document in the file", self.span(event))
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self.close()
        elif isinstance(event, yaml.NodeEvent):
            self.node(event)

    def node(self, event: Any) -> None:
        """Enter a scalar, or open a list or map. Raises SpecError for what is not allowed."""
        at = self.span(event)
        self.nodes += 1
        if self.nodes > MAX_YAML_VALUES:
            raise fail("too-large", f"more than {MAX_YAML_VALUES} YAML values in one file", at)
        if isinstance(event, yaml.AliasEvent):
            raise fail(
                "yaml",
                f"the YAML alias '*{event.anchor}' is not allowed in a spec",
                at,
                hint="use `extends:`, `repeat:` or a block",
            )
        if event.anchor:
            raise fail(
                "yaml",
                f"the YAML anchor '&{event.anchor}' is not allowed in a spec",
                at,
                hint="use `extends:`, `repeat:` or a block",
            )
        if event.tag is not None:
            raise fail("yaml", f"the YAML tag {event.tag!r} is not allowed in a spec", at)
        if isinstance(event, yaml.ScalarEvent) and any(
            "\ud800" <= c <= "\udfff" for c in event.value
        ):
            # escaped: PyYAML's own parser
            raise fail("yaml", "the text contains half a character (a lone surrogate)", at)
        top = self.stack[-1] if self.stack else None
        if top and top.is_map and top.key is None:
            self.take_key(top, event, at)
        elif isinstance(event, yaml.ScalarEvent):
            self.put(Scalar(self.scalar(event, at), at))
        else:
            if len(self.stack) >= MAX_YAML_DEPTH:
                raise fail("too-large", f"nested deeper than {MAX_YAML_DEPTH} levels", at)
            self.stack.append(_Frame(start=at, is_map=isinstance(event, yaml.MappingStartEvent)))

    def take_key(self, top: _Frame, event: Any, at: Location) -> None:
        """The key of the map on top, for the value that comes next."""
        if not isinstance(event, yaml.ScalarEvent):
            raise fail("yaml", "a key must be plain text", at)
        if event.value == "<<" and not event.style:
            raise fail(
                "yaml",
                "YAML merge keys ('<<') are not allowed in a spec",
                at,
                hint="use `extends:` or `defaults:`",
            )
        if event.value in top.entries:
            first = top.entries[event.value].at
            raise fail(
                "duplicate-key",
                f"the key '{event.value}' appears twice",
                at,
                hint="remove or rename one of them",
                notes=(("first here", first),),
            )
        top.key = (event.value, at)

    def put(self, tree: Tree) -> None:
        """Enter a finished value into what is open."""
        if not self.stack:
            self.root = tree
            return
        top = self.stack[-1]
        if top.key is None:
            top.items.append(tree)
        else:
            name, at = top.key
            top.entries[name] = Entry(tree, at)
            top.key = None

    def close(self) -> None:
        frame = self.stack.pop()
        if frame.is_map:
            self.put(Map(frame.entries, frame.start))
        else:
            self.put(Seq(tuple(frame.items), frame.start))

    def scalar(self, event: Any, at: Location) -> str | int | float | bool | None:
        """A scalar as the core schema of YAML 1.2 reads it."""
        text: str = event.value
        # quoted or block: always text (a plain one's style is '' or None, depending on the loader)
        if event.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text) or _BASED.match(text):
            if len(text) > MAX_DIGITS:
                raise fail("out-of-range", f"a number of more than {MAX_DIGITS} digits", at)
            return int(text, 0) if _BASED.match(text) else int(text)
        if _FLOAT.match(text) or _INF_NAN.match(text):
            value = float(text) if _FLOAT.match(text) else math.nan
            if not math.isfinite(value):
                raise fail("out-of-range", f"'{text[:40]}' is not a finite number", at)
            return value
        return text
