"""Changes of a tree by dotted paths (`--set`, `remove`) and the one merge rule (`extends`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from archcompile.errors import Location, did_you_mean
from archcompile.spec.yaml.tree import Entry, Map, Scalar, Seq, Tree, expect_text, fail, kind_of

CHOICES = ("shortcut", "init")  # one value, even where it is a map: another name replaces it


def merge(old: Tree, new: Tree, key: str = "") -> Tree:
    """Maps merge key by key, new keys last; everything else is replaced.

    A map over a list of steps whose keys are given names of steps there merges with the attributes
    of those steps.
    """
    if (
        isinstance(old, Seq)
        and isinstance(new, Map)
        and new.entries
        and new.entries.keys() <= _places_of_names(old).keys()
    ):
        return _merge_steps(old, new)
    if not (isinstance(old, Map) and isinstance(new, Map)):
        return new
    if key in CHOICES and list(old.entries) != list(new.entries):
        return new
    entries = dict(old.entries)
    for name, entry in new.entries.items():
        value = merge(entries[name].value, entry.value, name) if name in entries else entry.value
        entries[name] = Entry(value, entry.at)
    return Map(entries, new.at)


def _places_of_names(steps: Seq) -> dict[str, int]:
    """The places of the steps with a given name."""
    places: dict[str, int] = {}
    for index, step in enumerate(steps.items):
        if isinstance(step, Map) and len(step.entries) == 1:
            (attributes,) = (entry.value for entry in step.entries.values())
            if isinstance(attributes, Map) and "name" in attributes:
                places[expect_text(attributes["name"], "`name`")] = index
    return places


def _with_step(steps: Seq, index: int, alter: Callable[[Tree], Tree]) -> Seq:
    """The list with the attributes of one step altered."""
    step = steps.items[index]
    assert isinstance(step, Map)
    ((kind, entry),) = step.entries.items()
    changed = Map({kind: Entry(alter(entry.value), entry.at)}, step.at)
    return Seq((*steps.items[:index], changed, *steps.items[index + 1 :]), steps.at)


def _merge_steps(old: Seq, new: Map) -> Seq:
    names = _places_of_names(old)
    for name, entry in new.entries.items():
        old = _with_step(old, names[name], partial(merge, new=entry.value))
    return old


def at_path(tree: Tree, path: Sequence[str]) -> Tree | None:
    """What a path leads to, None where that is not there."""
    for part in path:
        if isinstance(tree, Seq):
            index = _places_of_names(tree).get(part)
            step = tree.items[index] if index is not None else None
            following = next(iter(step.entries.values())).value if isinstance(step, Map) else None
        else:
            following = tree.get(part) if isinstance(tree, Map) else None
        if following is None:
            return None
        tree = following
    return tree


Apply = Callable[[Map, str], Map]


def change(tree: Tree, path: list[str], at: Location, *, apply: Apply, done: str = "") -> Tree:
    """The tree with `apply` done to the map that holds the last part of `path`.

    Raises SpecError where the path leads nowhere.

    In a list of steps a part is the given name of a step, and means its attributes. Maps that are
    not there are made, unless there is something to be removed from them.
    """
    part, rest = path[0], path[1:]
    reached = f"{done}.{part}" if done else part
    if isinstance(tree, Seq):
        return _change_step(tree, path, at, apply=apply, reached=reached)
    if not isinstance(tree, Map):
        raise fail(
            "set-nothing", f"there is nothing at '{reached}': '{done}' is {kind_of(tree)}", at
        )
    if not rest:
        return apply(tree, part)
    if isinstance(apply, Remover):
        apply.check(tree, part)
    entry = tree.entries.get(part, Entry(Map({}, at), at))
    return Map(
        {
            **tree.entries,
            part: Entry(change(entry.value, rest, at, apply=apply, done=reached), entry.at),
        },
        tree.at,
    )


def _change_step(tree: Seq, path: list[str], at: Location, *, apply: Apply, reached: str) -> Tree:
    names = _places_of_names(tree)
    if path[0] not in names:
        hint = "give the step a `name:` to set it by"
        if names:
            hint = did_you_mean(path[0], names, "named there")
        raise fail("set-nothing", f"no step is named '{path[0]}' at '{reached}'", at, hint=hint)
    if len(path) == 1:
        raise fail("set-nothing", f"'{reached}' is a step: name one of its attributes", at)
    return _with_step(
        tree,
        names[path[0]],
        lambda attributes: change(attributes, path[1:], at, apply=apply, done=reached),
    )


@dataclass(frozen=True, slots=True)
class Gone(Scalar):
    """What stands in the place of a value that was removed: what is given anew takes that place."""


@dataclass(frozen=True, slots=True)
class Remover:
    """An `apply` that puts `Gone` in a value's place; `at` is where that is asked for."""

    at: Location

    def __call__(self, tree: Map, key: str) -> Map:
        self.check(tree, key)
        return Map({**tree.entries, key: Entry(Gone(None, self.at), self.at)}, tree.at)

    def check(self, tree: Map, key: str) -> None:
        """Raises SpecError where there is no such value."""
        present = [name for name, value in tree.items() if not isinstance(value, Gone)]
        if key not in present:
            raise fail(
                "remove-nothing",
                f"there is nothing called '{key}' to remove",
                self.at,
                hint=did_you_mean(key, present),
            )


def without_gone(tree: Tree) -> Tree:
    """The tree without what was removed."""
    match tree:
        case Seq(items, at):
            return Seq(tuple(without_gone(item) for item in items), at)
        case Map(entries, at):
            kept = {
                key: entry for key, entry in entries.items() if not isinstance(entry.value, Gone)
            }
            return Map(
                {key: Entry(without_gone(entry.value), entry.at) for key, entry in kept.items()}, at
            )
    return tree


def setter(value: Tree, at: Location) -> Apply:
    """An `apply` that sets a value, whether or not there was one."""
    return lambda tree, key: Map({**tree.entries, key: Entry(value, at)}, tree.at)


def relocate(tree: Tree, text: str) -> Tree:
    """The tree with another source line in its places, for values on the command line."""

    def with_text(at: Location) -> Location:
        return Location(file=at.file, line=at.line, column=at.column, width=at.width, text=text)

    match tree:
        case Scalar(value, at):
            return Scalar(value, with_text(at))
        case Seq(items, at):
            return Seq(tuple(relocate(item, text) for item in items), with_text(at))
        case Map(entries, at):
            return Map(
                {k: Entry(relocate(e.value, text), with_text(e.at)) for k, e in entries.items()},
                with_text(at),
            )
