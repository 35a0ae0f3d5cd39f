"""What the names in a file mean: each occurrence with its meaning."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archcompile.editor.answers import Place, Position, Span, span_in_line
from archcompile.editor.language_words import POINT_WORDS, STEP_WORDS
from archcompile.editor.slots import Slot
from archcompile.editor.surroundings import SourceFile, Surroundings
from archcompile.editor.words import Path as WordPath
from archcompile.editor.words import Word
from archcompile.ops import REGISTRY
from archcompile.spec.expressions import (
    EXPRESSION_WORDS,
    RULE_FACTS,
    SHAPE_FACTS,
    TURN_FACTS,
    UNIT_FACTS,
    is_expression,
    shape_facts,
)

FACTS = (*SHAPE_FACTS, *UNIT_FACTS, *TURN_FACTS, *RULE_FACTS)
PARTS = ("stem", "head")
_NAME = re.compile(r"'[^']*'?|\d[\w.]*|([A-Za-z_]\w*)", re.ASCII)
_IN_LABEL = re.compile(r"\$([A-Za-z_]\w*)|\$(\([^()]*(?:\([^()]*\)[^()]*)*\))", re.ASCII)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means: its kind, the name, and whose it is.

    `owner` is the shelf and the definition of an argument, and the list of a point.
    """

    kind: str
    name: str
    owner: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    meaning: Meaning
    span: Span
    is_definition: bool = False

    def place(self, file: Path) -> Place:
        return Place(file, self.span)


def occurrences(file: SourceFile, seen: Surroundings) -> Iterator[Occurrence]:
    """All names in a file that mean something, seen from its `Surroundings`."""
    for word in file.reading.words:
        yield from of_word(word, seen)


def occurrence_at(seen: Surroundings, position: Position) -> Occurrence | None:
    """The name that a cursor touches in the file whose surroundings these are."""
    word = seen.chain[0].reading.word_at(position)
    if word is None:
        return None
    touched = (each for each in of_word(word, seen) if each.span.holds(position))
    return next(touched, None)


def of_word(word: Word, seen: Surroundings) -> Iterator[Occurrence]:
    """The names in a word: it is one itself, or an expression or a dotted path that holds some."""
    if word.is_key:
        container = seen.slot(word.path[:-1])
        meaning = _of_key(container, word, seen)
        defines = container.kind in _DEFINING
        if meaning:
            yield Occurrence(meaning=meaning, span=_inner(word), is_definition=defines)
        return
    slot = seen.slot(word.path)
    if is_expression(word.text) and slot.kind not in ("text", "label"):
        yield from _of_expression(word, slot, seen)
    elif slot.kind == "label":
        yield from _of_label(word, slot, seen)
    elif slot.kind == "removed path":
        yield from _of_removed_path(word)
    elif slot.kind == "output":
        yield from _of_output(word, seen)
    elif meaning := _of_value(slot, word, seen):
        yield Occurrence(
            meaning=meaning, span=_inner(word), is_definition=slot.kind == "point name"
        )


_DEFINING = (
    *("variables", "stages", "blocks", "rules", "arguments", "outputs", "branches"),
    "parts of a split",
)


def _inner(word: Word) -> Span:
    """The span of a word without its quotes."""
    if not word.is_quoted:
        return word.span
    start = word.span.start
    return span_in_line(start.line, start.column + 1, len(word.text))


def _part(span: Span, start: int, length: int) -> Span:
    return span_in_line(span.start.line, span.start.column + start, length)


