"""Evaluates marked trees: variables, and the values of steps and rows under the names they see."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.spec.expressions.arithmetic import Env, ExpressionError, value_words
from archcompile.spec.expressions.expression import is_expression, parse
from archcompile.spec.yaml import EMPTY, Entry, Map, Scalar, Seq, Tree, fail, kind_of

# how far to look for a value of a variable that fits, shared by the variables there are
NEAREST_REACH = 12_000


def evaluate(tree: Tree, env: Env) -> Any:
    """The plain value of a tree; fractions stay fractions.

    Raises SpecError at the place of an expression that cannot be evaluated.
    """
    match tree:
        case Scalar(str() as text, at) if is_expression(text):
            try:
                return parse(text)(env)
            except ExpressionError as error:
                raise fail(error.code, error.message, at, hint=error.hint) from None
        case Scalar(value):
            return value
        case Seq(items):
            return [evaluate(item, env) for item in items]
        case Map(entries):
            return {key: evaluate(entry.value, env) for key, entry in entries.items()}


def expressions_in(tree: Tree) -> Iterator[Scalar]:
    """The values of a tree that are expressions, in the order of writing."""
    match tree:
        case Scalar(value) if is_expression(value):
            yield tree
        case Seq(items):
            for item in items:
                yield from expressions_in(item)
        case Map(entries):
            for entry in entries.values():
                yield from expressions_in(entry.value)


def check_expressions(tree: Tree) -> None:
    """Raises SpecError with all expressions that cannot be parsed, and all that are keys."""
    diagnostics = list(_wrong_expressions(tree))
    if diagnostics:
        raise SpecError(diagnostics)


def _wrong_expressions(tree: Tree) -> Iterator[Diagnostic]:
    """The mistakes in the expressions of a tree."""
    match tree:
        case Scalar(str() as value, at) if is_expression(value):
            try:
                parse(value)
            except ExpressionError as error:
                yield Diagnostic(
                    code=error.code, message=error.message, location=at, hint=error.hint
                )
        case Seq(items):
            for item in items:
                yield from _wrong_expressions(item)
        case Map(entries):
            for key, entry in entries.items():
                if is_expression(key):
                    yield Diagnostic(
                        code="bad-expression",
                        message=f"a key cannot be an expression: '{key}'",
                        location=entry.at,
                    )
                if key != "about":
                    yield from _wrong_expressions(entry.value)


def variables(entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The spec's variables from top to bottom; each sees those above it."""
    env: dict[str, Any] = {}
    for name, entry in entries.items():
        try:
            env[name] = evaluate(entry.value, env)
        except SpecError as error:
            # what is wrong may be a value further up, or on the command line
            places = _places_of_variables(entry.value, entries)
            raise SpecError([_at_source(d, name, places) for d in error.diagnostics]) from None
    return env


def _at_source(
    diagnostic: Diagnostic, name: str, places: tuple[tuple[str, Location], ...]
) -> Diagnostic:
    """A mistake in a variable, moved to the one value it was computed from, if it is one."""
    if diagnostic.code == "unknown-name" or len(places) != 1:
        return replace(diagnostic, notes=(*diagnostic.notes, *places))
    message = f"{diagnostic.message}, where `{name}` is computed"
    return replace(
        diagnostic,
        message=message,
        location=places[0][1],
        notes=(*diagnostic.notes, ("computed here", diagnostic.location)),
    )


def _places_of_variables(
    tree: Tree, entries: Mapping[str, Entry]
) -> tuple[tuple[str, Location], ...]:
    """The places of the variables that a value speaks of."""
    return tuple(
        (f"`{n}` is written here", entries[n].value.at)
        for n in sorted(names_in(tree))
        if n in entries
    )


_POWER = re.compile(r"([\w.]+) *(?:\*\*|\^) *([\w.]+)", re.ASCII)


def missing_dollar(text: str) -> str | None:
    """The hint for a text that was meant to be worked out; None for any other text."""
    inner = _POWER.sub(r"pow(\1, \2)", text)
    written = f"$({inner})"
    if is_expression(text) or not re.search(r"[*/%(]|\d *[-+]|[-+] *\d| [-+] ", inner):
        return None
    try:
        parse(written)
    except ExpressionError:
        return None
    quoted = f'"{written}"' if "," in written else written  # a comma ends a value within { }
    return f"an expression begins with `$`: write `{quoted}`"


def _in_words(value: Any) -> str:
    return str(value) if isinstance(value, list | dict) else kind_of(Scalar(value, EMPTY))


