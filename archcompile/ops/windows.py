"""How windows slide over a map: how many there are, and which zeros they see."""

from archcompile.errors import ShapeError
from archcompile.ops.base import Shape


def ceil_div(number: int, divisor: int) -> int:
    """The quotient, rounded up."""
    return -(-number // divisor)


def slide(
    kind: str,
    extent: Shape,
    size: tuple[int, int],
    *,
    stride: tuple[int, int],
    padding: str,
    dilation: tuple[int, int] = (1, 1),
) -> tuple[int, int]:
    """Output (height, width) of a sliding window over a map; ShapeError where it does not fit."""
    if padding == "same":
        return ceil_div(extent[0], stride[0]), ceil_div(extent[1], stride[1])
    reach = tuple((n - 1) * d + 1 for n, d in zip(size, dilation, strict=True))
    if extent[0] < reach[0] or extent[1] < reach[1]:
        raise ShapeError(
            f"the {reach[0]}x{reach[1]} window of {kind} does not fit a map of "
            f"{extent[0]}x{extent[1]}",
            hint="make the map larger, the window smaller, or pad",
            code="window-too-large",
            attributes=("kernel", "size", "dilation", "padding"),
        )
    return (extent[0] - reach[0]) // stride[0] + 1, (extent[1] - reach[1]) // stride[1] + 1


def same_padding(size: int, kernel: int, stride: int, *, dilation: int) -> int:
    """The zeros that `same` adds along one axis, at both ends together."""
    reach = (kernel - 1) * dilation + 1
    return max((ceil_div(size, stride) - 1) * stride + reach - size, 0)
