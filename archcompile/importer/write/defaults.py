"""`defaults:` of a spec: says once what most steps of a kind have in common."""

from collections.abc import Iterable
from typing import Any

from archcompile.importer.fold import ACTIVATION, Expression, Form, is_same_value, own_defaults
from archcompile.ops import REGISTRY

# These belong to a step, however many are alike.
OF_ONE_STEP = (
    "filters",
    "units",
    "stride",
    "kind",
    "shape",
    "rate",
    "drop_rate",
    "mean",
    "variance",
    "keep_dims",
)
SHARED = ("kernel", "size")  # a default only where all steps have it
LEAST = 2  # lines that a default must save
# Written even where it is Keras' own default.
ALWAYS = (
    ("conv", "bias"),
    ("depthwise_conv", "bias"),
    ("separable_conv", "bias"),
)

Defaults = dict[str, dict[str, Any]]


def common_defaults(forms: Iterable[Form]) -> Defaults:
    """Kind -> attribute -> the value that is not written in the steps."""
    by_kind: dict[str, list[Form]] = {}
    for form in forms:
        if form.kind in REGISTRY and form.kind != ACTIVATION:
            by_kind.setdefault(form.kind, []).append(form)
    common: Defaults = {}
    for kind, steps in sorted(by_kind.items(), key=lambda item: list(REGISTRY).index(item[0])):
        for attribute in steps[0].values:
            value = _common(kind, attribute, [step.values[attribute] for step in steps])
            if value is not None:
                common.setdefault(kind, {})[attribute] = value[0]
    return common


def _common(kind: str, attribute: str, values: list[Any]) -> tuple[Any] | None:
    """The value that is worth a default, as a tuple of one."""
    literal = [value for value in values if not _has_expression(value)]
    if attribute in OF_ONE_STEP or not literal or any(value is None for value in literal):
        return None
    ways = [way for value in literal for way in (value, *getattr(value, "others", ()))]
    best = max(ways, key=lambda way: (_count(literal, way), -ways.index(way)))
    language = own_defaults(kind)
    usual = language.get(attribute)
    if (kind, attribute) in ALWAYS:
        return (best,)
    if attribute in SHARED and literal.count(best) < len(values):
        return None
    saved = _count(literal, best)
    if attribute in language:
        saved -= _count(literal, usual)
    least = 1 if isinstance(best, dict) else LEAST
    return (best,) if best != usual and saved >= least else None


def _count(values: list[Any], way: Any) -> int:
    return sum(is_same_value(value, way) for value in values)


def _has_expression(value: Any) -> bool:
    return isinstance(value, Expression) or (
        isinstance(value, list) and any(map(_has_expression, value))
    )
