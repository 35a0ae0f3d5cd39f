"""A map as tokens, what is done to them, and a map of them again."""

from collections.abc import Mapping
from typing import Any

from ..language.shapes import Shape
from . import attributes
from .draw import Draw, pair

SWAP = {"permute": {"axes": ["channels", "tokens"]}}


def draw_tokens(
    draw: Draw, scope: Mapping[str, Any], shape: Shape, *, points: Mapping[str, Shape]
) -> list[Any]:
    """Steps from a map of this shape to one of the same size; `points` are those in scope."""
    height, width, channels = shape
    rows = height * width
    steps: list[Any] = ["tokens"]
    if draw.chance(0.3):
        steps += [SWAP, {"dense": {"units": rows, "per": "position"}}, SWAP]
    for _ in range(draw.between(0, 2)):
        kind = draw.choose([*attributes.ROWS])
        settings = attributes.draw_attributes(draw, kind, scope, shape=(rows, channels))
        steps.append({kind: settings} if settings else kind)
        channels = settings.get("units", channels)
        if not isinstance(channels, int):
            break  # an expression, whose value later steps would have to know
    like = [name for name, given in points.items() if len(given) == 3 and given[:2] == shape[:2]]
    if height == width and draw.chance(0.4):
        return [*steps, "map"]
    if like and draw.chance(0.4):
        return [*steps, {"map": {"with": draw.choose(like)}}]
    return [*steps, {"map": {"size": pair(draw, (height, width), scope)}}]
