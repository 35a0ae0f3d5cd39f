"""Operations that move values or name axes anew: views, permutations, slices, zeros around."""

from collections.abc import Mapping
from math import inf

from archcompile.torch_graph.aten import AtenNode, Tensor
from archcompile.torch_graph.aten_translation import (
    Parts,
    Result,
    Translation,
    Translator,
    positive,
)
from archcompile.torch_graph.aten_windows import with_zeros
from archcompile.torch_graph.axes import change_shape, in_order
from archcompile.torch_graph.net_builder import Unfit
from archcompile.torch_graph.stored import MAP, Sizes, Stored


def _view(t: Translation, node: AtenNode) -> Result:
    parameter = t.parameter(next(iter(node.arguments.values())))
    if parameter is not None:
        return Tensor(parameter.name, node.shape)
    return change_shape(t.builder, t.value(node), node.shape)


def _same(t: Translation, node: AtenNode) -> Stored:
    value = t.value(node)
    if value.shape != node.shape:
        raise Unfit(f"repeats a tensor of shape {value.shape}")
    return value


def _permute(t: Translation, node: AtenNode) -> Stored:
    value = t.value(node)
    axes = [axis % value.rank for axis in node.arguments["dims"]]
    return _rename_axes(value, tuple(axes), node.shape)


def _transpose(t: Translation, node: AtenNode) -> Stored:
    value = t.value(node)
    axes = list(range(value.rank))
    first, second = (node.arguments[key] % value.rank for key in ("dim0", "dim1"))
    axes[first], axes[second] = axes[second], axes[first]
    return _rename_axes(value, tuple(axes), node.shape)


def _rename_axes(value: Stored, axes: Sizes, shape: Sizes) -> Stored:
    """The tensor whose axis n is the axis `axes[n]` of before; nothing moves."""
    if axes[0] != 0 or value.flattened is not None:
        raise Unfit("moves the batch, or the entries of a flattened map")
    order = tuple(axes.index(axis) for axis in value.order)
    return Stored(ref=value.ref, shape=shape, order=order, is_positive=value.is_positive)


# ---- parts ---------------------------------------------------------------------------------------


def _split(t: Translation, node: AtenNode) -> Parts:
    value = t.value(node)
    axis = node.arguments["dim"] % value.rank
    parts, start = [], 0
    for shape in node.shapes:
        parts.append((start, shape[axis]))
        start += shape[axis]
    return Parts(value, axis, tuple(parts))


def _item(t: Translation, node: AtenNode) -> Stored:
    source = t.values[node.arguments["0"]["node"]]
    if not isinstance(source, Parts):
        raise Unfit("takes an entry of a tensor")
    start, length = source.parts[node.arguments["1"]]
    return _cut(t, source.value, source.axis, start=start, length=length)


def _slice(t: Translation, node: AtenNode) -> Stored:
    value, given = t.value(node), node.arguments
    axis = given["dim"] % value.rank
    size, start = value.shape[axis], given["start"] or 0
    if given["step"] != 1:
        raise Unfit(f"takes every entry number {given['step']}")
    start = min(size, start + size if start < 0 else start)
    return _cut(t, value, axis, start=start, length=node.shape[axis])


def _cut(t: Translation, value: Stored, axis: int, *, start: int, length: int) -> Stored:
    """Some neighbours along an axis of a map."""
    size = value.shape[axis]
    if length == size:
        return value
    if value.rank != 4 or axis == 0:
        raise Unfit(f"takes a part of {value.shape}, along an axis that no layer cuts")
    value = in_order(t.builder, value, MAP)
    shape = tuple(length if place == axis else old for place, old in enumerate(value.shape))
    sides = [start, size - start - length]
    if axis == 1:  # told that the channels come first, Keras crops the last axis
        config = {"cropping": [[0, 0], sides], "data_format": "channels_first"}
    else:
        config = {"cropping": [sides, [0, 0]] if axis == 2 else [[0, 0], sides]}
    result = t.builder.apply("Cropping2D", config, value, shape=shape)
    return positive(result, value.is_positive)


# ---- zeros around --------------------------------------------------------------------------------


def _pad(t: Translation, node: AtenNode) -> Stored:
    value, given = t.map(node), node.arguments
    sides = [*given["pad"], 0, 0, 0, 0]
    filling = given.get("value") or 0
    if given.get("mode", "constant") != "constant" or len(given["pad"]) > 4 or min(sides) < 0:
        raise Unfit("surrounds a map by other things than zeros")
    # in front of pools of the largest alone, which zeros leave as they are
    readers = [reader.operation for reader in t.graph.nodes if node.name in reader.reads]
    is_low = filling == -inf and value.is_positive and set(readers) <= {"max_pool2d"}
    if filling != 0 and not is_low:
        raise Unfit(f"surrounds a map by {filling:g}")
    left, right, top, bottom = sides[:4]
    return with_zeros(t.builder, value, ((top, bottom), (left, right)))


OPERATIONS: Mapping[str, Translator] = {
    **dict.fromkeys(("view", "reshape", "flatten", "unflatten", "unsqueeze", "squeeze"), _view),
    **dict.fromkeys(("_unsafe_view",), _view),
    **dict.fromkeys(("alias", "contiguous", "clone", "detach", "expand", "to"), _same),
    "permute": _permute,
    "transpose": _transpose,
    **dict.fromkeys(("chunk", "split", "split_with_sizes"), _split),
    "getitem": _item,
    "slice": _slice,
    **dict.fromkeys(("pad", "constant_pad_nd"), _pad),
}
