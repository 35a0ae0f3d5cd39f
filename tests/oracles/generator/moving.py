"""Attributes of ops that move values, drawn so that they fit a shape."""

from collections.abc import Callable, Mapping
from typing import Any

from ..language.shapes import Shape
from .draw import Draw, divisors, pair, whole

Scope = Mapping[str, Any]
Settings = dict[str, Any]


def slice_channels(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    taken = draw.between(1, shape[-1])
    settings: Settings = {"channels": whole(draw, taken, scope, chance=0.2)}
    if draw.chance(0.6):
        settings["start"] = whole(draw, draw.between(0, shape[-1] - taken), scope, chance=0.2)
    return settings


def shuffle_channels(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    return {"groups": whole(draw, draw.choose(divisors(shape[-1])), scope, chance=0.2)}


def permute(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    axes = ["width", "height", "channels"]
    return {"axes": axes if draw.chance(0.6) else draw.some(axes, 3)}


def depth_to_space(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    sizes = [(1, 1), (2, 2), (1, 2), (3, 1)]
    fitting = [size for size in sizes if shape[2] % (size[0] * size[1]) == 0]
    return {"size": pair(draw, draw.choose(fitting), scope)}


def space_to_depth(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    sizes = [(1, 1), (2, 2), (1, 2), (3, 1)]
    fitting = [size for size in sizes if not (shape[0] % size[0] or shape[1] % size[1])]
    return {"size": pair(draw, draw.choose(fitting), scope)}


def resize(draw: Draw, scope: Scope, shape: Shape) -> Settings:
    sizes = [shape[:2], (shape[0] + 1, shape[1]), (shape[0], max(shape[1] - 1, 1)), (8, 8)]
    settings: Settings = {"to": pair(draw, draw.choose(sizes), scope)}
    if draw.chance(0.4):
        settings["interpolation"] = draw.choose(["nearest", "bilinear"])
    return settings


MAP: dict[str, tuple[float, Callable[[Draw, Scope, Shape], Settings]]] = {
    "slice_channels": (0.7, slice_channels),
    "permute": (0.5, permute),
    "resize": (0.7, resize),
    "depth_to_space": (0.4, depth_to_space),
    "space_to_depth": (0.3, space_to_depth),
}
