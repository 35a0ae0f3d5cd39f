"""Windows that slide over a map: the zeros around it, as PyTorch and as Keras count them."""

from collections.abc import Sequence

from archcompile.ops import same_padding
from archcompile.torch_graph.aten_translation import positive
from archcompile.torch_graph.net_builder import NetBuilder, Unfit
from archcompile.torch_graph.stored import Stored

Pair = tuple[int, int]
Sides = tuple[Pair, Pair]  # (top, bottom), (left, right)
NONE: Sides = ((0, 0), (0, 0))


def pair(value: int | Sequence[int]) -> Pair:
    """Height and width of a setting that may be one number."""
    numbers = [value] if isinstance(value, int) else list(value)
    if len(numbers) == 1:
        numbers *= 2
    if len(numbers) != 2:
        raise Unfit(f"has a window of {len(numbers)} axes")
    return numbers[0], numbers[1]


def same_sides(size: Pair, kernel: Pair, stride: Pair, *, dilation: Pair = (1, 1)) -> Sides:
    """What Keras' `same` adds to a map of this size."""
    totals = [
        same_padding(length, width, step, dilation=holes)
        for length, width, step, holes in zip(size, kernel, stride, dilation, strict=True)
    ]
    top, left = totals[0] // 2, totals[1] // 2
    return (top, totals[0] - top), (left, totals[1] - left)


def with_zeros(builder: NetBuilder, value: Stored, sides: Sides) -> Stored:
    """The map (N, C, H, W) with zeros around it."""
    if not any(sides[0] + sides[1]):
        return value
    n, channels, height, width = value.shape
    shape = (n, channels, height + sum(sides[0]), width + sum(sides[1]))
    padding = {"padding": [list(side) for side in sides]}
    result = builder.apply("ZeroPadding2D", padding, value, shape=shape)
    return positive(result, value.is_positive)


def size_of(value: Stored) -> Pair:
    """Height and width of a map (N, C, H, W)."""
    return value.shape[2], value.shape[3]
