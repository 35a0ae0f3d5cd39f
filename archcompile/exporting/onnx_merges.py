"""Merges and pools in ONNX."""

from collections.abc import Sequence

from archcompile.exporting.onnx_builder import Builder, Value
from archcompile.exporting.onnx_layer import Layer, Translate, Window
from archcompile.ops import as_pair


def merge(kind: str) -> Translate:
    def translate(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
        name = inputs[0].name
        for branch in inputs[1:]:
            name = b.node(kind, [name, branch.name], layer.name)
        return Value(name, layer.shape)

    return translate


def average(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    return Value(b.node("Mean", [x.name for x in inputs], layer.name), layer.shape)


def concat(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    return Value(
        b.node("Concat", [x.name for x in inputs], layer.name, axis=inputs[0].axis), layer.shape
    )


def pool(kind: str, **attributes: int) -> Translate:
    def translate(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
        (x,) = inputs
        size = layer.pair("pool_size")
        window = Window(
            kernel=size,
            stride=as_pair(layer.settings["strides"] or size),
            padding=layer.settings["padding"],
        )
        name = b.node(
            kind,
            [x.name],
            layer.name,
            kernel_shape=window.kernel,
            strides=window.stride,
            pads=window.pads(x.shape[:2]),
            **attributes,
        )
        return Value(name, layer.shape)

    return translate


def pool_of_tokens(kind: str) -> Translate:
    def translate(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
        keeps = int(len(layer.shape) == 2)
        name = b.node(kind, [inputs[0].name], layer.name, axes=[1], keepdims=keeps)
        return Value(name, layer.shape)

    return translate


def global_pool(kind: str) -> Translate:
    def translate(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
        name = b.node(kind, [inputs[0].name], layer.name)
        if len(layer.shape) != 3:
            name = b.node("Flatten", [name], layer.name)
        return Value(name, layer.shape)

    return translate
