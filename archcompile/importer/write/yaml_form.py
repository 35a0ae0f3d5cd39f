"""Forms, blocks, rules and rows as the plain data that is written as YAML."""

from collections.abc import Sequence
from typing import Any

from archcompile.importer.fold import (
    ACTIVATION,
    Argument,
    Expression,
    FoldedBlock,
    FoldedRow,
    Form,
    Idiom,
    Rule,
    is_same_value,
    own_defaults,
)
from archcompile.importer.write.defaults import Defaults
from archcompile.ops import REGISTRY
from archcompile.spec.language import PREVIOUS

LONG = 10  # characters of a number that nobody has written
WORDS = {int: "int", float: "float"}


def steps_data(forms: Sequence[Form], defaults: Defaults) -> list[Any]:
    """A list of steps; equal ones behind one another are one with `repeat`."""
    written: list[Any] = []
    for form in forms:
        plain = step_data(form, defaults)
        can_repeat = form.kind in REGISTRY and form.name is None and not form.with_
        if written and plain == written[-1][0] and can_repeat:
            written[-1][1] += 1
        else:
            written.append([plain, 1])
    return [plain if times == 1 else _repeat(plain, times) for plain, times in written]


def _repeat(written: Any, times: int) -> dict[str, Any]:
    kind, values = (written, {}) if isinstance(written, str) else next(iter(written.items()))
    return {kind: {**values, "repeat": times}}


def step_data(form: Form, defaults: Defaults) -> Any:
    """A step without what the language or the defaults of the spec say anyway."""
    values = dict(form.values)
    kind = form.kind
    if kind == ACTIVATION and isinstance(values.get("kind"), str):
        kind = values.pop("kind")
    known = {} if kind not in REGISTRY else {**own_defaults(kind), **defaults.get(kind, {})}
    given: dict[str, Any] = {"from": form.source} if form.source else {}
    for key in values:
        if values[key] is not None and not (
            key in known and is_same_value(values[key], known[key])
        ):
            given[key] = value_data(values[key])
    if form.with_:
        given["with"] = form.with_[0] if len(form.with_) == 1 else list(form.with_)
    if form.branches is not None:
        given["branches"] = {
            name: steps_data(branch, defaults) for name, branch in form.branches.items()
        }
    given |= {key: value_data(item) for key, item in form.extra.items()}
    if form.name:
        given["name"] = form.name
    return {kind: given} if given else kind


def value_data(data: Any) -> Any:
    if isinstance(data, Expression):
        return str(data)
    if isinstance(data, list | tuple):
        return [value_data(item) for item in data]
    if isinstance(data, float):
        return _fraction(data)
    if isinstance(data, dict):
        return {key: value_data(item) for key, item in data.items()}
    return data


def _fraction(number: float) -> float | str:
    """`$(1 / n)` for a number that people write so."""
    if 0 < number < 1 and len(repr(number)) > LONG:
        n = round(1 / number)
        if 1 / n == number:
            return f"$(1 / {n})"
    return number


def arguments_data(arguments: Sequence[Argument], defaults: dict[str, Any]) -> dict[str, Any]:
    """`args` of a block or rule: a type where the caller must give it, a choice, or a default."""
    given: dict[str, Any] = {}
    for argument in arguments:
        texts = list(dict.fromkeys(v for v in argument.values if isinstance(v, str)))
        if argument.name not in defaults:
            is_float = any(isinstance(v, float) for v in argument.values)
            given[argument.name] = WORDS[float if is_float else int]
        elif len(texts) == len(set(map(repr, argument.values))):
            default = defaults[argument.name]
            rest = [text for text in texts if text != default]
            given[argument.name] = {"one_of": [default, *rest]}
        else:
            given[argument.name] = defaults[argument.name]
    return given


def block_data(block: FoldedBlock, about: str, defaults: Defaults) -> dict[str, Any]:
    inputs = {"inputs": list(block.inputs)} if block.inputs else {}
    return {"about": about, **inputs, **_args_and_body(block, defaults)}


def idiom_data(idiom: Idiom, defaults: Defaults) -> dict[str, Any]:
    return _args_and_body(idiom, defaults)


def _args_and_body(block: FoldedBlock | Idiom, defaults: Defaults) -> dict[str, Any]:
    args = arguments_data(block.arguments, block.defaults)
    body = steps_data(block.forms, defaults)
    return {"args": args, "body": body} if args else {"body": body}


def rule_data(rule: Rule, defaults: Defaults) -> Any:
    body = steps_data(rule.forms, defaults)
    if not rule.arguments:
        return body
    return {"args": arguments_data(rule.arguments, rule.defaults), "body": body}


def row_data(row: FoldedRow, block: FoldedBlock, shortcut: Any) -> dict[str, Any]:
    """A stage's row, without the block's defaults and the spec's usual shortcut."""
    known = {**block.defaults, "shortcut": shortcut}
    given = {
        key: item for key, item in row.given.items() if not (key in known and known[key] == item)
    }
    written: dict[str, Any] = {"block": block.name}
    if block.inputs:
        written["with"] = PREVIOUS
    if row.count > 1:
        written["repeat"] = row.count
    choice = {"shortcut": given.pop("shortcut")} if "shortcut" in given else {}
    edges = {key: dict(edge) for key, edge in (("first", row.first), ("last", row.last)) if edge}
    return {**written, **given, **choice, **edges}
