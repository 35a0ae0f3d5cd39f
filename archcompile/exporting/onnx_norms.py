"""Norms and scales per channel in ONNX."""

from collections.abc import Sequence

import numpy as np

from archcompile.exporting.onnx_builder import Builder, Value
from archcompile.exporting.onnx_layer import Layer
from archcompile.keras_defaults import EPSILON


def batch_norm(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    mean, variance = layer.weights["moving_mean"], layer.weights["moving_variance"]
    epsilon = layer.settings["epsilon"]
    gamma = layer.weights.get("gamma", np.ones_like(mean))
    beta = layer.weights.get("beta", np.zeros_like(mean))
    if x.axis == 1:
        given = [b.constant(layer.name, array) for array in (gamma, beta, mean, variance)]
        name = b.node("BatchNormalization", [x.name, *given], layer.name, epsilon=epsilon)
        return Value(name, x.shape)
    # ONNX' own operator wants the channels second.
    factor = gamma / np.sqrt(variance + epsilon)
    scaled = b.with_channels("Mul", x, factor, layer=layer.name)
    return b.with_channels("Add", scaled, beta - mean * factor, layer=layer.name)


def layer_norm(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    gamma = layer.weights.get("gamma", np.ones(x.shape[-1]))
    given = [b.constant(layer.name, gamma)]
    if "beta" in layer.weights:
        given.append(b.constant(layer.name, layer.weights["beta"]))
    inside = [b.as_keras(x, layer.name), *given]
    epsilon = layer.settings["epsilon"]
    name = b.node("LayerNormalization", inside, layer.name, axis=-1, epsilon=epsilon)
    return b.from_keras(name, x.shape, layer.name)


def rms_norm(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    square = b.node("Mul", [x.name, x.name], layer.name)
    mean = b.node("ReduceMean", [square], layer.name, axes=[x.axis], keepdims=1)
    epsilon = b.constant(layer.name, layer.settings["epsilon"])
    root = b.node("Sqrt", [b.node("Add", [mean, epsilon], layer.name)], layer.name)
    normed = Value(b.node("Div", [x.name, root], layer.name), x.shape)
    return b.with_channels("Mul", normed, layer.weights["scale"], layer=layer.name)


def group_norm(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    groups = layer.settings["groups"]
    apart = b.node(
        "Reshape", [x.name, b.constant(layer.name, [0, groups, -1], np.int64)], layer.name
    )
    unit = [b.constant(layer.name, np.ones(groups)), b.constant(layer.name, np.zeros(groups))]
    epsilon = layer.settings["epsilon"]
    normed = b.node("InstanceNormalization", [apart, *unit], layer.name, epsilon=epsilon)
    memory = (x.shape[2], *x.shape[:2]) if x.is_map else x.shape
    target = b.constant(layer.name, [-1, *memory], np.int64)
    y = Value(b.node("Reshape", [normed, target], layer.name), x.shape)
    for weight, kind in (("gamma", "Mul"), ("beta", "Add")):
        if weight in layer.weights:
            y = b.with_channels(kind, y, layer.weights[weight], layer=layer.name)
    return y


def normalization(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    mean, variance = (
        np.asarray(layer.weights.get(key, layer.settings.get(key))) for key in ("mean", "variance")
    )
    y = b.with_channels("Sub", inputs[0], mean, layer=layer.name)
    spread = np.maximum(np.sqrt(variance), EPSILON)  # as Keras does
    return b.with_channels("Div", y, spread, layer=layer.name)


def layer_scale(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    """The one equation that is emitted: a factor per channel."""
    return b.with_channels("Mul", inputs[0], layer.weights["gamma"], layer=layer.name)
