"""Activations in ONNX, as layers and within other layers."""

from collections.abc import Callable, Mapping, Sequence
from math import sqrt

from archcompile.exporting.onnx_builder import Builder, Value
from archcompile.exporting.onnx_layer import Layer
from archcompile.keras_defaults import LEAKY_SLOPE


def activation(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    return apply_activation(b, layer, inputs[0])


def apply_activation(b: Builder, layer: Layer, x: Value) -> Value:
    """The activation that a layer's settings name, if they do."""
    kind = layer.settings.get("activation")
    return x if kind is None else Value(ACTIVATIONS[kind](b, layer.name, x), x.shape)


def _hard_sigmoid(b: Builder, name: str, x: Value) -> str:
    return b.node("HardSigmoid", [x.name], name, alpha=1 / 6, beta=0.5)


def _gelu(b: Builder, name: str, x: Value) -> str:
    """x (1 + erf(x / sqrt 2)) / 2."""
    inner = b.node("Erf", [b.node("Mul", [x.name, b.constant(name, sqrt(0.5))], name)], name)
    sum_ = b.node("Add", [inner, b.constant(name, 1.0)], name)
    return b.node("Mul", [b.node("Mul", [x.name, sum_], name), b.constant(name, 0.5)], name)


def _mish(b: Builder, name: str, x: Value) -> str:
    """x tanh(softplus(x))."""
    inner = b.node("Tanh", [b.node("Softplus", [x.name], name)], name)
    return b.node("Mul", [x.name, inner], name)


ACTIVATIONS: Mapping[str, Callable[[Builder, str, Value], str]] = {
    "relu": lambda b, name, x: b.node("Relu", [x.name], name),
    "relu6": lambda b, name, x: b.node(
        "Clip", [x.name, b.constant(name, 0.0), b.constant(name, 6.0)], name
    ),
    "silu": lambda b, name, x: b.node("Mul", [x.name, b.node("Sigmoid", [x.name], name)], name),
    "gelu": _gelu,
    "elu": lambda b, name, x: b.node("Elu", [x.name], name),
    "selu": lambda b, name, x: b.node("Selu", [x.name], name),
    "mish": _mish,
    "hard_silu": lambda b, name, x: b.node("Mul", [x.name, _hard_sigmoid(b, name, x)], name),
    "tanh": lambda b, name, x: b.node("Tanh", [x.name], name),
    "sigmoid": lambda b, name, x: b.node("Sigmoid", [x.name], name),
    "hard_sigmoid": _hard_sigmoid,
    "leaky_relu": lambda b, name, x: b.node("LeakyRelu", [x.name], name, alpha=LEAKY_SLOPE),
    "softmax": lambda b, name, x: b.node("Softmax", [x.name], name, axis=x.axis),
}


def prelu(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    slopes = layer.weights["alpha"]
    in_memory = slopes.transpose(2, 0, 1) if x.is_map else slopes
    given = [x.name, b.constant(layer.name, in_memory)]
    return Value(b.node("PRelu", given, layer.name), x.shape)


def leaky_relu(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    return Value(
        b.node("LeakyRelu", [x.name], layer.name, alpha=layer.settings["negative_slope"]), x.shape
    )
