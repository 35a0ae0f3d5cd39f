"""Pools, means over axes, and maps made larger."""

from collections.abc import Mapping
from typing import Any

from archcompile.ops import ceil_div
from archcompile.torch_graph.aten import AtenNode
from archcompile.torch_graph.aten_translation import Translation, Translator, positive
from archcompile.torch_graph.aten_windows import (
    NONE,
    Pair,
    Sides,
    pair,
    same_sides,
    size_of,
    with_zeros,
)
from archcompile.torch_graph.axes import in_order
from archcompile.torch_graph.net_builder import Unfit
from archcompile.torch_graph.stored import Sizes, Stored


def _max_pool(t: Translation, node: AtenNode) -> Stored:
    """PyTorch surrounds a map by -infinity; zeros do as well where nothing is below them."""
    value = t.map(node)
    if pair(node.arguments["dilation"]) != (1, 1):
        raise Unfit("has a dilation, which no pool of Keras has")
    kernel, stride, padding = _window(node)
    sides = _sides(value, node, kernel, stride=stride, padding=padding)
    is_zero_alike = value.is_positive and padding != (0, 0)
    result = _pool(
        t, "MaxPooling2D", value, window=(kernel, stride), sides=sides, by_zeros=is_zero_alike
    )
    return positive(_check_shape(result, node), value.is_positive)


def _avg_pool(t: Translation, node: AtenNode) -> Stored:
    value, given = t.map(node), node.arguments
    if given["divisor_override"] is not None:
        raise Unfit("divides by a number of its own")
    kernel, stride, padding = _window(node)
    sides = _sides(value, node, kernel, stride=stride, padding=padding)
    counts_zeros = given["count_include_pad"] and padding != (0, 0)
    is_beyond = any(behind > front for front, behind in sides)
    if counts_zeros and is_beyond:
        raise Unfit("counts some of the zeros around its map and not others")
    result = _pool(
        t, "AveragePooling2D", value, window=(kernel, stride), sides=sides, by_zeros=counts_zeros
    )
    return positive(_check_shape(result, node), value.is_positive)


def _window(node: AtenNode) -> tuple[Pair, Pair, Pair]:
    """Kernel, stride and padding; a stride that is left out is the kernel."""
    kernel = pair(node.arguments["kernel_size"])
    return kernel, pair(node.arguments["stride"] or kernel), pair(node.arguments["padding"])


def _sides(value: Stored, node: AtenNode, kernel: Pair, *, stride: Pair, padding: Pair) -> Sides:
    """What the windows read around the map: the padding, and behind it what `ceil_mode` adds."""
    sides = []
    for axis, size in enumerate(size_of(value)):
        windows = node.shape[2 + axis]
        end = (windows - 1) * stride[axis] + kernel[axis] - size - padding[axis]
        sides.append((padding[axis], max(padding[axis], end)))
    return sides[0], sides[1]


def _read(sides: Sides, size: Pair, window: tuple[Pair, Pair]) -> Sides:
    """What of the sides the windows really read: a last row may lie behind the last window."""
    kernel, stride = window
    read = []
    for (front, behind), length, width, step in zip(sides, size, kernel, stride, strict=True):
        windows = (length + front + behind - width) // step + 1
        read.append((front, max(0, (windows - 1) * step + width - length - front)))
    return read[0], read[1]


