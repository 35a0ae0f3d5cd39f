"""Keras' layers in ONNX: one function a class. They read the calls that the other emitters print
and realise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from archcompile.exporting.onnx_builder import Builder, Value
from archcompile.ops import Shape

Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A call: `settings` as Keras takes them, `weights` by name, `shape` of the output without the
    batch.
    """

    name: str
    settings: Mapping[str, Any]
    weights: Mapping[str, np.ndarray]
    shape: Shape

    def pair(self, key: str, default: Any = 1) -> Pair:
        value = self.settings.get(key, default)
        return (value, value) if isinstance(value, int) else value


Translate = Callable[[Builder, Layer, Sequence[Value]], Value]
LAYERS: dict[str, Translate] = {}


def layer(*paths: str) -> Callable[[Translate], Translate]:
    def enter(function: Translate) -> Translate:
        LAYERS.update(dict.fromkeys(paths, function))
        return function

    return enter


# ---- convolutions and dense ----------------------------------------------------------------------


def zeros(size: Pair, kernel: Pair, stride: Pair, *, dilation: Pair, padding: str) -> list[int]:
    """What is padded at top, left, bottom, right, as TensorFlow counts for `same`."""
    if padding == "valid":
        return [0, 0, 0, 0]
    totals = [
        max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        for n, k, s, d in zip(size, kernel, stride, dilation, strict=True)
    ]
    return [total // 2 for total in totals] + [total - total // 2 for total in totals]


def convolved(
    b: Builder,
    made: Layer,
    x: Value,
    *,
    kernel: Any,
    groups: int,
    kernel_size: Pair,
    bias: Any = None,
) -> Value:
    """`kernel` is as ONNX wants it, (filters, channels of a group, H, W)."""
    stride, dilation = made.pair("strides"), made.pair("dilation_rate")
    inputs = [
        x.name,
        b.constant(made.name, kernel),
        *([] if bias is None else [b.constant(made.name, bias)]),
    ]
    pads = zeros(
        x.shape[:2],  # type: ignore[arg-type]
        kernel_size,
        stride,
        dilation=dilation,
        padding=made.settings["padding"],
    )
    name = b.node(
        "Conv",
        inputs,
        made.name,
        group=groups,
        strides=stride,
        dilations=dilation,
        pads=pads,
        kernel_shape=kernel_size,
    )
    return Value(name, (*made.shape[:2], kernel.shape[0]))


def depthwise_kernel(kernel: np.ndarray) -> np.ndarray:
    """Keras' (H, W, C, multiplier) as (C * multiplier, 1, H, W)."""
    height, width, channels, multiplier = kernel.shape
    return kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)


