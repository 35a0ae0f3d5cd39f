"""A conv, its norm and its activation as one step, where a network often has them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from archcompile.importer.fold.draft_steps import Form
from archcompile.importer.fold.node_settings import ACTIVATION
from archcompile.importer.fold.point_names import CONV_BN
from archcompile.importer.fold.solve import Argument, Expression, defaults_of, name_all

OFTEN = 8  # in the whole spec
VARYING = ("filters", "kernel", "stride", "padding", "groups", "dilation")


@dataclass(frozen=True, slots=True)
class Idiom:
    """The block that the steps called CONV_BN use."""

    forms: list[Form]
    arguments: list[Argument]
    defaults: dict[str, Any]


def fold_idiom(bodies: Sequence[list[Form]]) -> Idiom | None:
    """Replaces each such three by the step CONV_BN, in place; None where there are few."""
    places: dict[str, list[tuple[list[Form], int]]] = {}
    for forms in chain.from_iterable(map(_lists, bodies)):
        for at in range(len(forms) - 2):
            conv, norm, act = forms[at : at + 3]
            if _is_idiom(conv, norm, act):
                fixed = {key: value for key, value in conv.values.items() if key not in VARYING}
                places.setdefault(repr((fixed, norm.values, act.values)), []).append((forms, at))
    uses = max(places.values(), key=len, default=[])
    if len(uses) < OFTEN:
        return None
    common = _idiom([forms[at : at + 3] for forms, at in uses])
    # From the back, so that the places in front stay what they are.
    for number, (forms, at) in reversed(list(enumerate(uses))):
        conv, _, act = forms[at : at + 3]
        values = _given_values(common, number)
        forms[at : at + 3] = [Form(kind=CONV_BN, values=values, name=act.name, source=conv.source)]
    return common


def _given_values(common: Idiom, number: int) -> dict[str, Any]:
    """What use `number` of the idiom gives to its arguments, without defaults."""
    values = {argument.name: argument.values[number] for argument in common.arguments}
    return {
        name: value
        for name, value in values.items()
        if not (name in common.defaults and _is_same(value, common.defaults[name]))
    }


def _lists(forms: list[Form]) -> Iterator[list[Form]]:
    yield forms
    for form in forms:
        for branch in (form.branches or {}).values():
            yield from _lists(branch)


def _is_idiom(conv: Form, norm: Form, act: Form) -> bool:
    kinds = (conv.kind, norm.kind, act.kind) == ("conv", "bn", ACTIVATION)
    plain = not (
        conv.name or conv.extra or norm.name or norm.extra or norm.source or act.extra or act.source
    )
    fixed = [
        *norm.values.values(),
        *act.values.values(),
        *(v for key, v in conv.values.items() if key not in VARYING),
    ]
    return kinds and plain and not any(isinstance(value, Expression) for value in fixed)


def _idiom(uses: Sequence[list[Form]]) -> Idiom:
    """The block of these uses: what differs between them becomes an argument."""
    conv, norm, act = uses[0]
    values = dict(conv.values)
    arguments: list[Argument] = []
    for key in VARYING:
        column = [use[0].values[key] for use in uses]
        if any(str(value) != str(column[0]) or isinstance(value, Expression) for value in column):
            arguments.append(Argument(attribute=key, values=tuple(column)))
            values[key] = Expression("{}", arguments[-1])
    name_all(arguments)
    body = [
        Form(kind="conv", values=values),
        Form(kind="bn", values=dict(norm.values)),
        Form(kind=ACTIVATION, values=dict(act.values)),
    ]
    literal = [argument for argument in map(_literal, arguments) if argument.values]
    return Idiom(body, arguments, defaults_of(literal))


def _literal(argument: Argument) -> Argument:
    """The argument with its numbers alone, all of them lists where some are.

    A default says whether lists may be given.
    """
    values = [value for value in argument.values if not isinstance(value, Expression)]
    if any(isinstance(value, list) for value in values):
        values = [_pair(value) for value in values]
        values = [max(values, key=values.count)]
    return Argument(attribute=argument.attribute, values=tuple(values), name=argument.name)


def _is_same(value: Any, default: Any) -> bool:
    if isinstance(value, Expression):
        return False
    return bool(_pair(value) == default if isinstance(default, list) else value == default)


def _pair(value: Any) -> Any:
    return value if isinstance(value, list) else [value, value]
