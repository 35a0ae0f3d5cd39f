"""Where values come from: mistakes are reported where the user wrote the value, not in a library.

Each name that a body sees has a source, the value as written and the sources of the names in it.
Followed up, they lead from the attribute of an op to the row, the default, the setting or the
variable that gave it.
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
from archcompile.shipped import shipped_folder
from archcompile.spec.expressions import Env, evaluate, is_expression, nearest_fitting, parse
from archcompile.spec.yaml import Entry, Map, Scalar, Seq, Tree, flow, plain

REACH = 500  # how far from a given number one that fits is looked for
MOST_NOTES = 8  # of places that handed a value on
SHOWN = 40  # characters of a value that a message repeats

Sources = Mapping[str, "Source"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
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


def sources_of_variables(entries: Mapping[str, Entry], values: Env) -> dict[str, Source]:
    """The sources of a spec's variables, whose `values` are known: so none leads back to itself."""
    sources: dict[str, Source] = {}
    sources.update(
        {
            name: Source(name=name, tree=entry.value, env=values, sources=sources)
            for name, entry in entries.items()
        }
    )
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


# ---- a mistake at the value's own place ----------------------------------------------------------


@contextmanager
def mistakes_at_source(tree: Tree, sources: Sources) -> Iterator[None]:
    """Moves mistakes in the value `tree` to the place where it was given."""
    try:
        yield
    except SpecError as error:
        raise SpecError([move_to_source(d, tree, sources) for d in error.diagnostics]) from None


def evaluate_from(tree: Tree, env: Env, sources: Sources) -> Any:
    """The value of `tree`.

    A mistake in evaluating it is reported at the expression, unless that ships with archc, or only
    hands on a value that is out of range where it was given.
    """
    try:
        return evaluate(tree, env)
    except SpecError as error:
        diagnostics = [
            move_to_source(diagnostic, tree, sources)
            if is_shipped(diagnostic.location) or _is_only_handed_on(diagnostic, tree)
            else diagnostic
            for diagnostic in error.diagnostics
        ]
        raise SpecError(diagnostics) from None


@contextmanager
def mistakes_at_use(at: Location | None) -> Iterator[None]:
    """Moves mistakes in what ships to `at`, the user's line that makes use of it."""
    try:
        yield
    except SpecError as error:
        raise SpecError([move_out_of_shipped(d, at) for d in error.diagnostics]) from None


def move_to_source(diagnostic: Diagnostic, tree: Tree, sources: Sources) -> Diagnostic:
    """A mistake in the value `tree`, reported where it was given, with its path as notes."""
    leaf = expression_at(tree, diagnostic.location)
    path = _path(leaf, sources) if leaf else []
    giver = _giver(path)
    if leaf is None or giver is None or (is_shipped(giver.tree.at) and not is_shipped(leaf.at)):
        return diagnostic
    path = path[: path.index(giver) + 1]
    places = [source.tree.at for source in reversed(path)]
    between = dict.fromkeys(at for at in places if at not in (giver.tree.at, leaf.at))
    notes = [("passed on here", at) for at in islice(between, MOST_NOTES)]
    notes += [(f"used as {leaf.value} here", leaf.at), *diagnostic.notes]
    handed_on = [leaf, *(source.tree for source in path[:-1])]
    message = diagnostic.message
    if giver.is_default or not all(map(_is_handed_on, handed_on)):
        message += f", from {_source_words(giver)}"
    return replace(
        diagnostic,
        message=message,
        location=giver.tree.at,
        notes=_without_repeats(tuple(notes), giver.tree.at),
    )


def place_given(tree: Tree, sources: Sources) -> Location:
    """Where the value of `tree` was given, unless only what ships gave it."""
    giver = _giver(_path(tree, sources))
    if giver is None or (is_shipped(giver.tree.at) and not is_shipped(tree.at)):
        return tree.at
    return giver.tree.at


def move_to_use(diagnostic: Diagnostic) -> Diagnostic:
    """A finding in what ships, moved to the user's line that a `used here` note names."""
    used = [at for text, at in diagnostic.notes if text == "used here" and not is_shipped(at)]
    return move_out_of_shipped(diagnostic, used[0]) if used else diagnostic