@layer("layers.Conv2D")
def conv(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    kernel = made.weights["kernel"].transpose(3, 2, 0, 1)
    y = convolved(
        b,
        made,
        inputs[0],
        kernel=kernel,
        groups=made.settings.get("groups", 1),
        kernel_size=made.pair("kernel_size"),
        bias=made.weights.get("bias"),
    )
    return activated(b, made, y)


@layer("layers.DepthwiseConv2D")
def depthwise_conv(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    kernel, channels = depthwise_kernel(made.weights["kernel"]), inputs[0].shape[2]
    y = convolved(
        b,
        made,
        inputs[0],
        kernel=kernel,
        groups=channels,
        kernel_size=made.pair("kernel_size"),
        bias=made.weights.get("bias"),
    )
    return activated(b, made, y)


@layer("layers.SeparableConv2D")
def separable_conv(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    kernel, channels = depthwise_kernel(made.weights["depthwise_kernel"]), inputs[0].shape[2]
    between = convolved(
        b, made, inputs[0], kernel=kernel, groups=channels, kernel_size=made.pair("kernel_size")
    )
    point = b.constant(made.name, made.weights["pointwise_kernel"].transpose(3, 2, 0, 1))
    bias = [b.constant(made.name, made.weights["bias"])] if "bias" in made.weights else []
    return activated(
        b, made, Value(b.node("Conv", [between.name, point, *bias], made.name), made.shape)
    )


@layer("layers.Dense")
def dense(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    bias = [b.constant(made.name, made.weights["bias"])] if "bias" in made.weights else []
    name = b.node(
        "Gemm", [inputs[0].name, b.constant(made.name, made.weights["kernel"]), *bias], made.name
    )
    return activated(b, made, Value(name, made.shape))


# ---- activations ---------------------------------------------------------------------------------


@layer("layers.Activation")
def activation(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    return activated(b, made, inputs[0])


def activated(b: Builder, made: Layer, x: Value) -> Value:
    """The activation that a layer's settings name, if they do."""
    kind = made.settings.get("activation")
    return x if kind is None else Value(ACTIVATIONS[kind](b, made.name, x), x.shape)


def _hard_sigmoid(b: Builder, name: str, x: Value) -> str:
    return b.node("HardSigmoid", [x.name], name, alpha=1 / 6, beta=0.5)


def _gelu(b: Builder, name: str, x: Value) -> str:
    """x (1 + erf(x / sqrt 2)) / 2."""
    inner = b.node("Erf", [b.node("Mul", [x.name, b.constant(name, sqrt(0.5))], name)], name)
    sum_ = b.node("Add", [inner, b.constant(name, 1.0)], name)
    return b.node("Mul", [b.node("Mul", [x.name, sum_], name), b.constant(name, 0.5)], name)


ACTIVATIONS: Mapping[str, Callable[[Builder, str, Value], str]] = {
    "relu": lambda b, name, x: b.node("Relu", [x.name], name),
    "relu6": lambda b, name, x: b.node(
        "Clip", [x.name, b.constant(name, 0.0), b.constant(name, 6.0)], name
    ),
    "silu": lambda b, name, x: b.node("Mul", [x.name, b.node("Sigmoid", [x.name], name)], name),
    "gelu": _gelu,
    "hard_silu": lambda b, name, x: b.node("Mul", [x.name, _hard_sigmoid(b, name, x)], name),
    "tanh": lambda b, name, x: b.node("Tanh", [x.name], name),
    "sigmoid": lambda b, name, x: b.node("Sigmoid", [x.name], name),
    "hard_sigmoid": _hard_sigmoid,
    "softmax": lambda b, name, x: b.node("Softmax", [x.name], name, axis=x.axis),
}


@layer("layers.LeakyReLU")
def leaky_relu(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    return Value(
        b.node("LeakyRelu", [x.name], made.name, alpha=made.settings["negative_slope"]), x.shape
    )


# ---- norms ---------------------------------------------------------------------------------------


@layer("layers.BatchNormalization")
def batch_norm(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    mean, variance = made.weights["moving_mean"], made.weights["moving_variance"]
    epsilon = made.settings.get("epsilon", 1e-3)
    gamma, beta = (
        made.weights.get("gamma", np.ones_like(mean)),
        made.weights.get("beta", np.zeros_like(mean)),
    )
    if x.axis == 1:
        given = [b.constant(made.name, array) for array in (gamma, beta, mean, variance)]
        return Value(
            b.node("BatchNormalization", [x.name, *given], made.name, epsilon=epsilon), x.shape
        )
    factor = gamma / np.sqrt(variance + epsilon)  # ONNX' own wants the channels second
    return b.with_channels(
        "Add",
        b.with_channels("Mul", x, factor, layer=made.name),
        beta - mean * factor,
        layer=made.name,
    )


@layer("layers.LayerNormalization")
def layer_norm(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    gamma = made.weights.get("gamma", np.ones(x.shape[-1]))
    given = [
        b.constant(made.name, gamma),
        *([b.constant(made.name, made.weights["beta"])] if "beta" in made.weights else []),
    ]
    epsilon = made.settings.get("epsilon", 1e-3)
    y = b.node(
        "LayerNormalization",
        [b.as_keras(x, made.name), *given],
        made.name,
        axis=-1,
        epsilon=epsilon,
    )
    return b.from_keras(y, x.shape, made.name)


@layer("layers.GroupNormalization")
def group_norm(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    groups = made.settings["groups"]
    apart = b.node("Reshape", [x.name, b.constant(made.name, [0, groups, -1], np.int64)], made.name)
    unit = [b.constant(made.name, np.ones(groups)), b.constant(made.name, np.zeros(groups))]
    normed = b.node(
        "InstanceNormalization",
        [apart, *unit],
        made.name,
        epsilon=made.settings.get("epsilon", 1e-3),
    )
    memory = (x.shape[2], *x.shape[:2]) if x.is_map else x.shape
    y = Value(
        b.node("Reshape", [normed, b.constant(made.name, [-1, *memory], np.int64)], made.name),
        x.shape,
    )
    y = (
        b.with_channels("Mul", y, made.weights["gamma"], layer=made.name)
        if "gamma" in made.weights
        else y
    )
    return (
        b.with_channels("Add", y, made.weights["beta"], layer=made.name)
        if "beta" in made.weights
        else y
    )


@layer("layers.Normalization")
def normalization(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    mean, variance = (
        np.asarray(made.weights.get(key, made.settings.get(key))) for key in ("mean", "variance")
    )
    y = b.with_channels("Sub", inputs[0], mean, layer=made.name)
    # Keras' own bound
    return b.with_channels("Div", y, np.maximum(np.sqrt(variance), 1e-7), layer=made.name)


@layer("layers.EinsumDense")
def layer_scale(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    """The one equation that is emitted: a factor a channel."""
    return b.with_channels("Mul", inputs[0], made.weights["gamma"], layer=made.name)


# ---- merges --------------------------------------------------------------------------------------


def merge(kind: str) -> Translate:
    def translate(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
        name = inputs[0].name
        for other in inputs[1:]:
            name = b.node(kind, [name, other.name], made.name)
        return Value(name, made.shape)

    return translate


for _path, _kind in {"Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Maximum": "Max"}.items():
    LAYERS[f"layers.{_path}"] = merge(_kind)


@layer("layers.Average")
def average(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    return Value(b.node("Mean", [x.name for x in inputs], made.name), made.shape)


@layer("layers.Concatenate")
def concat(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    return Value(
        b.node("Concat", [x.name for x in inputs], made.name, axis=inputs[0].axis), made.shape
    )


# ---- pools ---------------------------------------------------------------------------------------


def pool(kind: str, **attributes: int) -> Translate:
    def translate(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
        (x,) = inputs
        size = made.pair("pool_size")
        stride = made.pair("strides", size)
        pads = zeros(
            x.shape[:2],  # type: ignore[arg-type]
            size,
            stride,
            dilation=(1, 1),
            padding=made.settings.get("padding", "valid"),
        )
        name = b.node(
            kind, [x.name], made.name, kernel_shape=size, strides=stride, pads=pads, **attributes
        )
        return Value(name, made.shape)

    return translate


LAYERS["layers.MaxPooling2D"] = pool("MaxPool")
LAYERS["layers.AveragePooling2D"] = pool("AveragePool", count_include_pad=0)


def global_pool(kind: str) -> Translate:
    def translate(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
        name = b.node(kind, [inputs[0].name], made.name)
        return Value(
            name if len(made.shape) == 3 else b.node("Flatten", [name], made.name), made.shape
        )

    return translate


LAYERS["layers.GlobalAveragePooling2D"] = global_pool("GlobalAveragePool")
LAYERS["layers.GlobalMaxPooling2D"] = global_pool("GlobalMaxPool")


# ---- shapes and scales ---------------------------------------------------------------------------


@layer("layers.Flatten", "layers.Reshape")
def reshape(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    target = b.constant(made.name, [-1, *made.shape], np.int64)
    return b.from_keras(
        b.node("Reshape", [b.as_keras(inputs[0], made.name), target], made.name),
        made.shape,
        made.name,
    )


@layer("layers.Permute")
def permute(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    y = b.node(
        "Transpose", [b.as_keras(inputs[0], made.name)], made.name, perm=[0, *made.settings["dims"]]
    )
    return b.from_keras(y, made.shape, made.name)


@layer("layers.ZeroPadding2D")
def pad(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    (top, bottom), (left, right) = _sides(made.settings["padding"])
    pads = b.constant(made.name, [0, 0, top, left, 0, 0, bottom, right], np.int64)
    return Value(b.node("Pad", [inputs[0].name, pads], made.name), made.shape)


@layer("layers.Cropping2D")
def crop(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    (top, bottom), (left, right) = _sides(made.settings["cropping"])
    ends = [x.shape[0] - bottom, x.shape[1] - right]
    given = [b.constant(made.name, numbers, np.int64) for numbers in ([top, left], ends, [2, 3])]
    return Value(b.node("Slice", [x.name, *given], made.name), made.shape)


def _sides(value: Any) -> tuple[Pair, Pair]:
    return ((value, value), (value, value)) if isinstance(value, int) else value


@layer("layers.UpSampling2D")
def upsample(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    scales = b.constant(made.name, [1.0, 1.0, *made.pair("size")])
    nearest = {
        "mode": "nearest",
        "nearest_mode": "floor",
        "coordinate_transformation_mode": "asymmetric",
    }
    return Value(b.node("Resize", [inputs[0].name, "", scales], made.name, **nearest), made.shape)


@layer("layers.Rescaling")
def rescaling(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    name = b.node("Mul", [inputs[0].name, b.constant(made.name, made.settings["scale"])], made.name)
    offset = made.settings.get("offset", 0.0)
    return Value(
        b.node("Add", [name, b.constant(made.name, offset)], made.name) if offset else name,
        made.shape,
    )


@layer("ops.power")
def power(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    return Value(
        b.node("Pow", [inputs[0].name, b.constant(made.name, made.settings["x2"])], made.name),
        made.shape,
    )


@layer("layers.Dropout")
def dropout(b: Builder, made: Layer, inputs: Sequence[Value]) -> Value:
    """Nothing, at inference."""
    return inputs[0]