def _of_key(slot: Slot, word: Word, seen: Surroundings) -> Meaning | None:
    """What a key means in the map that `slot` describes."""
    name = word.text
    if slot.kind == "branches" or _is_changed_merge(slot, word.path[:-1]):
        return Meaning("branch", name, _merge_of(word, seen))
    match slot.kind:
        case "variables":
            return Meaning("variable", name)
        case "stages":
            return Meaning("part", name)
        case "blocks":
            return Meaning("block", name)
        case "rules" | "choice":
            return Meaning("rule", name)
        case "arguments":
            return Meaning("argument", name, (slot.shelf, slot.body))
        case "outputs":
            return Meaning("output", name)
        case "shapes":
            return Meaning("part" if name in (*seen.stages, *PARTS) else "output", name)
        case "steps" | "parts of a split":  # in `steps` a child changes a named step
            return Meaning("point", name, slot.scope)
        case "step" | "defaults":
            return _step_word(name)
    entry = seen.slot(word.path)
    if entry.kind == "argument":
        return _argument(entry, name, seen)
    if entry.kind == "attribute" and slot.name in REGISTRY:
        return Meaning("attribute", name, ("", slot.name))
    return Meaning("key", name, (slot.kind, slot.name))


def _is_changed_merge(slot: Slot, path: WordPath) -> bool:
    """Whether these are the branches of a merge that a child changes by its name."""
    return slot.kind == "attributes" and slot.name == "branches" and isinstance(path[-2], str)


def _merge_of(branch: Word, seen: Surroundings) -> tuple[str, str]:
    """The merge of a branch: by its part and name, which a child uses, else by file and path."""
    path = branch.path[:-2]
    file = next((f for f in seen.files if f.reading.keys.get(branch.path) is branch), seen.chain[0])
    is_changed = isinstance(path[-2], str)
    name = str(path[-1]) if is_changed else file.reading.text_at(*path, "name")
    if not name:
        return str(file.path), str(path)
    return str(path[0] if path[0] in PARTS else path[1]), name


def _step_word(name: str) -> Meaning:
    if name in REGISTRY:
        return Meaning("op", name)
    return Meaning("key", name, ("step", "")) if name in STEP_WORDS else Meaning("block", name)


def _argument(slot: Slot, name: str, seen: Surroundings) -> Meaning:
    """An argument that a row, a choice or `defaults` gives, or an attribute of a changed step."""
    if slot.kind == "argument" and slot.name not in seen.definitions["blocks"]:
        if slot.name in seen.definitions["shortcuts"]:
            return Meaning("argument", name, ("shortcuts", slot.name))
        kind = seen.step_kind(slot.part, slot.name)
        if kind in REGISTRY:
            return Meaning("attribute", name, ("", kind))
        return Meaning("argument", name, ("blocks", kind or slot.name))
    return Meaning("argument", name, ("blocks", slot.name))


def _of_value(slot: Slot, word: Word, seen: Surroundings) -> Meaning | None:
    """What a plain value means."""
    name = word.text
    match slot.kind:
        case "step":
            return _step_word(name)
        case "block":
            return Meaning("block", name)
        case "choice":
            return Meaning("rule", name) if name != "none" else None
        case "stage name":
            return Meaning("part", name)
        case "point" | "points":
            return _point(slot, name, seen)
        case "point name":
            return Meaning("point", name, slot.scope)
        case "parent" | "library" | "recipe" | "code":
            return Meaning(slot.kind, name)
    return None


def _point(slot: Slot, name: str, seen: Surroundings) -> Meaning | None:
    if name in POINT_WORDS:
        return None
    is_part = not slot.body and name in (*PARTS, *seen.stages)
    return Meaning("part", name) if is_part else Meaning("point", name, slot.scope)


def _of_expression(word: Word, slot: Slot, seen: Surroundings) -> Iterator[Occurrence]:
    start = 1 if word.is_quoted else 0
    for name, at in names_with_places(word.text):
        source = _input_of_fact(name, slot, seen)
        meaning = _name_in_expression(name, slot, seen)
        if source:  # `skip` of `skip_channels`
            meaning = Meaning("point", source, slot.scope)
        yield Occurrence(meaning=meaning, span=_part(word.span, start + at, len(meaning.name)))


