"""Layers with a kernel: convolutions and dense layers."""

from collections.abc import Mapping
from typing import Any

from archcompile.ops import ceil_div
from archcompile.torch_graph.aten import AtenNode, Tensor
from archcompile.torch_graph.aten_translation import Translation, Translator
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
from archcompile.torch_graph.net_builder import NewWeight, Unfit
from archcompile.torch_graph.stored import Stored


def _kernel(t: Translation, node: AtenNode, rank: int) -> Tensor:
    weight = t.tensor(node, "weight")
    if weight is None or len(weight.shape) != rank:
        raise Unfit("has no kernel of two axes")
    return weight


def _bias(t: Translation, node: AtenNode) -> list[NewWeight]:
    bias = t.tensor(node, "bias")
    return [] if bias is None else [NewWeight(variable="bias", tensor=bias)]


def _conv(t: Translation, node: AtenNode) -> Stored:
    weight, value, bias = _kernel(t, node, 4), t.map(node), _bias(t, node)
    given, groups = node.arguments, node.arguments["groups"]
    kernel, stride, dilation = weight.shape[2:], pair(given["stride"]), pair(given["dilation"])
    sides = _sides(given["padding"], (kernel[0], kernel[1]), dilation)
    if max(stride) > 1 and max(dilation) > 1:
        value, sides, dilation = _subsample(t, value, sides, stride=stride, dilation=dilation)
        stride = (1, 1)
    automatic = same_sides(size_of(value), (kernel[0], kernel[1]), stride, dilation=dilation)
    is_same = sides != NONE and stride == (1, 1) and sides == automatic
    if not is_same:
        value = with_zeros(t.builder, value, sides)
    config: dict[str, Any] = {
        "kernel_size": list(kernel),
        "strides": list(stride),
        "padding": "same" if is_same else "valid",
        "dilation_rate": list(dilation),
        "use_bias": bool(bias),
    }
    inputs, filters = value.shape[1], weight.shape[0]
    if groups > 1 and groups == inputs:
        if stride[0] != stride[1]:
            raise Unfit("has two strides, which a depthwise layer of Keras cannot have")
        multiplier = filters // inputs
        new = NewWeight(variable="kernel", tensor=weight, turn="depthwise", multiplier=multiplier)
        kind, config = "DepthwiseConv2D", {**config, "depth_multiplier": multiplier}
    else:
        new = NewWeight(variable="kernel", tensor=weight, turn="conv")
        kind, config = "Conv2D", {**config, "filters": filters, "groups": groups}
    return t.builder.apply(kind, config, value, weights=[new, *bias], shape=node.shape)


def _subsample(
    t: Translation, value: Stored, sides: Sides, *, stride: Pair, dilation: Pair
) -> tuple[Stored, Sides, Pair]:
    """The map without the pixels that no tap reads, with the zeros and the dilation left there.

    Keras has no layer with a stride and a dilation. Where both of these are multiples of the
    stride, all taps lie on pixels that a pool of 1x1 with the stride takes.
    """
    steps = ((stride[0], dilation[0], sides[0]), (stride[1], dilation[1], sides[1]))
    if any(holes % step or zeros[0] % step or zeros[1] % step for step, holes, zeros in steps):
        raise Unfit("has both a stride and a dilation, which no Keras layer has")
    n, channels, height, width = value.shape
    shape = (n, channels, ceil_div(height, stride[0]), ceil_div(width, stride[1]))
    config = {"pool_size": [1, 1], "strides": list(stride), "padding": "valid"}
    value = t.builder.apply("AveragePooling2D", config, value, shape=shape)
    (top, bottom), (left, right) = (
        (zeros[0] // step, zeros[1] // step) for step, _, zeros in steps
    )
    left_over = ((top, bottom), (left, right))
    return value, left_over, (dilation[0] // stride[0], dilation[1] // stride[1])


def _sides(padding: Any, kernel: Pair, dilation: Pair) -> Sides:
    """The zeros that PyTorch adds; of an even number in all the last one behind the map."""
    if padding == "valid":
        return NONE
    if padding == "same":
        totals = [holes * (size - 1) for size, holes in zip(kernel, dilation, strict=True)]
        top, left = totals[0] // 2, totals[1] // 2
        return (top, totals[0] - top), (left, totals[1] - left)
    height, width = pair(padding)
    return (height, height), (width, width)


def _conv_transpose(t: Translation, node: AtenNode) -> Stored:
    """Keras adds no zeros in front of it: what PyTorch's padding takes away is cropped."""
    weight, value, bias = _kernel(t, node, 4), t.map(node), _bias(t, node)
    given = node.arguments
    if given["groups"] != 1 or pair(given["dilation"]) != (1, 1):
        raise Unfit("has groups or a dilation, which the transposed layer of Keras has not")
    padding, further = pair(given["padding"]), pair(given["output_padding"])
    if any(more > taken for more, taken in zip(further, padding, strict=True)):
        raise Unfit("pads its output by more than it crops")
    kernel, stride = weight.shape[2:], pair(given["stride"])
    if any(size < step for size, step in zip(kernel, stride, strict=True)):
        raise Unfit("has a stride wider than its kernel, where Keras counts another size")
    config = {
        "filters": weight.shape[1],
        "kernel_size": list(kernel),
        "strides": list(stride),
        "padding": "valid",
        "use_bias": bool(bias),
    }
    n, filters, height, width = node.shape
    cut = [[taken, taken - more] for taken, more in zip(padding, further, strict=True)]
    whole = (n, filters, height + sum(cut[0]), width + sum(cut[1]))
    new = NewWeight(variable="kernel", tensor=weight, turn="transposed")
    result = t.builder.apply("Conv2DTranspose", config, value, weights=[new, *bias], shape=whole)
    if not any(cut[0] + cut[1]):
        return result
    return t.builder.apply("Cropping2D", {"cropping": cut}, result, shape=node.shape)


def _linear(t: Translation, node: AtenNode) -> Stored:
    weight, value, bias = _kernel(t, node, 2), t.value(node), _bias(t, node)
    flattened = value.flattened
    if flattened is None and value.order[-1] != value.rank - 1:
        value = in_order(t.builder, value, tuple(range(value.rank)))
    config = {"units": weight.shape[0], "use_bias": bool(bias)}
    new = NewWeight(variable="kernel", tensor=weight, turn="dense", flattened=flattened)
    result = t.builder.apply("Dense", config, value, weights=[new, *bias], shape=node.shape)
    return Stored(ref=result.ref, shape=node.shape, order=value.order)


OPERATIONS: Mapping[str, Translator] = {
    "conv2d": _conv,
    "conv_transpose2d": _conv_transpose,
    "linear": _linear,
}
