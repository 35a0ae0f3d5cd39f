"""Where values come from: a mistake in a block is told where the user gave the value, not in the library.

Each name that a body sees has a source, the value as written and the sources of the names in it. Followed up, they lead
from the attribute of an op to the row, the default, the setting or the variable that gave it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.spec.arithmetic import Env
from archcompile.spec.expr import is_expression, parse
from archcompile.spec.files import shipped_folder
from archcompile.spec.tree import Entry, Map, Scalar, Seq, Tree, plain
from archcompile.spec.values import evaluate, nearest_fitting
from archcompile.spec.write import flow

REACH = 500  # how far from a given number one that fits is looked for
MOST_NOTES = 8  # of places that handed a value on
SHOWN = 40  # characters of a value that a message repeats

Sources = Mapping[str, "Source"]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The value that a name was given, the names that it may use, and their sources.

    `block` is whose argument it is, None for a variable; `is_default` says that nobody gave it.
    """

    name: str
    tree: Tree
    env: Env
    sources: Sources
    block: str | None = None
    is_default: bool = False


def of_variables(entries: Mapping[str, Entry], values: Env) -> dict[str, Source]:
    """The sources of a spec's variables, whose `values` are known: so none leads back to itself."""
    sources: dict[str, Source] = {}
    sources.update({name: Source(name, entry.value, values, sources) for name, entry in entries.items()})
    return sources


def is_set(at: Location) -> bool:
    """Whether a place lies in a setting on the command line."""
    return at.file.startswith("--set ")


def is_shipped(at: Location) -> bool:
    """Whether a place lies in a file that comes with archc, which its user does not write."""
    return not is_set(at) and _is_shipped(at.file, os.getcwd())


@lru_cache(maxsize=256)
def _is_shipped(file: str, folder: str) -> bool:
    return Path(folder, file).resolve().is_relative_to(shipped_folder().resolve())


# ---- a mistake at the value's own place ----------------------------------------------------------------------------


@contextmanager
def told_at_source(tree: Tree, sources: Sources) -> Iterator[None]:
    """Moves mistakes in the value `tree` to the place where it was given."""
    try:
        yield
    except SpecError as error:
        raise SpecError([moved(d, tree, sources) for d in error.diagnostics]) from None


def evaluated(tree: Tree, env: Env, sources: Sources) -> Any:
    """The value of `tree`. A mistake in working it out is told at the expression, unless that is in what ships."""
    try:
        return evaluate(tree, env)
    except SpecError as error:
        raise SpecError([moved(d, tree, sources) if is_shipped(d.location) else d for d in error.diagnostics]) from None


@contextmanager
def told_at_use(at: Location | None) -> Iterator[None]:
    """Moves mistakes in what ships to `at`, the user's line that makes use of it."""
    try:
        yield
    except SpecError as error:
        raise SpecError([outside(d, at) for d in error.diagnostics]) from None


def moved(found: Diagnostic, tree: Tree, sources: Sources) -> Diagnostic:
    """A mistake in the value `tree`, told where it was given; the rest of its way are notes."""
    leaf = expression_at(tree, found.location)
    way = _way(leaf, sources) if leaf else []
    giver = _giver(way)
    if leaf is None or giver is None or (is_shipped(giver.tree.at) and not is_shipped(leaf.at)):
        return found
    way = way[: way.index(giver) + 1]
    passed = dict.fromkeys(s.tree.at for s in reversed(way) if s.tree.at not in (giver.tree.at, leaf.at))
    notes = [("handed on here", at) for at in islice(passed, MOST_NOTES)]
    notes += [(f"used as {leaf.value} here", leaf.at), *found.notes]
    is_plain = all(map(_is_handed_on, (leaf, *(s.tree for s in way[:-1])))) and not giver.is_default
    said = "" if is_plain else f", from {_said(giver)}"
    return replace(found, message=found.message + said, location=giver.tree.at, notes=_further(tuple(notes), giver.tree.at))


def at_use(found: Diagnostic) -> Diagnostic:
    """A finding in what ships, told at the user's line that made use of it, where a note names one."""
    used = [at for text, at in found.notes if text == "used here" and not is_shipped(at)]
    return outside(found, used[0]) if used else found


