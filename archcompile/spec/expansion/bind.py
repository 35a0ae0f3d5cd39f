"""Binds the arguments of a block or rule.

A value is given, else comes from `defaults`, else is the argument's own default, which sees the
arguments above it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from archcompile.errors import Location, SpecError, did_you_mean
from archcompile.spec.check import Source, evaluate_from, mistakes_at_source, whole_floats
from archcompile.spec.expansion.scope import Written, misfit
from archcompile.spec.expressions import Choice, Env, evaluate, value_words, whole
from archcompile.spec.language import Argument, Block
from archcompile.spec.yaml import Entry, Map, Scalar, Tree, fail

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "pair": "a whole number or two of them in a list",
}
_LEAST = -(10**15)  # arguments may be negative; the ops set their own bounds


@dataclass(frozen=True, slots=True)
class Bound:
    """The names a body sees: the facts and its arguments, and where the arguments come from."""

    env: dict[str, Any]
    sources: dict[str, Source]


def bind(
    block: Block,
    given: Mapping[str, Written],
    facts: Env,
    *,
    at: Location,
    entries: Mapping[str, Entry],
) -> Bound:
    """The names a body sees. Raises SpecError (missing-argument, wrong-type, not-whole)."""
    bound = Bound(dict(facts), {})
    for name, argument in block.arguments.items():
        value = given.get(name) or _default(block, name, bound, at=at)
        result = evaluate_from(value.tree, value.env, value.sources)
        with mistakes_at_source(value.tree, value.sources):
            bound.env[name] = _convert(
                result,
                value.tree,
                argument,
                what=f"the argument '{name}' of '{block.name}'",
                entries=entries,
            )
        bound.sources[name] = Source(
            name=name,
            tree=value.tree,
            env=value.env,
            sources=value.sources,
            block=block.name,
            is_default=name not in given,
        )
    return bound


def _default(block: Block, name: str, bound: Bound, *, at: Location) -> Written:
    """The default of an argument, which sees what is `bound` above it."""
    argument = block.arguments[name]
    if argument.default is None:
        raise misfit(
            "missing-argument",
            f"'{block.name}' needs the argument '{name}' ({argument.type})",
            at,
            hint=f"add `{name}: …`",
            notes=(("the block", argument.at),),
        )
    return Written(tree=argument.default, env=bound.env, sources=bound.sources)


def check_hidden(
    block: Block, row: Map, edges: tuple[Map | None, ...], *, env: Env, entries: Mapping[str, Entry]
) -> None:
    """Raises SpecError for a wrong value in a row, even where `first` and `last` hide it."""
    for name, tree in row.items():
        if any(edge and name in edge for edge in edges) and name in block.arguments:
            argument = block.arguments[name]
            _convert(
                evaluate(tree, env),
                tree,
                argument,
                what=f"the argument '{name}' of '{block.name}'",
                entries=entries,
            )


def _convert(
    value: Any, tree: Tree, argument: Argument, *, what: str, entries: Mapping[str, Entry]
) -> Any:
    """The value as an argument of its type. Raises SpecError where it is none."""
    kind = argument.type
    if argument.options:
        if value not in argument.options:
            raise fail(
                "wrong-type",
                f"{what} cannot be {in_words(value)}",
                tree.at,
                hint=did_you_mean(value, argument.options, "it is one of"),
            )
        return Choice(value, argument.options)
    is_number = _is_number(value)
    if kind == "int" and is_number:
        return _whole(value, tree, argument, what=what, entries=entries)
    if kind == "float" and is_number:
        return float(value)
    if kind == "pair" and (is_number or _is_pair(value)):
        numbers_of_pair = value if isinstance(value, list) else [value]
        whole_numbers = [
            _whole(each, tree, argument, what=what, entries=entries) for each in numbers_of_pair
        ]
        return whole_numbers if isinstance(value, list) else whole_numbers[0]
    if kind is None:
        return value
    if (kind == "bool" and isinstance(value, bool)) or (kind == "str" and isinstance(value, str)):
        return value
    because = ""
    if argument.default is not None:
        because = f" (its default is {as_written(argument.default)})"
    message = f"{what}: expected {_KINDS[kind]}{because}, got {in_words(value)}"
    raise fail("wrong-type", message, tree.at)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Fraction) and not isinstance(value, bool)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


def _whole(
    value: Any, tree: Tree, argument: Argument, *, what: str, entries: Mapping[str, Entry]
) -> int:
    """A whole number.

    Where only the default of the argument asks for one, the message says so.
    """
    try:
        return whole(value, tree, what, least=_LEAST, entries=entries)
    except SpecError as error:
        if argument.default is None:
            raise
        default = as_written(argument.default)
        note = (
            f"its default, {default}, makes it a whole number; {default}.0 would allow any",
            argument.at,
        )
        raise SpecError([replace(d, notes=(*d.notes, note)) for d in error.diagnostics]) from None


def numbers(value: Any) -> Any:
    """Fractions as floats, whole floats as integers: what attributes of ops are made from."""
    if isinstance(value, Fraction):
        value = float(value)
    if isinstance(value, dict):
        return {k: numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [numbers(v) for v in value]
    return str(value) if isinstance(value, str) else whole_floats(value)


def in_words(value: Any) -> str:
    if isinstance(value, int | float | str | Fraction):
        return value_words(value)
    if value is None:
        return "nothing"
    return "a map" if isinstance(value, dict) else str(value)


def as_written(tree: Tree) -> str:
    return in_words(tree.value) if isinstance(tree, Scalar) else "a list or map"
