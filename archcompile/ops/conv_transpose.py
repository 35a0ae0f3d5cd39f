"""The transposed convolution: a convolution's gradient, as a layer that makes maps larger."""

from fractions import Fraction
from math import prod
from typing import Any, ClassVar, Literal

from pydantic import Field

from archcompile.ops.base import (
    Call,
    Pair,
    Shape,
    View,
    Weight,
    keras_call,
    need_map,
    scalar,
    stride_words,
    times,
)
from archcompile.ops.conv import Filters, Kernelled
from archcompile.ops.registry import op
from archcompile.ops.windows import ceil_div


@op
class ConvTranspose(Kernelled):
    """Transposed convolution of a map, `stride` times as large: (H, W, C) to (H', W', filters).

    Dumoulin and Visin 2016, chapter 4. Each pixel of the input adds a kernel to the output, by
    `stride` pixels further than its neighbour.
    """

    kind: ClassVar[str] = "conv_transpose"
    role: ClassVar[str] = "conv"
    is_weighted: ClassVar[bool] = True

    filters: Filters
    kernel: Pair = Field(description="Size of the kernel: n or [height, width].", examples=[2])
    stride: Pair = Field(
        default=(1, 1),
        description="How many times as large the map becomes: n or [height, width].",
        examples=[2],
    )
    padding: Literal["same", "valid"] = Field(
        default="same",
        description="`same`: exactly `stride` times as large; `valid`: all that the kernels reach.",
        examples=["valid"],
    )

    def shape(self, *inputs: Shape) -> Shape:
        height, width, _ = need_map(inputs[0])
        down, across = self.stride
        beyond = (0, 0) if self.padding == "same" else self._beyond()
        return height * down + beyond[0], width * across + beyond[1], self.filters

    def _beyond(self) -> tuple[int, int]:
        """By how much the last kernel reaches beyond `stride` pixels, (height, width)."""
        pairs = zip(self.kernel, self.stride, strict=True)
        height, width = (max(size - step, 0) for size, step in pairs)
        return height, width

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        kernel = Weight("kernel", (*self.kernel, self.filters, inputs[0][2]))
        return (kernel, Weight("bias", (self.filters,))) if self.bias else (kernel,)

    def macs(self, *inputs: Shape) -> int:
        """A kernel for each pixel of the input, also where `same` cuts it off."""
        return prod(inputs[0]) * prod(self.kernel) * self.filters

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        """As many pixels as kernels reach an output pixel, at most."""
        (height, width), (down, across) = self.kernel, self.stride
        size = ceil_div(height, down), ceil_div(width, across)
        return (View(size, (Fraction(1, down), Fraction(1, across))),)

    def call(self) -> Call:
        settings: dict[str, Any] = {
            "filters": self.filters,
            "kernel_size": scalar(self.kernel),
            "strides": scalar(self.stride),
            "padding": self.padding,
        }
        return keras_call("layers.Conv2DTranspose", **settings, **self.kernel_settings())

    def label(self) -> str:
        up = stride_words(self.stride).replace("/", "x")
        return f"{times(self.kernel)} conv transpose, {self.filters}{up}"