def outside(found: Diagnostic, at: Location | None) -> Diagnostic:
    """A mistake in what ships, told at the user's line `at`; others stay where they are."""
    if at is None or is_shipped(at) or not is_shipped(found.location):
        return found
    notes = (("in what ships, here", found.location), *found.notes)
    return replace(found, location=at, notes=_further(notes, at))


def _further(notes: tuple[tuple[str, Location], ...], at: Location) -> tuple[tuple[str, Location], ...]:
    """The notes that show another place than `at`, without a `used here` on a line that is shown already."""
    notes = tuple(note for note in notes if note[1] != at)
    lines = {(place.file, place.line) for place in (at, *(place for text, place in notes if text != "used here"))}
    return tuple(note for note in notes if note[0] != "used here" or (note[1].file, note[1].line) not in lines)


def _said(source: Source) -> str:
    text = f"{source.name}: {flow(plain(source.tree))}"
    text = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    return f"`{text}`" + (f", the default of '{source.block}'" if source.is_default else "")


# ---- the way of a value --------------------------------------------------------------------------------------------


def expression_at(tree: Tree, at: Location) -> Scalar | None:
    """The expression at a place within a value; of a list at that place its one expression."""
    match tree:
        case Scalar():
            return tree if tree.at == at and is_expression(tree.value) else None
        case Seq(items) if tree.at == at:
            expressions = [item for item in items if isinstance(item, Scalar) and is_expression(item.value)]
            return expressions[0] if len(expressions) == 1 else None
        case Seq(items):
            return next((leaf for item in items if (leaf := expression_at(item, at))), None)
        case Map(entries):
            return next((leaf for entry in entries.values() if (leaf := expression_at(entry.value, at))), None)


def _is_handed_on(tree: Tree) -> bool:
    """Whether a value is a name alone, `$name`."""
    return isinstance(tree, Scalar) and str(tree.value).startswith("$") and not str(tree.value).startswith("$(")


def _way(tree: Tree, sources: Sources) -> list[Source]:
    """The sources of an expression, one behind the other; the last one gave its value."""
    way: list[Source] = []
    while source := _next(tree, sources):
        way.append(source)
        tree, sources = source.tree, source.sources
    return way


def _giver(way: list[Source]) -> Source | None:
    """The source that a user is to look at: the last that no shipped file holds, else the last."""
    by_user = [source for source in way if not is_shipped(source.tree.at)]
    return next(reversed(by_user or way), None)


def _next(tree: Tree, sources: Sources) -> Source | None:
    """The source that an expression leads to; of several the first that was given, in what ships the first by the user.

    What a user works out from variables is looked at where it is worked out, unless a setting gave one of them.
    """
    if not (isinstance(tree, Scalar) and isinstance(tree.value, str) and is_expression(tree.value)):
        return None
    names = sorted(parse(tree.value).names, key=tree.value.find)
    given = [sources[name] for name in names if name in sources]
    if _is_handed_on(tree):
        return given[0] if given else None
    if not is_shipped(tree.at):
        arguments = [source for source in given if source.block is not None]
        ready = [source for source in arguments if not source.is_default]
        ready += [source for source in given if is_set(_end(source).tree.at)]
        return next(iter(ready + arguments), None)
    by_user = [source for source in given if not is_shipped(_end(source).tree.at)]
    return by_user[0] if by_user else given[0] if len(given) == 1 else None


def _end(source: Source) -> Source:
    return _giver([source, *_way(source.tree, source.sources)]) or source


# ---- what would fit ------------------------------------------------------------------------------------------------


def fitting(tree: Tree, sources: Sources, fits: Callable[[str, Any], bool]) -> str | None:
    """A hint with the nearest whole numbers that would do where `tree` was given. `fits` takes a name in `tree` and its value."""
    way = _way(tree, sources)
    given = way[-1].tree if way else None
    if not isinstance(given, Scalar) or not isinstance(given.value, int) or isinstance(given.value, bool):
        return None
    return nearest_fitting(way[-1].name, given.value, REACH, lambda number: _replayed(way, number, fits))


def _replayed(way: list[Source], number: int, fits: Callable[[str, Any], bool]) -> bool:
    """Whether the first name of a way fits where its last is `number`."""
    value: Any = number
    for source, giver in zip(way[-2::-1], way[:0:-1], strict=True):
        try:
            value = evaluate(source.tree, {**source.env, giver.name: value})
        except SpecError:
            return False
    return fits(way[0].name, value)
