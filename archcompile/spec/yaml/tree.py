"""YAML values that know where they were written.

Merging files moves these nodes, so every value keeps its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.spec.yaml.yaml_hints import missing_space

# mistakes that a space that is missing after a colon makes
OF_WORDS = ("reserved-name", "unknown-attribute", "unknown-key", "unknown-step", "wrong-type")


@dataclass(frozen=True, slots=True)
class Scalar:
    value: str | int | float | bool | None
    at: Location


@dataclass(frozen=True, slots=True)
class Seq:
    items: tuple["Tree", ...]
    at: Location

    def __iter__(self) -> Iterator["Tree"]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a map; `at` is the key's place."""

    value: "Tree"
    at: Location


@dataclass(frozen=True, slots=True)
class Map:
    entries: Mapping[str, Entry]
    at: Location

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __getitem__(self, key: str) -> "Tree":
        return self.entries[key].value

    def get(self, key: str) -> "Tree | None":
        entry = self.entries.get(key)
        return entry.value if entry else None

    def items(self) -> Iterator[tuple[str, "Tree"]]:
        return ((key, entry.value) for key, entry in self.entries.items())

    def without(self, *keys: str) -> "Map":
        return Map({k: e for k, e in self.entries.items() if k not in keys}, self.at)


Tree = Scalar | Seq | Map

EMPTY = Location(file="", line=1, column=1)


def empty_map(at: Location = EMPTY) -> Map:
    return Map({}, at)


def submap(tree: Tree, key: str) -> Map:
    """The map under a key; an empty one where there is none."""
    value = tree.get(key) if isinstance(tree, Map) else None
    return value if isinstance(value, Map) else empty_map(tree.at)


def subitems(tree: Tree, key: str) -> tuple[Tree, ...]:
    """The items of the list under a key; none where there is no list."""
    value = tree.get(key) if isinstance(tree, Map) else None
    return value.items if isinstance(value, Seq) else ()


def plain(tree: Tree) -> Any:
    """The value without its places."""
    match tree:
        case Scalar(value):
            return value
        case Seq(items):
            return [plain(item) for item in items]
        case Map(entries):
            return {key: plain(entry.value) for key, entry in entries.items()}


def kind_of(tree: Tree) -> str:
    """What a value is, in words for a message."""
    match tree:
        case Map():
            return "a map"
        case Seq():
            return "a list"
        case Scalar(None):
            return "nothing"
        case Scalar(bool() as value):
            return str(value).lower()
        case Scalar(str() as value):
            return f"the text '{value}'"
        case Scalar(value):
            return str(value)


def hint_at(at: Location, code: str, hint: str | None) -> str | None:
    """The hint for a mistake; another one where a space is missing behind the colon there."""
    if code not in OF_WORDS:
        return hint
    marked = at.text[at.column - 1 : at.column - 1 + at.width]
    return missing_space(marked) or missing_space(at.text) or hint


def fail(
    code: str,
    message: str,
    at: Location,
    *,
    hint: str | None = None,
    notes: tuple[tuple[str, Location], ...] = (),
) -> SpecError:
    """A SpecError with one diagnostic, to be raised."""
    hint = hint_at(at, code, hint)
    return SpecError([Diagnostic(code=code, message=message, location=at, hint=hint, notes=notes)])


def expect_map(tree: Tree, what: str) -> Map:
    """Raises SpecError unless the value is a map."""
    if not isinstance(tree, Map):
        raise fail("wrong-type", f"{what}: expected a map, got {kind_of(tree)}", tree.at)
    return tree


def expect_seq(tree: Tree, what: str) -> Seq:
    if not isinstance(tree, Seq):
        raise fail("wrong-type", f"{what}: expected a list, got {kind_of(tree)}", tree.at)
    return tree


def expect_text(tree: Tree, what: str) -> str:
    if not (isinstance(tree, Scalar) and isinstance(tree.value, str)):
        raise fail("wrong-type", f"{what}: expected text, got {kind_of(tree)}", tree.at)
    return tree.value