def names_in(tree: Tree) -> frozenset[str]:
    """All names that the expressions of a tree refer to."""
    match tree:
        case Scalar(str() as text) if is_expression(text):
            return parse(text).names
        case Seq(items):
            return frozenset().union(*map(names_in, items))
        case Map(entries):
            return frozenset().union(*(names_in(entry.value) for entry in entries.values()))
    return frozenset()


def free_variables(name: str, entries: Mapping[str, Entry]) -> set[str]:
    """The variables with values of their own on which `name` depends (itself, if it has one)."""
    order = {key: i for i, key in enumerate(entries)}
    free: set[str] = set()
    seen, todo = {name}, [name]
    while todo:
        current = todo.pop()
        above = {
            n for n in names_in(entries[current].value) if n in order and order[n] < order[current]
        }
        if not above:
            free.add(current)
        todo += above - seen
        seen |= above
    return free


def whole(value: Any, tree: Tree, what: str, *, least: int, entries: Mapping[str, Entry]) -> int:
    """`value` as a whole number of at least `least`.

    Raises SpecError; where the value comes from a variable, at that variable, naming its nearest
    values that fit.
    """

    fits = partial(_is_whole, least=least)
    if fits(value):
        return int(value)
    if not isinstance(value, int | float | Fraction) or isinstance(value, bool):
        raise _not_a_number(value, tree, what, entries=entries)
    is_whole = float(value).is_integer()
    expected = f"at least {least}" if is_whole else "a whole number"
    problem = f"expected {expected}, got {value_words(value)}"
    code = "out-of-range" if is_whole else "not-whole"
    source = _source(tree, entries)
    if source is None or not _comes_from(entries, tree, value):
        raise fail(code, f"{what}: {problem}", tree.at)
    raise _misfit(
        source,
        entries,
        tree,
        code=code,
        what=what,
        problem=problem,
        fits=fits,
    )


def _is_whole(value: Any, least: int) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and float(value).is_integer() and value >= least


def _not_a_number(value: Any, tree: Tree, what: str, *, entries: Mapping[str, Entry]) -> SpecError:
    return fail(
        "wrong-type",
        f"{what}: expected a whole number, got {_in_words(value)}",
        tree.at,
        hint=missing_dollar(value) if isinstance(value, str) else None,
        notes=_places_of_variables(tree, entries),
    )


def _comes_from(entries: Mapping[str, Entry], tree: Tree, value: Any) -> bool:
    """Whether `tree` speaks of these variables, not of arguments with the same names."""
    try:
        return bool(evaluate(tree, variables(entries)) == value)
    except SpecError:
        return False


def _source(tree: Tree, entries: Mapping[str, Entry]) -> str | None:
    """The variable with a whole value of its own on which `tree` depends, if there is just one."""
    sources: set[str] = set()
    todo = [name for name in names_in(tree) if name in entries]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        value = entries[name].value
        above = [n for n in names_in(value) if n in entries and n != name]
        todo.extend(above)
        number = value.value if isinstance(value, Scalar) else None
        if isinstance(number, int) and not isinstance(number, bool):
            sources.add(name)
    return sources.pop() if len(sources) == 1 else None


def _misfit(
    source: str,
    entries: Mapping[str, Entry],
    tree: Tree,
    *,
    code: str,
    what: str,
    problem: str,
    fits: Callable[[Any], bool],
) -> SpecError:
    """An error at the variable `source`, with its nearest values that fit."""
    entry = entries[source].value
    assert isinstance(entry, Scalar) and isinstance(entry.value, int)
    given = entry.value

    def fits_at_source(candidate: int) -> bool:
        try:
            env = variables({**entries, source: Entry(Scalar(candidate, entry.at), entry.at)})
            return fits(evaluate(tree, env))
        except SpecError:
            return False

    reach = max(1, NEAREST_REACH // len(entries))
    return fail(
        code,
        f"{what} for {source} {given}: {problem}",
        entry.at,
        hint=nearest_fitting(source, given, reach, fits=fits_at_source),
        notes=() if tree.at == entry.at else (("used here", tree.at),),
    )


def nearest_fitting(
    name: str, given: int, reach: int, *, fits: Callable[[int], bool]
) -> str | None:
    """A hint with the nearest whole numbers that would do, less than `reach` away."""
    below = next((n for n in range(given - 1, given - reach, -1) if fits(n)), None)
    above = next((n for n in range(given + 1, given + reach) if fits(n)), None)
    near = [str(n) for n in (below, above) if n is not None]
    if len(near) == 1:
        return f"the nearest value of `{name}` that fits: {near[0]}"
    return f"the nearest values of `{name}` that fit: {' and '.join(near)}" if near else None