def _pool(
    t: Translation,
    kind: str,
    value: Stored,
    *,
    window: tuple[Pair, Pair],
    sides: Sides,
    by_zeros: bool,
) -> Stored:
    """A pool over a map; what lies around it counts as zeros, or not at all."""
    kernel, stride = window
    if by_zeros or sides == NONE:
        padded = with_zeros(t.builder, value, sides)
        return _apply_pool(t, kind, padded, window=window, padding="valid")
    size = size_of(value)
    if _read(sides, size, window) == same_sides(size, kernel, stride):
        return _apply_pool(t, kind, value, window=window, padding="same")
    halves = ((kernel[0] // 2,) * 2, (kernel[1] // 2,) * 2)
    if kernel[0] % 2 and kernel[1] % 2 and sides == halves:
        # Every place is pooled, then those between the strides are left out.
        dense = _apply_pool(t, kind, value, window=(kernel, (1, 1)), padding="same")
        return _apply_pool(t, "AveragePooling2D", dense, window=((1, 1), stride), padding="valid")
    raise Unfit("reads around its map what no pool of Keras reads")


def _apply_pool(
    t: Translation, kind: str, value: Stored, *, window: tuple[Pair, Pair], padding: str
) -> Stored:
    (kernel, stride), n = window, value.shape[0]
    sizes = [
        ceil_div(size, step) if padding == "same" else (size - width) // step + 1
        for size, width, step in zip(size_of(value), kernel, stride, strict=True)
    ]
    config = {"pool_size": list(kernel), "strides": list(stride), "padding": padding}
    return t.builder.apply(kind, config, value, shape=(n, value.shape[1], *sizes))


def _check_shape(result: Stored, node: AtenNode) -> Stored:
    if result.shape != node.shape:
        raise Unfit(f"gives {node.shape}, where Keras' pool gives {result.shape}")
    return result


# ---- over whole maps -----------------------------------------------------------------------------


def _adaptive(t: Translation, node: AtenNode) -> Stored:
    value = t.map(node)
    target, size = pair(node.arguments["output_size"]), size_of(value)
    if target == (1, 1):  # also of a map of one pixel: it is that at other sizes
        result = _global(t, "GlobalAveragePooling2D", value, keeps_axes=True)
    elif target == size:
        return value
    elif size[0] % target[0] == size[1] % target[1] == 0:
        step = (size[0] // target[0], size[1] // target[1])
        result = _apply_pool(t, "AveragePooling2D", value, window=(step, step), padding="valid")
    else:
        config = {"output_size": list(target)}
        result = t.builder.apply("AdaptiveAveragePooling2D", config, value, shape=node.shape)
    return positive(result, value.is_positive)


def _global(t: Translation, kind: str, value: Stored, *, keeps_axes: bool) -> Stored:
    """A pool over all but the batch and the axis that is held last."""
    n, last = value.shape[0], value.order[-1]
    if keeps_axes:
        shape = tuple(size if axis in (0, last) else 1 for axis, size in enumerate(value.shape))
        return t.builder.apply(kind, {"keepdims": True}, value, shape=shape)
    shape = (n, value.shape[last])
    return t.builder.apply(kind, {"keepdims": False}, value, shape=shape, order=(0, 1))


def _mean(t: Translation, node: AtenNode) -> Stored:
    return _over_axes(t, node, "Average")


def _amax(t: Translation, node: AtenNode) -> Stored:
    return _over_axes(t, node, "Max")


def _over_axes(t: Translation, node: AtenNode, kind: str) -> Stored:
    value = t.value(node)
    axes = _axes(node.arguments["dim"], value.rank)
    rest = [axis for axis in range(1, value.rank) if axis not in axes]
    if 0 in axes or len(rest) != 1 or value.rank not in (3, 4):
        raise Unfit(f"is over the axes {axes} of {value.shape}; layers pool all but one")
    if value.order[-1] != rest[0]:
        held = tuple(axis for axis in value.order if axis != rest[0])
        value = in_order(t.builder, value, (*held, rest[0]))
    layer = f"Global{kind}Pooling{value.rank - 2}D"
    result = _global(t, layer, value, keeps_axes=bool(node.arguments["keepdim"]))
    return positive(result, value.is_positive)


def _axes(dim: Any, rank: int) -> Sizes:
    axes = [dim] if isinstance(dim, int) else dim or range(rank)
    return tuple(sorted(axis % rank for axis in axes))


# ---- larger maps ---------------------------------------------------------------------------------


def _upsample(t: Translation, node: AtenNode) -> Stored:
    value = t.map(node)
    size, larger = size_of(value), (node.shape[2], node.shape[3])
    if larger == size:
        return value
    interpolation = "bilinear" if "bilinear" in node.operation else "nearest"
    if node.arguments.get("align_corners"):
        raise Unfit("aligns the corners of both maps, which no layer does")
    if any(new % old for new, old in zip(larger, size, strict=True)):
        raise Unfit(f"turns a map of {size} into one of {larger}; layers take whole factors")
    factors = [new // old for new, old in zip(larger, size, strict=True)]
    config = {"size": factors, "interpolation": interpolation}
    result = t.builder.apply("UpSampling2D", config, value, shape=node.shape)
    return positive(result, value.is_positive)


OPERATIONS: Mapping[str, Translator] = {
    "max_pool2d": _max_pool,
    "avg_pool2d": _avg_pool,
    "adaptive_avg_pool2d": _adaptive,
    "mean": _mean,
    "amax": _amax,
    "upsample_nearest2d": _upsample,
    "upsample_bilinear2d": _upsample,
}
