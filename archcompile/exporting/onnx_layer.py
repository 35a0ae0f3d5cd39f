"""What the translations of layers into ONNX share: the call that they read, and padding."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from archcompile.exporting.onnx_builder import Builder, Value
from archcompile.ops import Shape, as_pair, same_padding

Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A call: `settings` with Keras' defaults for those left out, `weights` by name.

    `shape` is that of the output without the batch.
    """

    name: str
    settings: Mapping[str, Any]
    weights: Mapping[str, np.ndarray]
    shape: Shape

    def pair(self, key: str) -> Pair:
        return as_pair(self.settings[key])


Translate = Callable[[Builder, Layer, Sequence[Value]], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How a kernel or a pool moves over a map; `padding` is `same` or `valid`."""

    kernel: Pair
    stride: Pair
    padding: str
    dilation: Pair = (1, 1)

    def pads(self, size: Sequence[int]) -> list[int]:
        """What is padded at top, left, bottom, right, as TensorFlow counts for `same`."""
        if self.padding == "valid":
            return [0, 0, 0, 0]
        totals = [
            same_padding(n, kernel, stride, dilation=dilation)
            for n, kernel, stride, dilation in zip(
                size, self.kernel, self.stride, self.dilation, strict=True
            )
        ]
        return [total // 2 for total in totals] + [total - total // 2 for total in totals]
