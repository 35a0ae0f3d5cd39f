"""Forms, blocks, rules and rows as the plain data that is written as YAML."""

from collections.abc import Sequence
from typing import Any

from archcompile.importer.fold import (
    ACTIVATION,
    Argument,
    Block,
    Expression,
    Form,
    Idiom,
    Row,
    Rule,
    own_defaults,
    same,
)
from archcompile.importer.write.defaults import Defaults
from archcompile.ops import REGISTRY

LONG = 10  # characters of a number that nobody has written
WORDS = {int: "int", float: "float"}


def steps(forms: Sequence[Form], defaults: Defaults) -> list[Any]:
    """A list of steps; equal ones behind one another are one with `repeat`."""
    written: list[Any] = []
    count = 1
    for form in forms:
        one = step(form, defaults)
        if (
            written
            and one == written[-1][0]
            and form.kind in REGISTRY
            and form.name is None
            and not form.with_
        ):
            written[-1][1] += 1
        else:
            written.append([one, count])
    return [one if times == 1 else _repeated(one, times) for one, times in written]


def _repeated(one: Any, times: int) -> dict[str, Any]:
    kind, values = (one, {}) if isinstance(one, str) else next(iter(one.items()))
    return {kind: {**values, "repeat": times}}


def step(form: Form, defaults: Defaults) -> Any:
    values = dict(form.values)
    kind = form.kind
    if kind == ACTIVATION and isinstance(values.get("kind"), str):
        kind = values.pop("kind")
    said = {} if kind not in REGISTRY else {**own_defaults(kind), **defaults.get(kind, {})}
    given: dict[str, Any] = {"from": form.source} if form.source else {}
    for key in values:
        if values[key] is not None and not (key in said and same(values[key], said[key])):
            given[key] = value(values[key])
    if form.with_:
        given["with"] = form.with_[0] if len(form.with_) == 1 else list(form.with_)
    if form.branches is not None:
        given["branches"] = {
            name: steps(branch, defaults) for name, branch in form.branches.items()
        }
    given |= {key: value(item) for key, item in form.extra.items()}
    if form.name:
        given["name"] = form.name
    return {kind: given} if given else kind


def value(found: Any) -> Any:
    if isinstance(found, Expression):
        return str(found)
    if isinstance(found, list | tuple):
        return [value(item) for item in found]
    if isinstance(found, float):
        return _fraction(found)
    return {key: value(item) for key, item in found.items()} if isinstance(found, dict) else found


def _fraction(number: float) -> float | str:
    """`$(1 / n)` for a number that people write so."""
    if 0 < number < 1 and len(repr(number)) > LONG:
        n = round(1 / number)
        if 1 / n == number:
            return f"$(1 / {n})"
    return number


def arguments(found: Sequence[Argument], defaults: dict[str, Any]) -> dict[str, Any]:
    """`args` of a block or rule: a type where the caller must give it, a choice, or a default."""
    given: dict[str, Any] = {}
    for argument in found:
        texts = list(dict.fromkeys(v for v in argument.values if isinstance(v, str)))
        if argument.name not in defaults:
            given[argument.name] = WORDS[
                float if any(isinstance(v, float) for v in argument.values) else int
            ]
        elif len(texts) == len(set(map(repr, argument.values))):
            default = defaults[argument.name]
            given[argument.name] = {
                "one_of": [default, *(text for text in texts if text != default)]
            }
        else:
            given[argument.name] = defaults[argument.name]
    return given


def block(found: Block, about: str, defaults: Defaults) -> dict[str, Any]:
    args = arguments(found.arguments, found.defaults)
    return {
        "about": about,
        **({"args": args} if args else {}),
        "body": steps(found.forms, defaults),
    }


def idiom(found: Idiom, defaults: Defaults) -> dict[str, Any]:
    args = arguments(found.arguments, found.defaults)
    return (
        {"args": args, "body": steps(found.forms, defaults)}
        if args
        else {"body": steps(found.forms, defaults)}
    )


def rule(found: Rule, defaults: Defaults) -> Any:
    body = steps(found.forms, defaults)
    return (
        {"args": arguments(found.arguments, found.defaults), "body": body}
        if found.arguments
        else body
    )


def row(found: Row, made: Block, shortcut: Any) -> dict[str, Any]:
    """A stage's row; what is the block's default, or the spec's own choice of shortcut, is not
    said.
    """
    known = {**made.defaults, "shortcut": shortcut}
    given = {
        key: item for key, item in found.given.items() if not (key in known and known[key] == item)
    }
    choice = {"shortcut": given.pop("shortcut")} if "shortcut" in given else {}
    edges = {
        key: dict(edge) for key, edge in (("first", found.first), ("last", found.last)) if edge
    }
    return {
        "block": made.name,
        **({"repeat": found.count} if found.count > 1 else {}),
        **given,
        **choice,
        **edges,
    }
