"""What a row of the table of ops is, and words for what rows have in common."""

from dataclasses import dataclass, field
from typing import Any

from archcompile.ops import Shape

MAP = (8, 6, 4)


@dataclass(frozen=True)
class Good:
    attributes: dict[str, Any]
    inputs: tuple[Shape, ...]
    output: Shape
    weights: list[tuple[str, Shape, bool]] = field(default_factory=list)
    macs: int = 0
    attention_macs: int = 0


@dataclass(frozen=True)
class Bad:
    attributes: dict[str, Any]
    inputs: tuple[Shape, ...] = (MAP,)
    code: str = "shape-mismatch"


def act(**attributes: Any) -> list[Good]:
    return [Good(attributes, (MAP,), MAP), Good(attributes, ((10,),), (10,))]


def kernel(*shape: int) -> tuple[str, Shape, bool]:
    return ("kernel", shape, True)


def bias(n: int) -> tuple[str, Shape, bool]:
    return ("bias", (n,), True)


def of_heads(
    channels: int, heads: int, of_keys: int, *, of_values: int, units: int, has_bias: bool = True
) -> list[tuple[str, Shape, bool]]:
    """The weights of attention: queries, keys, values, and what is made of their means."""
    weights: list[tuple[str, Shape, bool]] = []
    for name, size in (("query", of_keys), ("key", of_keys), ("value", of_values)):
        weights += [
            (f"{name}/kernel", (channels, heads, size), True),
            (f"{name}/bias", (heads, size), True),
        ]
    weights += [
        ("attention_output/kernel", (heads, of_values, units), True),
        ("attention_output/bias", (units,), True),
    ]
    return weights if has_bias else weights[::2]


def channels(n: int, *names: str) -> list[tuple[str, Shape, bool]]:
    return [(name, (n,), not name.startswith("moving")) for name in names]
