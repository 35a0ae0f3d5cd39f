"""What a torch form consists of: modules and functions on tensors, and where their weights lie.

A map is (N, C, H, W) there, rows are (N, T, C), a vector is (N, C).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archcompile.ops import Call, Shape

OPERATORS = (" + ", " - ", " * ")  # functions that stand between their operands
PLACE = "*"  # where the operands of any other function stand


@dataclass(frozen=True, slots=True)
class Carried:
    """A weight of the op, by name, and how its array is turned into that of the module."""

    weight: str
    turn: Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class TorchPiece:
    """A module, or a function, of an op's torch form.

    `sources` are as in `ops.Piece`: the op's inputs by place, or earlier pieces by their suffix.
    `carried` says what each parameter and buffer of a module is made of. What has weights or
    settings is a module, and one of them has no suffix, since it carries the node's name.
    """

    suffix: str
    call: Call
    sources: tuple[int | str, ...]
    carried: Mapping[str, Carried] = field(default_factory=dict)


def is_function(path: str) -> bool:
    """Whether a call's path is a function: an operator, or text with a place for operands."""
    return path in OPERATORS or PLACE in path


def function(text: str, *sources: int | str, suffix: str = "") -> TorchPiece:
    """A function without settings, such as `F.relu(*)`, with `*` for its operands."""
    return TorchPiece(suffix=suffix, call=Call(text, {}), sources=sources or (0,))


def module(
    path: str,
    *sources: int | str,
    suffix: str = "",
    carried: Mapping[str, Carried] | None = None,
    **settings: Any,
) -> TorchPiece:
    """A module with all its settings, applied to the op's input or to `sources`."""
    call = Call(path, settings)
    return TorchPiece(suffix=suffix, call=call, sources=sources or (0,), carried=carried or {})


def is_map(shape: Shape) -> bool:
    return len(shape) == 3


def channel_axis(shape: Shape) -> int:
    """The axis of the channels in PyTorch."""
    return 1 if is_map(shape) else -1


# ---- layouts of weights --------------------------------------------------------------------------


def identity(array: Any) -> Any:
    return array


def axis_order(*axes: int) -> Callable[[Any], Any]:
    """An array with its axes in another order."""
    return lambda array: array.transpose(axes)


def depthwise(kernel: Any) -> Any:
    """Keras' (H, W, C, multiplier) as (C * multiplier, 1, H, W)."""
    height, width, channels, multiplier = kernel.shape
    return kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)


def pointwise(kernel: Any) -> Any:
    """A dense layer's (C, units) as a convolution of one pixel, (units, C, 1, 1)."""
    return kernel.transpose(1, 0)[:, :, None, None]


def heads_out(kernel: Any) -> Any:
    """(C, heads, channels) as (heads * channels, C)."""
    return kernel.reshape(kernel.shape[0], -1).transpose(1, 0)


def heads_in(kernel: Any) -> Any:
    """(heads, channels, units) as (units, heads * channels)."""
    return kernel.reshape(-1, kernel.shape[-1]).transpose(1, 0)


CONV = axis_order(3, 2, 0, 1)
"""(H, W, in, out) as (out, in, H, W); of a transposed convolution, whose Keras kernel is
(H, W, out, in), as PyTorch's (in, out, H, W)."""
