"""Arguments of blocks and rules: declared, given, and worked out."""

from collections.abc import Mapping
from typing import Any

from . import values
from .errors import IllFormed
from .expressions import is_expression

TYPES = {
    "int": values.whole,
    "float": values.number,
    "bool": values.truth,
    "str": values.text,
    "pair": values.whole_or_two,
}


def arguments_and_steps(body: Any) -> tuple[dict[str, Any], list[Any]]:
    """The arguments and the steps of a block or rule; the bare list of steps has no arguments."""
    if isinstance(body, list):
        return {}, body
    return body.get("args") or {}, body["body"]


def inputs_of(body: Any) -> list[str]:
    """The names of a block's inputs, where it has several."""
    return (body.get("inputs") or []) if isinstance(body, dict) else []


def bind(
    arguments: Mapping[str, Any], given: Mapping[str, Any], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """A value for every argument; a default sees the facts and the arguments above it."""
    unknown = set(given) - set(arguments)
    if unknown:
        raise IllFormed(f"no such arguments: {sorted(unknown)}")
    bound: dict[str, Any] = {}
    for name, declaration in arguments.items():
        if name in given:
            bound[name] = check_type(name, declaration, given[name])
        elif isinstance(declaration, str) and declaration in TYPES:
            raise IllFormed(f"{name} must be given")
        elif isinstance(declaration, dict):
            bound[name] = declaration["one_of"][0]
        else:
            bound[name] = values.worked_out(declaration, {**facts, **bound})
    return bound


def check_type(name: str, declaration: Any, value: Any) -> Any:
    """The value as given, if it is of the type that is declared or that the default has."""
    if isinstance(declaration, dict):
        if value not in declaration["one_of"]:
            raise IllFormed(f"{name}: {value!r} is none of {declaration['one_of']}")
        return value
    if is_expression(declaration) or isinstance(declaration, list):
        return value
    check = TYPES[declaration if declaration in TYPES else type(declaration).__name__]
    return check(value)
