"""How blocks and rules are called: what their arguments are for, and values for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..language.shapes import Shape
from . import attributes
from .draw import Draw, condition, number, whole


@dataclass(frozen=True, kw_only=True)
class Roles:
    """How a block or rule is called: what its arguments are for, and which must be given."""

    arguments: Mapping[str, str]
    required: tuple[str, ...] = ()
    joins: bool = False  # has a `shortcut` step
    in_units: bool = False  # uses facts of a unit
    further: int = 0  # inputs besides the first


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a list may use."""

    pieces: Mapping[str, Roles] = field(default_factory=dict)  # blocks that serve as steps here
    rules: Mapping[str, Roles] = field(default_factory=dict)
    robust: bool = False  # the list must do for other shapes, too
    keeps: bool = False  # height and width must stay
    depth: int = 0  # of branches


def draw_choice(draw: Draw, setting: Setting, scope: Mapping[str, Any]) -> Any:
    if not setting.rules or draw.chance(0.1):
        return "none"
    rule = draw.choose(list(setting.rules))
    roles = setting.rules[rule]
    given = draw_arguments(draw, roles, scope, shape=(8, 8, 4))
    if not given:
        return rule if draw.chance(0.9) else {rule: {}}
    return {rule: given}


VALUES: dict[str, list[Any]] = {
    "filters": [2, 3, 4, 4, 6, 8],
    "kernel": [1, 3, 3, 5],
    "stride": [1, 1, 1, 2],
    "count": [1, 2, 3],
    "divisor": [1, 2],
    "rate": [0.1, 0.25, 0.5, 0],
    "factor": [0.5, 2, 1.5, -1],
    "bias": [-2.0, -1, 0.5],
    "flag": [True, False],
    "activation": ["relu", "swish"],
    "word": ["plain", "fancy"],
    "kernels": [3, [3, 3], [1, 3], [3, 1]],
    "keep": [0.5, 0.75, 1.0],
    "expand": [1, 2.0, 1.5],
    "side": ["valid", "same"],
    "place": ["first_1x1", "3x3"],
}


def draw_arguments(
    draw: Draw, roles: Roles, scope: Mapping[str, Any], *, shape: Shape
) -> dict[str, Any]:
    given = {}
    for name, role in roles.arguments.items():
        if name in roles.required or draw.chance(0.3):
            given[name] = draw_value(draw, role, scope, shape=shape)
    return given


def draw_operands(draw: Draw, roles: Roles, points: Sequence[str]) -> Any:
    """The points at the further inputs of a block."""
    names = [draw.choose(points) for _ in range(roles.further)]
    return names[0] if len(names) == 1 and draw.chance(0.8) else names


def draw_value(draw: Draw, role: str, scope: Mapping[str, Any], *, shape: Shape) -> Any:
    if role == "filters" and draw.chance(0.35):
        return whole(draw, min(shape[-1], 16), scope)
    value = draw.choose(VALUES[role])
    if isinstance(value, bool):
        return draw.choose([value, value, condition(draw, scope)])
    if isinstance(value, int) and role not in ("rate", "factor", "bias", "expand"):
        return whole(draw, value, scope)
    if isinstance(value, list):
        return [whole(draw, item, scope) for item in value]
    if isinstance(value, int | float) and role not in ("keep", "expand"):
        return number(draw, value, scope)
    return value


def draw_defaults(draw: Draw, scope: Mapping[str, Any], *, small: bool = False) -> dict[str, Any]:
    """Defaults for ops."""
    shape = (8, 8, 4)
    kinds = [
        "conv",
        "bn",
        "dense",
        "dropout",
        "max_pool",
        "depthwise_conv",
        "leaky_relu",
        "drop_path",
        "lrn",
        "rescale",
    ]
    defaults: dict[str, Any] = {}
    for kind in draw.some(kinds, 1 if small else draw.between(0, 4)):
        settings = attributes.draw_attributes(draw, kind, scope, shape=shape)
        for risky in ("groups", "stride", "filters", "units", "multiplier"):
            settings.pop(risky, None)
        if settings.get("padding") not in ("same", "symmetric"):
            settings.pop("padding", None)
        if kind == "max_pool":
            settings["padding"] = "same"
        if settings:
            defaults[kind] = settings
    return defaults
