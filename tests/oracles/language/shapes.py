"""Shapes and weights of ops, after Keras' conventions; channels come last."""

from collections.abc import Callable, Sequence
from math import isqrt, prod
from typing import Any

from .errors import IllFormed
from .ops import GLOBAL_POOLS

Shape = tuple[int, ...]
Attributes = dict[str, Any]


def a_map(shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise IllFormed(f"expected a map, got {shape}")
    return shape[0], shape[1], shape[2]


def extent(size: int, dilation: int) -> int:
    return (size - 1) * dilation + 1


def ceil_div(value: int, divisor: int) -> int:
    return -(-value // divisor)


def slide(length: int, window: int, stride: int, *, padding: str) -> int:
    """How many windows there are along one axis."""
    if padding == "same":
        return ceil_div(length, stride)
    if window > length:
        raise IllFormed(f"a window of {window} does not fit {length}")
    return (length - window) // stride + 1


def convolved_size(shape: Shape, op: Attributes) -> tuple[int, int]:
    height, width, _ = a_map(shape)
    if op["stride"] != (1, 1) and op["dilation"] != (1, 1):
        raise IllFormed("Keras has no conv with both a stride and a dilation")
    if "multiplier" in op and op["stride"][0] != op["stride"][1]:
        raise IllFormed("Keras' depthwise convs have one stride for both axes")
    windows = [extent(size, step) for size, step in zip(op["kernel"], op["dilation"], strict=True)]
    return (
        slide(height, windows[0], op["stride"][0], padding=op["padding"]),
        slide(width, windows[1], op["stride"][1], padding=op["padding"]),
    )


def shape_of_conv(op: Attributes, shape: Shape) -> Shape:
    if shape[-1] % op["groups"] or op["filters"] % op["groups"]:
        raise IllFormed("groups must divide channels and filters")
    return (*convolved_size(shape, op), op["filters"])


def shape_of_conv_transpose(op: Attributes, shape: Shape) -> Shape:
    sides = []
    for length, window, stride in zip(a_map(shape)[:2], op["kernel"], op["stride"], strict=True):
        rest = window - stride if op["padding"] == "valid" and window > stride else 0
        sides.append(length * stride + rest)
    return (*sides, op["filters"])


def shape_of_pool(op: Attributes, shape: Shape) -> Shape:
    stride = op["stride"] or op["size"]
    return shape_of_windows(shape, op["size"], stride, padding=op["padding"])


def shape_of_windows(
    shape: Shape, size: Sequence[int], stride: Sequence[int], *, padding: str
) -> Shape:
    height, width, channels = a_map(shape)
    return (
        slide(height, size[0], stride[0], padding=padding),
        slide(width, size[1], stride[1], padding=padding),
        channels,
    )


def shape_of_global_pool(op: Attributes, shape: Shape) -> Shape:
    places = shape[:1] if len(shape) == 2 else a_map(shape)[:2]
    return (*(1 for _ in places if op["keep_dims"]), shape[-1])


def shape_of_pad(op: Attributes, shape: Shape) -> Shape:
    height, width, channels = a_map(shape)
    top, bottom, left, right = op["size"]
    return height + top + bottom, width + left + right, channels


def shape_of_crop(op: Attributes, shape: Shape) -> Shape:
    height, width, channels = a_map(shape)
    top, bottom, left, right = op["size"]
    rest = height - top - bottom, width - left - right
    if min(rest) < 1:
        raise IllFormed("nothing is left of the map")
    return (*rest, channels)


def with_channels(op: Attributes, shape: Shape) -> Shape:
    height, width, channels = a_map(shape)
    return height, width, channels + op["before"] + op["after"]


def shape_of_reshape(op: Attributes, shape: Shape) -> Shape:
    if prod(op["shape"]) != prod(shape):
        raise IllFormed(f"{shape} has not as many values as {op['shape']}")
    return tuple(op["shape"])


def shape_of_slice(op: Attributes, shape: Shape) -> Shape:
    if op["start"] + op["channels"] > shape[-1]:
        raise IllFormed(f"{shape} has no channels that far")
    return (*shape[:-1], op["channels"])


def shape_of_permute(op: Attributes, shape: Shape) -> Shape:
    names = ("tokens", "channels") if len(shape) == 2 else ("height", "width", "channels")
    if sorted(op["axes"]) != sorted(names) or len(shape) == 1:
        raise IllFormed(f"{shape} has not the axes {op['axes']}")
    sizes = dict(zip(names, shape, strict=True))
    return tuple(sizes[name] for name in op["axes"])


def shape_of_depth_to_space(op: Attributes, shape: Shape) -> Shape:
    height, width, channels = a_map(shape)
    rows, columns = op["size"]
    if channels % (rows * columns):
        raise IllFormed("a block takes as many channels of each pixel")
    return height * rows, width * columns, channels // (rows * columns)


def shape_of_space_to_depth(op: Attributes, shape: Shape) -> Shape:
    height, width, channels = a_map(shape)
    rows, columns = op["size"]
    if height % rows or width % columns:
        raise IllFormed("the blocks must cover the map")
    return height // rows, width // columns, channels * rows * columns


def shape_of_dense(op: Attributes, shape: Shape) -> Shape:
    if (len(shape) == 1) == (op["per"] == "position"):
        raise IllFormed("dense takes a vector, or positions where it says so")
    return (*shape[:-1], op["units"])


def shape_of_group_norm(op: Attributes, shape: Shape) -> Shape:
    if shape[-1] % op["groups"]:
        raise IllFormed("groups must divide the channels")
    return shape


def shape_of_normalize(op: Attributes, shape: Shape) -> Shape:
    for name in ("mean", "variance"):
        if (op[name] is None) != (op["mean"] is None) or (
            op[name] is not None and len(op[name]) != shape[-1]
        ):
            raise IllFormed("normalize takes one number a channel, for both or neither")
    return shape


def shape_of_attention(op: Attributes, shape: Shape) -> Shape:
    if len(shape) == 1:
        raise IllFormed("attention is between positions")
    if op["head_channels"] is None and shape[-1] % op["heads"]:
        raise IllFormed("the heads must divide the channels")
    return (*shape[:-1], op["units"] or shape[-1])


def shape_of_map(op: Attributes, shape: Shape) -> Shape:
    if len(shape) != 2:
        raise IllFormed(f"expected tokens, got {shape}")
    height, width = op["size"] or (isqrt(shape[0]),) * 2
    if height * width != shape[0]:
        raise IllFormed(f"{shape[0]} tokens are no map of {height}x{width}")
    return height, width, shape[1]


ONE_INPUT: dict[str, Callable[[Attributes, Shape], Shape]] = {
    "conv": shape_of_conv,
    "depthwise_conv": lambda op, shape: (*convolved_size(shape, op), shape[-1] * op["multiplier"]),
    "separable_conv": lambda op, shape: (*convolved_size(shape, op), op["filters"]),
    "conv_transpose": shape_of_conv_transpose,
    "dense": shape_of_dense,
    "attention": shape_of_attention,
    "tokens": lambda op, shape: (a_map(shape)[0] * shape[1], shape[2]),
    "map": shape_of_map,
    "group_norm": shape_of_group_norm,
    "shuffle_channels": shape_of_group_norm,
    "resize": lambda op, shape: (*op["to"], a_map(shape)[2]),
    "slice_channels": shape_of_slice,
    "permute": shape_of_permute,
    "depth_to_space": shape_of_depth_to_space,
    "space_to_depth": shape_of_space_to_depth,
    "normalize": shape_of_normalize,
    "max_pool": shape_of_pool,
    "avg_pool": shape_of_pool,
    "blur_pool": lambda op, shape: shape_of_windows(shape, (1, 1), op["stride"], padding="same"),
    "subsample": lambda op, shape: shape_of_windows(shape, (1, 1), op["stride"], padding="same"),
    **dict.fromkeys(GLOBAL_POOLS, shape_of_global_pool),
    "pad": shape_of_pad,
    "crop": shape_of_crop,
    "pad_channels": with_channels,
    "flatten": lambda op, shape: (prod(shape),),
    "reshape": shape_of_reshape,
    "upsample": lambda op, shape: (
        a_map(shape)[0] * op["size"][0],
        shape[1] * op["size"][1],
        shape[2],
    ),
}


def shape_of_join(kind: str, shapes: Sequence[Shape]) -> Shape:
    first = shapes[0]
    if kind == "subtract" and len(shapes) != 2:
        raise IllFormed("subtract takes two tensors")
    if kind == "concat":
        if any(shape[:-1] != first[:-1] for shape in shapes):
            raise IllFormed(f"concat needs maps of one size, got {shapes}")
        return (*first[:-1], sum(shape[-1] for shape in shapes))
    if kind == "multiply" and len(first) == 3:
        widest = max(shapes, key=prod)
        gates = ((1, 1, widest[2]), (*widest[:2], 1))
        if all(shape in (widest, *gates) for shape in shapes):
            return widest
    if any(shape != first for shape in shapes):
        raise IllFormed(f"{kind} needs equal shapes, got {shapes}")
    return first


def result(kind: str, op: Attributes, shapes: Sequence[Shape]) -> Shape:
    """The shape that an op gives back."""
    if len(shapes) > 1:
        return shape_of_join(kind, shapes)
    if kind in ONE_INPUT:
        return ONE_INPUT[kind](op, shapes[0])
    return shapes[0]


def shortest(kind: str, op: Attributes, shapes: Sequence[Shape]) -> Attributes:
    """Attributes without those that the input's shape says already."""
    channels = shapes[0][-1]
    if kind == "map" and op["size"] and op["size"][0] == op["size"][1]:
        return {**op, "size": None}
    if kind != "attention":
        return op
    share = channels // op["heads"] if channels % op["heads"] == 0 else None
    of_keys = op["head_channels"] or share
    implied = {"head_channels": share, "value_channels": of_keys, "units": channels}
    return {**op, **{name: None for name, value in implied.items() if op[name] == value}}


def stride_between(start: Shape, end: Shape) -> int | None:
    """The smallest stride of `same` windows that takes one map to the other; none for vectors, or
    where none does.
    """
    if len(start) != 3 or len(end) != 3:
        return None
    for stride in range(1, max(start[:2]) + 1):
        if tuple(ceil_div(length, stride) for length in start[:2]) == end[:2]:
            return stride
    return None


# ---- zeros around a conv -------------------------------------------------------------------------


def zeros_around(op: Attributes) -> tuple[int, int, int, int] | None:
    """The zeros that need a node of their own in front of a conv; none where the layer pads by
    itself.
    """
    if op["padding"] in ("same", "valid"):
        return None
    if op["padding"] != "symmetric":
        return tuple(op["padding"])
    windows = [extent(size, step) for size, step in zip(op["kernel"], op["dilation"], strict=True)]
    return windows[0] // 2, windows[0] // 2, windows[1] // 2, windows[1] // 2


def same_as_symmetric(op: Attributes) -> bool:
    """At stride 1 and with an odd window Keras' `same` puts the same zeros on both sides."""
    windows = [extent(size, step) for size, step in zip(op["kernel"], op["dilation"], strict=True)]
    return (
        op["padding"] == "symmetric"
        and op["stride"] == (1, 1)
        and all(window % 2 for window in windows)
    )
