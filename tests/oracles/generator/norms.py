"""Attributes of norms, drawn so that they fit a shape."""

from collections.abc import Mapping
from typing import Any

from ..language.shapes import Shape
from .draw import Draw, divisors, number, whole

Scope = Mapping[str, Any]
Settings = dict[str, Any]


def norm(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    settings: Settings = {}
    if draw.chance(0.2):
        settings["epsilon"] = number(draw, 1e-5, scope)
    if draw.chance(0.2):
        settings[draw.choose(["scale", "center"])] = draw.chance(0.3)
    if draw.chance(0.1) and "scale" not in settings:
        settings["gamma_init"] = number(draw, draw.choose([0, 0.5]), scope)
    return settings


def bn(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {
        **norm(draw, scope, shape),
        **({"momentum": number(draw, 0.9, scope)} if draw.chance(0.2) else {}),
    }


def group_norm(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {
        **norm(draw, scope, shape),
        "groups": whole(draw, draw.choose(divisors(shape[-1])), scope, chance=0.2),
    }


def lrn(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    given = {
        "size": draw.choose([3, 5]),
        "alpha": number(draw, 2e-5, scope),
        "beta": 0.5,
        "bias": number(draw, 2.0, scope),
    }
    return {key: given[key] for key in draw.some(list(given), draw.between(0, 3))}


def normalize(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    if shape[-1] > 8 or draw.chance(0.3):
        return {}
    return {
        "mean": [number(draw, 0.5, scope) for _ in range(shape[-1])],
        "variance": [draw.choose([1, 0.25, "$(1 / 4)"]) for _ in range(shape[-1])],
    }
