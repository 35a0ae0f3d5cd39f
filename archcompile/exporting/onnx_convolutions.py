"""Convolutions and dense layers in ONNX."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from archcompile.exporting.onnx_activations import apply_activation
from archcompile.exporting.onnx_builder import Builder, Value
from archcompile.exporting.onnx_layer import Layer, Window


def convolve(
    b: Builder, layer: Layer, x: Value, *, kernel: Any, groups: int, bias: Any = None
) -> Value:
    """`kernel` is as ONNX wants it, (filters, channels of a group, H, W)."""
    window = Window(
        kernel=layer.pair("kernel_size"),
        stride=layer.pair("strides"),
        padding=layer.settings["padding"],
        dilation=layer.pair("dilation_rate"),
    )
    inputs = [x.name, b.constant(layer.name, kernel)]
    if bias is not None:
        inputs.append(b.constant(layer.name, bias))
    name = b.node(
        "Conv",
        inputs,
        layer.name,
        group=groups,
        strides=window.stride,
        dilations=window.dilation,
        pads=window.pads(x.shape[:2]),
        kernel_shape=window.kernel,
    )
    return Value(name, (*layer.shape[:2], kernel.shape[0]))


def depthwise_kernel(kernel: np.ndarray) -> np.ndarray:
    """Keras' (H, W, C, multiplier) as (C * multiplier, 1, H, W)."""
    height, width, channels, multiplier = kernel.shape
    return kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)


def conv(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    kernel, groups = layer.weights["kernel"].transpose(3, 2, 0, 1), layer.settings["groups"]
    bias = layer.weights.get("bias")
    return apply_activation(
        b, layer, convolve(b, layer, inputs[0], kernel=kernel, groups=groups, bias=bias)
    )


def depthwise_conv(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    kernel, channels = depthwise_kernel(layer.weights["kernel"]), inputs[0].shape[2]
    bias = layer.weights.get("bias")
    return apply_activation(
        b, layer, convolve(b, layer, inputs[0], kernel=kernel, groups=channels, bias=bias)
    )


def separable_conv(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    kernel, channels = depthwise_kernel(layer.weights["depthwise_kernel"]), inputs[0].shape[2]
    between = convolve(b, layer, inputs[0], kernel=kernel, groups=channels)
    point = b.constant(layer.name, layer.weights["pointwise_kernel"].transpose(3, 2, 0, 1))
    name = b.node("Conv", [between.name, point, *_bias(b, layer)], layer.name)
    return apply_activation(b, layer, Value(name, layer.shape))


def conv_transpose(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    """Keras' kernel is (H, W, filters, channels); what it cuts off, ONNX calls padding."""
    kernel = layer.weights["kernel"].transpose(3, 2, 0, 1)
    excess = [
        size - stride
        for size, stride in zip(layer.pair("kernel_size"), layer.pair("strides"), strict=True)
    ]
    cut = [max(n, 0) if layer.settings["padding"] == "same" else 0 for n in excess]
    name = b.node(
        "ConvTranspose",
        [inputs[0].name, b.constant(layer.name, kernel), *_bias(b, layer)],
        layer.name,
        kernel_shape=layer.pair("kernel_size"),
        strides=layer.pair("strides"),
        pads=[n // 2 for n in cut] + [n - n // 2 for n in cut],
        output_padding=[max(-n, 0) for n in excess],
    )
    return apply_activation(b, layer, Value(name, layer.shape))


def dense(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    """On rows a product, on a map a convolution of one pixel."""
    (x,) = inputs
    if x.is_map:
        point = layer.weights["kernel"].T[:, :, None, None]
        given = [x.name, b.constant(layer.name, point), *_bias(b, layer)]
        return apply_activation(b, layer, Value(b.node("Conv", given, layer.name), layer.shape))
    bias = _bias(b, layer)
    kernel = b.constant(layer.name, layer.weights["kernel"])
    if len(x.shape) > 1:
        name = b.node("MatMul", [x.name, kernel], layer.name)
        name = b.node("Add", [name, *bias], layer.name) if bias else name
        return apply_activation(b, layer, Value(name, layer.shape))
    name = b.node("Gemm", [inputs[0].name, kernel, *bias], layer.name)
    return apply_activation(b, layer, Value(name, layer.shape))


def _bias(b: Builder, layer: Layer) -> list[str]:
    bias = layer.weights.get("bias")
    return [] if bias is None else [b.constant(layer.name, bias)]