def _input_of_fact(name: str, slot: Slot, seen: Surroundings) -> str | None:
    """The input of the block whose shape a name is a fact of."""
    definition = seen.definition(slot.shelf, slot.body) if slot.body else None
    inputs = definition.inputs[1:] if definition else ()
    return next((source for source in inputs if name in shape_facts(source)), None)


def names_with_places(expression: str) -> Iterator[tuple[str, int]]:
    """The names in an expression, each with its offset."""
    for match in _NAME.finditer(expression, 1):
        if match.group(1) and match.group(1) not in EXPRESSION_WORDS:
            yield match.group(1), match.start(1)


def _name_in_expression(name: str, slot: Slot, seen: Surroundings) -> Meaning:
    """A name as it is seen at a slot: a definition's body sees its arguments, others variables."""
    if slot.body:
        definition = seen.definition(slot.shelf, slot.body)
        if definition and name in definition.arguments:
            return Meaning("argument", name, (slot.shelf, slot.body))
    elif name in seen.variables:
        return Meaning("variable", name)
    return Meaning("fact" if name in FACTS else "unknown name", name)


def _of_label(word: Word, slot: Slot, seen: Surroundings) -> Iterator[Occurrence]:
    """The names behind the `$` of a label."""
    for match in _IN_LABEL.finditer(word.text):
        inner = replace(
            word,
            text=match.group(),
            is_quoted=False,
            span=_part(word.span, match.start() + word.is_quoted, len(match.group())),
        )
        yield from _of_expression(inner, slot, seen)


def _of_removed_path(word: Word) -> Iterator[Occurrence]:
    """The names in `vars.depth`, `stages.s4`, `head.point` or `defaults.unit.width`."""
    first, _, rest = word.text.partition(".")
    name, _, key = rest.partition(".")
    kinds = {"vars": "variable", "stages": "part", "blocks": "block", "shortcuts": "rule"}
    meanings = {**kinds, **dict.fromkeys(PARTS, "point"), "defaults": "block"}
    if not name or first not in meanings or (first == "defaults" and name in REGISTRY):
        return
    at = len(first) + 1 + word.is_quoted
    if ".branches." in rest:
        *_, part, merge, _, branch = word.text.split(".")
        start = len(word.text) - len(branch) + word.is_quoted
        span = _part(word.span, start, len(branch))
        yield Occurrence(meaning=Meaning("branch", branch, (part, merge)), span=span)
    owner = ("", first) if first in PARTS else ("", "")
    meaning = Meaning(meanings[first], name, owner)
    yield Occurrence(meaning=meaning, span=_part(word.span, at, len(name)))
    if key and first == "defaults":
        span = _part(word.span, at + len(name) + 1, len(key))
        yield Occurrence(meaning=Meaning("argument", key, ("blocks", name)), span=span)


def of_setting(word: Word) -> Iterator[Occurrence]:
    """The names in `depth=20` or `stages.s4.filters=$width`, an item of an experiment's `set`."""
    key, _, value = word.text.partition("=")
    start = int(word.is_quoted)
    if "." not in key:
        span = _part(word.span, start, len(key))
        yield Occurrence(meaning=Meaning("variable", key), span=span)
    else:
        yield from _of_removed_path(replace(word, text=key))
    if is_expression(value):
        for name, at in names_with_places(value):
            span = _part(word.span, start + len(key) + 1 + at, len(name))
            yield Occurrence(meaning=Meaning("variable", name), span=span)


def _of_output(word: Word, seen: Surroundings) -> Iterator[Occurrence]:
    """The part and the point of `head.p2`."""
    part, dot, point = word.text.partition(".")
    start = int(word.is_quoted)
    if part in (*PARTS, *seen.stages):
        yield Occurrence(meaning=Meaning("part", part), span=_part(word.span, start, len(part)))
    if dot and point:
        at = start + len(part) + 1
        meaning = Meaning("point", point, ("", part))
        yield Occurrence(meaning=meaning, span=_part(word.span, at, len(point)))