def move_out_of_shipped(diagnostic: Diagnostic, at: Location | None) -> Diagnostic:
    """A mistake in what ships, reported at the user's line `at`; others stay where they are."""
    if at is None or is_shipped(at) or not is_shipped(diagnostic.location):
        return diagnostic
    notes = (("in a shipped file", diagnostic.location), *diagnostic.notes)
    return replace(diagnostic, location=at, notes=_without_repeats(notes, at))


def _without_repeats(
    notes: tuple[tuple[str, Location], ...], at: Location
) -> tuple[tuple[str, Location], ...]:
    """The notes that show another place than `at`.

    A `used here` on a line that is shown already is left out.
    """
    notes = tuple(note for note in notes if note[1] != at)
    places = [at, *(place for text, place in notes if text != "used here")]
    lines = {(place.file, place.line) for place in places}

    def is_new(text: str, place: Location) -> bool:
        return text != "used here" or (place.file, place.line) not in lines

    return tuple(note for note in notes if is_new(*note))


def _source_words(source: Source) -> str:
    """A source as a message repeats it."""
    text = f"{source.name}: {flow(plain(source.tree))}"
    text = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    return f"`{text}`" + (f", the default of '{source.block}'" if source.is_default else "")


# ---- the path of a value -------------------------------------------------------------------------


def expression_at(tree: Tree, at: Location) -> Scalar | None:
    """The expression at a place within a value; of a list at that place its one expression."""
    match tree:
        case Scalar():
            return tree if tree.at == at and is_expression(tree.value) else None
        case Seq(items) if tree.at == at:
            expressions = [
                item for item in items if isinstance(item, Scalar) and is_expression(item.value)
            ]
            return expressions[0] if len(expressions) == 1 else None
        case Seq(items):
            return next((leaf for item in items if (leaf := expression_at(item, at))), None)
        case Map(entries):
            return next(
                (leaf for entry in entries.values() if (leaf := expression_at(entry.value, at))),
                None,
            )


def _is_only_handed_on(diagnostic: Diagnostic, tree: Tree) -> bool:
    """Whether a value out of range is that of the name alone which stands there."""
    leaf = expression_at(tree, diagnostic.location)
    return diagnostic.code == "out-of-range" and leaf is not None and _is_handed_on(leaf)


def _is_handed_on(tree: Tree) -> bool:
    """Whether a value is a name alone, `$name`."""
    return (
        isinstance(tree, Scalar)
        and str(tree.value).startswith("$")
        and not str(tree.value).startswith("$(")
    )


def _path(tree: Tree, sources: Sources) -> list[Source]:
    """The sources of an expression, one behind the other; the last one gave its value."""
    path: list[Source] = []
    while source := _next(tree, sources):
        path.append(source)
        tree, sources = source.tree, source.sources
    return path


def _giver(path: list[Source]) -> Source | None:
    """The source that a user is to look at: the last that no shipped file holds, else the last."""
    by_user = [source for source in path if not is_shipped(source.tree.at)]
    return next(reversed(by_user or path), None)


def _next(tree: Tree, sources: Sources) -> Source | None:
    """The source that an expression leads to.

    Of several it is the first that was given; in what ships, the first that the user gave.

    What a user works out from variables is looked at where it is worked out, unless a setting gave
    one of them.
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
    if not by_user and len(given) == 1:
        return given[0]
    return by_user[0] if by_user else None


def _end(source: Source) -> Source:
    return _giver([source, *_path(source.tree, source.sources)]) or source


# ---- what would fit ------------------------------------------------------------------------------


def hint_of_fitting(tree: Tree, sources: Sources, fits: Callable[[str, Any], bool]) -> str | None:
    """A hint with the nearest whole numbers that would do where `tree` was given.

    `fits` takes a name in `tree` and its value.
    """
    path = _path(tree, sources)
    tree_at_end = path[-1].tree if path else None
    start = tree_at_end.value if isinstance(tree_at_end, Scalar) else None
    if not isinstance(start, int) or isinstance(start, bool):
        return None
    return nearest_fitting(
        path[-1].name, start, REACH, fits=lambda number: _fits_at(path, number, fits)
    )


def _fits_at(path: list[Source], number: int, fits: Callable[[str, Any], bool]) -> bool:
    """Whether the first name of a path fits where its last is `number`."""
    value: Any = number
    for source, giver in zip(path[-2::-1], path[:0:-1], strict=True):
        try:
            value = evaluate(source.tree, {**source.env, giver.name: value})
        except SpecError:
            return False
    return fits(path[0].name, value)
