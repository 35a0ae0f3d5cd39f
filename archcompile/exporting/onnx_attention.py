"""Attention in ONNX: products, a softmax, and the projections around them."""

from collections.abc import Sequence

import numpy as np

from archcompile.exporting.onnx_builder import Builder, Value
from archcompile.exporting.onnx_layer import Layer

HEADS_FIRST, KEYS_LAST, HEADS_LAST = (0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3)


def attention(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    """Of a tensor with itself; a map lies in rows of pixels meanwhile."""
    x = inputs[0]
    rows = b.as_keras(x, layer.name)
    if x.is_map:
        target = b.constant(layer.name, [0, -1, x.shape[-1]], np.int64)
        rows = b.node("Reshape", [rows, target], layer.name)
    query, key, value = (
        _project(b, layer, rows, part=part, order=order)
        for part, order in (("query", HEADS_FIRST), ("key", KEYS_LAST), ("value", HEADS_FIRST))
    )
    factor = b.constant(layer.name, 1 / np.sqrt(layer.settings["key_dim"]))
    scaled = b.node("Mul", [query, factor], layer.name)
    products = b.node("MatMul", [scaled, key], layer.name)
    shares = b.node("Softmax", [products], layer.name, axis=-1)
    means = b.node("MatMul", [shares, value], layer.name)
    joined = b.node("Transpose", [means], layer.name, perm=HEADS_LAST)
    kernel = layer.weights["attention_output/kernel"]
    heads, channels, units = kernel.shape
    target = b.constant(layer.name, [0, 0, heads * channels], np.int64)
    flat = b.node("Reshape", [joined, target], layer.name)
    y = _dense(
        b,
        layer,
        flat,
        kernel=kernel.reshape(-1, units),
        bias=layer.weights.get("attention_output/bias"),
    )
    if x.is_map:
        y = b.node("Reshape", [y, b.constant(layer.name, [-1, *layer.shape], np.int64)], layer.name)
    return b.from_keras(y, layer.shape, layer.name)


def _project(b: Builder, layer: Layer, rows: str, *, part: str, order: Sequence[int]) -> str:
    """Queries, keys or values, each head by itself."""
    kernel = layer.weights[f"{part}/kernel"]
    bias = layer.weights.get(f"{part}/bias")
    channels = kernel.shape[0]
    flat = None if bias is None else bias.reshape(-1)
    y = _dense(b, layer, rows, kernel=kernel.reshape(channels, -1), bias=flat)
    target = b.constant(layer.name, [0, 0, *kernel.shape[1:]], np.int64)
    return b.node("Transpose", [b.node("Reshape", [y, target], layer.name)], layer.name, perm=order)


def _dense(
    b: Builder, layer: Layer, rows: str, *, kernel: np.ndarray, bias: np.ndarray | None
) -> str:
    y = b.node("MatMul", [rows, b.constant(layer.name, kernel)], layer.name)
    return y if bias is None else b.node("Add", [y, b.constant(layer.name, bias)], layer.name)
