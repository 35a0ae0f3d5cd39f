"""Changes of a YAML file key by key: all else in it, comments included, stays as it is."""

from dataclasses import dataclass

from archcompile.editor.answers import Place, Position, Span, TextEdit
from archcompile.editor.surroundings import SourceFile
from archcompile.editor.words import Path, Word
from archcompile.spec.language import SpecFile

Edits = tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True)
class FileEdits:
    """Makes the edits of a file. A path leads to a key with its value, or to an item of a list."""

    file: SourceFile

    def replace(self, span: Span, text: str) -> Edits:
        return (TextEdit(Place(self.file.path, span), text),)

    def insert(self, at: Position, text: str) -> Edits:
        return self.replace(Span(at, at), text)

    # ---- where things stand ----------------------------------------------------------------------

    def value_span(self, path: Path) -> Span | None:
        """All of a value, to the end of its last line or bracket."""
        return self.file.reading.value_spans.get(path)

    def entry_span(self, path: Path) -> Span | None:
        """A key with its value, or an item without its dash."""
        key, value = self.file.reading.keys.get(path), self.value_span(path)
        if key is None:
            return value
        return Span(key.span.start, value.end if value else self._behind_colon(key))

    def _behind_colon(self, key: Word) -> Position:
        line = self.file.reading.lines[key.span.end.line - 1]
        colon = line.find(":", key.span.end.column - 1)
        return Position(key.span.end.line, colon + 2) if colon >= 0 else key.span.end

    # ---- adding ----------------------------------------------------------------------------------

    def set(self, path: Path, key: str, value: str) -> Edits:
        """`key: value` in the map at a path, which is made where there is none."""
        reading = self.file.reading
        old, known = self.value_span((*path, key)), reading.keys.get((*path, key))
        if old:
            return self.replace(old, value)
        if known:
            return self.insert(self._behind_colon(known), f" {value}")
        if path in reading.brackets:
            return self._add_in_brackets(path, f"{key}: {value}")
        if path in reading.values:  # a step that is a bare word
            word = reading.values[path]
            return self.replace(word.span, f"{word.text}: {{{key}: {value}}}")
        if not path:
            return self._set_at_top(key, value)
        first = next(iter(reading.children.get(path, ())), None)
        if first is None and path in reading.keys:
            return self.insert(self._behind_colon(reading.keys[path]), f" {{{key}: {value}}}")
        if first is None:
            return self.set(path[:-1], str(path[-1]), f"{{{key}: {value}}}")
        start = reading.keys[(*path, first)].span.start
        return self.insert(start, f"{key}: {value}\n{' ' * (start.column - 1)}")

    def set_first(self, path: Path, key: str, value: str) -> Edits:
        """The same, in front of the keys that are there."""
        brackets = self.file.reading.brackets.get(path)
        if brackets is None or not self.file.reading.children.get(path):
            return self.set(path, key, value)
        start = Position(brackets.start.line, brackets.start.column + 1)
        return self.insert(start, f"{key}: {value}, ")

    def _set_at_top(self, key: str, value: str) -> Edits:
        """A new key of the file, behind those that usually stand before it."""
        order = list(SpecFile.model_fields)
        before = order[: order.index(key)] if key in order else order
        present = [name for name in self.file.reading.children.get((), ()) if name in before]
        spans = [span for name in present if (span := self.entry_span((name,)))]
        line = max((span.end.line for span in spans), default=0) + 1
        lines = self.file.reading.lines
        if line > len(lines):
            end = Position(len(lines), len(lines[-1]) + 1)
            return self.insert(end, f"\n{key}: {value}\n")
        return self.insert(Position(line, 1), f"{key}: {value}\n")

    def _add_in_brackets(self, path: Path, text: str) -> Edits:
        brackets = self.file.reading.brackets[path]
        children = self.file.reading.children.get(path, ())
        last = self.entry_span((*path, children[-1])) if children else None
        if last:
            return self.insert(last.end, f", {text}")
        return self.insert(Position(brackets.start.line, brackets.start.column + 1), text)

    def add_item(self, path: Path, item: str) -> Edits:
        """One more item of the list at a path, which is made where there is none."""
        reading = self.file.reading
        if path in reading.brackets:
            return self._add_in_brackets(path, item)
        if reading.children.get(path):
            return self.insert_before((*path, 0), item)
        return self.set(path[:-1], str(path[-1]), f"[{item}]")

    def insert_before(self, path: Path, item: str) -> Edits:
        """An item in front of that at a path."""
        span = self.entry_span(path)
        if span is None:
            return ()
        if path[:-1] in self.file.reading.brackets:
            return self.insert(span.start, f"{item}, ")
        line = self.file.reading.lines[span.start.line - 1]
        dash = line.rfind("-", 0, span.start.column - 1)
        return self.insert(Position(span.start.line, dash + 1), f"- {item}\n{line[:dash]}")

    # ---- removing --------------------------------------------------------------------------------

    def remove(self, path: Path) -> Edits:
        """Takes a key or an item out; with the last of them goes what held it."""
        reading = self.file.reading
        siblings = reading.children.get(path[:-1], ())
        if len(siblings) == 1 and len(path) > 1:
            holder = path[:-1]
            if len(holder) > 1 and isinstance(holder[-2], int):  # the attributes of a step
                span = self.entry_span(holder)
                return self.replace(span, str(holder[-1])) if span else ()
            return self.remove(holder)
        span = self.entry_span(path)
        if span is None:
            return ()
        if path[:-1] in reading.brackets:
            return self.replace(self._with_comma(span), "")
        line = reading.lines[span.end.line - 1]
        if line[span.end.column - 1 :].strip()[:1] not in ("", "#"):
            return ()
        first = Position(span.start.line, 1)
        return self.replace(Span(first, Position(span.end.line + 1, 1)), "")

    def _with_comma(self, span: Span) -> Span:
        """The stretch with the comma behind it, or else with the one before it."""
        start, end = span.start, span.end
        behind = self.file.reading.lines[end.line - 1][end.column - 1 :]
        rest = behind.lstrip()
        if rest.startswith(","):
            width = len(behind) - len(rest[1:].lstrip())
            return Span(start, Position(end.line, end.column + width))
        before = self.file.reading.lines[start.line - 1][: start.column - 1]
        kept = before.rstrip().removesuffix(",")
        return Span(Position(start.line, len(kept) + 1), end)
