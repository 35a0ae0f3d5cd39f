"""Layers that move or scale values, and those that do nothing at inference, in ONNX."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from archcompile.exporting.onnx_builder import TO_KERAS, Builder, Value
from archcompile.exporting.onnx_layer import Layer, Pair


def reshape(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    target = b.constant(layer.name, [-1, *layer.shape], np.int64)
    return b.from_keras(
        b.node("Reshape", [b.as_keras(inputs[0], layer.name), target], layer.name),
        layer.shape,
        layer.name,
    )


def permute(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    y = b.node(
        "Transpose",
        [b.as_keras(inputs[0], layer.name)],
        layer.name,
        perm=[0, *layer.settings["dims"]],
    )
    return b.from_keras(y, layer.shape, layer.name)


def pad(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    (top, bottom), (left, right) = _sides(layer.settings["padding"])
    pads = b.constant(layer.name, [0, 0, top, left, 0, 0, bottom, right], np.int64)
    return Value(b.node("Pad", [inputs[0].name, pads], layer.name), layer.shape)


def crop(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    """Of height and width; or of width and channels, where these are said to come first."""
    (x,) = inputs
    sides = _sides(layer.settings["cropping"])
    first = 1 if layer.settings.get("data_format") == "channels_first" else 0
    starts = [before for before, _ in sides]
    ends = [size - after for size, (_, after) in zip(x.shape[first:], sides, strict=False)]
    memory = TO_KERAS[first + 1 : first + 3]
    given = [b.constant(layer.name, numbers, np.int64) for numbers in (starts, ends, memory)]
    return Value(b.node("Slice", [x.name, *given], layer.name), layer.shape)


def _sides(value: Any) -> tuple[Pair, Pair]:
    return ((value, value), (value, value)) if isinstance(value, int) else value


RESIZES: Mapping[str, Mapping[str, str]] = {
    "nearest": {
        "mode": "nearest",
        "nearest_mode": "floor",
        "coordinate_transformation_mode": "asymmetric",
    },
    "bilinear": {"mode": "linear", "coordinate_transformation_mode": "half_pixel"},
}


def upsample(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    scales = b.constant(layer.name, [1.0, 1.0, *layer.pair("size")])
    way = RESIZES[layer.settings["interpolation"]]
    return Value(b.node("Resize", [inputs[0].name, "", scales], layer.name, **way), layer.shape)


def resize(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    (x,) = inputs
    pairs = list(zip(x.shape[:2], layer.shape[:2], strict=True))
    if layer.settings["interpolation"] == "nearest":
        name = x.name
        for axis, (before, after) in enumerate(pairs, start=2):
            places = b.constant(layer.name, _nearest(before, after), np.int64)
            name = b.node("Gather", [name, places], layer.name, axis=axis)
        return Value(name, layer.shape)
    scales = b.constant(layer.name, [1.0, 1.0, *(_scale(*pair) for pair in pairs)])
    return Value(
        b.node("Resize", [x.name, "", scales], layer.name, **RESIZES["bilinear"]), layer.shape
    )


def _nearest(before: int, after: int) -> np.ndarray:
    """The pixels that are taken, by the single precision that Keras' backends count in.

    Where the middle of a pixel falls between two, runtimes round in ways of their own.
    """
    middles = np.arange(after, dtype=np.float32) + np.float32(0.5)
    places = middles * (np.float32(before) / np.float32(after))
    return np.minimum(places.astype(np.int64), before - 1)


def _scale(before: int, after: int) -> np.float32:
    """The ratio, rounded up: a runtime multiplies with it, and rounds the size down."""
    scale = np.float32(after / before)
    exact = Fraction(after, before)
    return scale if Fraction(float(scale)) >= exact else np.nextafter(scale, np.float32(np.inf))


def rescaling(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    name = b.node(
        "Mul", [inputs[0].name, b.constant(layer.name, layer.settings["scale"])], layer.name
    )
    offset = layer.settings["offset"]
    if offset:
        name = b.node("Add", [name, b.constant(layer.name, offset)], layer.name)
    return Value(name, layer.shape)


def power(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    return Value(
        b.node("Pow", [inputs[0].name, b.constant(layer.name, layer.settings["x2"])], layer.name),
        layer.shape,
    )


def dropout(b: Builder, layer: Layer, inputs: Sequence[Value]) -> Value:
    """Nothing, at inference."""
    return inputs[0]
