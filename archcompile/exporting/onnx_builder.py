"""An ONNX graph under construction: nodes, constants, and values with their shapes.

A map lies in memory as (N, C, H, W), as ONNX wants it; everything else as Keras has it.
`Value.shape` is Keras' shape without the batch all the same: (H, W, C) of a map.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from archcompile.errors import MissingError
from archcompile.ops import Shape

OPSET = 17  # the first with LayerNormalization; every runtime since 2022 reads it
IR_VERSION = 8  # of the onnx release that brought opset 17
TO_ONNX, TO_KERAS = (0, 3, 1, 2), (0, 2, 3, 1)


def load_onnx() -> Any:
    """The module `onnx`. Raises MissingError."""
    try:
        import onnx
    except ImportError as error:
        raise MissingError(
            "writing ONNX needs onnx, which is not installed",
            hint="pip install 'archcompile[onnx]'",
        ) from error
    return onnx


@dataclass(frozen=True, slots=True)
class Value:
    name: str
    shape: Shape

    @property
    def is_map(self) -> bool:
        return len(self.shape) == 3

    @property
    def axis(self) -> int:
        """The axis of the channels in memory."""
        return 1 if self.is_map else len(self.shape)


@dataclass(kw_only=True)
class Builder:
    """Nodes are called like layers.

    Where a layer takes several, each has a number behind a slash.
    """

    onnx: Any
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def name(self, layer: str) -> str:
        """A new name for something that belongs to a layer."""
        self.counts[layer] = self.counts.get(layer, 0) + 1
        return f"{layer}/{self.counts[layer]}"

    def constant(self, layer: str, array: Any, dtype: Any = np.float32) -> str:
        name = self.name(layer)
        self.constants.append(self.onnx.numpy_helper.from_array(np.array(array, dtype), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], layer: str, **attributes: Any) -> str:
        """The output of a new node."""
        output = self.name(layer)
        self.nodes.append(
            self.onnx.helper.make_node(kind, list(inputs), [output], name=output, **attributes)
        )
        return output

    def with_channels(self, kind: str, value: Value, numbers: Any, *, layer: str) -> Value:
        """An operation with one number for each channel."""
        numbers = np.asarray(numbers).reshape((-1, 1, 1) if value.is_map else (-1,))
        return Value(
            self.node(kind, [value.name, self.constant(layer, numbers)], layer), value.shape
        )

    def as_keras(self, value: Value, layer: str) -> str:
        """The value as Keras has it in memory."""
        return (
            self.node("Transpose", [value.name], layer, perm=TO_KERAS)
            if value.is_map
            else value.name
        )

    def from_keras(self, name: str, shape: Shape, layer: str) -> Value:
        """A value that lies in memory as Keras has it."""
        return Value(
            self.node("Transpose", [name], layer, perm=TO_ONNX) if len(shape) == 3 else name, shape
        )
