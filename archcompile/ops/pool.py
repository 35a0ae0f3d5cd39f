"""Pooling."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from archcompile.ops.base import (
    Call,
    Op,
    Pair,
    Piece,
    Shape,
    View,
    chain,
    keras_call,
    need_map,
    scalar,
    stride_words,
    times,
    whole,
)
from archcompile.ops.registry import op
from archcompile.ops.windows import ceil_div, slide


class Window(Op):
    """Pooling over a sliding window; the stride is the size unless given."""

    role: ClassVar[str] = "pool"
    layer: ClassVar[str]

    size: Pair = Field(description="Size of the window: n or [height, width].", examples=[2])
    stride: Pair | None = Field(
        default=None,
        description="Stride of the window: n or [height, width]; by default its size.",
        examples=[2],
    )
    padding: Literal["same", "valid"] = Field(
        default="valid", description="`same` or `valid`.", examples=["valid"]
    )

    @property
    def step(self) -> tuple[int, int]:
        return self.stride or self.size

    def shape(self, *inputs: Shape) -> Shape:
        extent = slide(
            self.kind,
            need_map(inputs[0]),
            self.size,
            stride=self.step,
            padding=self.padding,
        )
        return (*extent, inputs[0][2])

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (View(self.size, self.step),)

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "stride": list(self.step)}

    def call(self) -> Call:
        return keras_call(
            self.layer,
            pool_size=scalar(self.size),
            strides=None if self.step == self.size else scalar(self.step),
            padding=self.padding,
        )

    def label(self) -> str:
        step = "" if self.step == self.size else stride_words(self.step)
        return f"{self.kind.replace('_', ' ')} {times(self.size)}{step}"


@op
class MaxPool(Window):
    """Largest value of each window."""

    kind: ClassVar[str] = "max_pool"
    keeps: ClassVar[tuple[str, ...]] = ("inputs", "output")
    layer: ClassVar[str] = "layers.MaxPooling2D"


@op
class AvgPool(Window):
    """Mean of each window; the zeros of `same` padding are not counted."""

    kind: ClassVar[str] = "avg_pool"
    layer: ClassVar[str] = "layers.AveragePooling2D"

    padding: Literal["same", "valid"] = Field(
        default="valid",
        description="`same` (its zeros are not counted) or `valid`.",
        examples=["valid"],
    )

    def is_averaging(self, *inputs: Shape) -> bool:
        return True

    def explain_uncovered(self, *inputs: Shape) -> str | None:
        height, width, _ = inputs[0]
        if self.size == (height, width):
            return None
        return (
            f"avg_pool {times(self.size)} does not cover the {height}x{width} map that is "
            "then flattened"
        )


@op
class BlurPool(Op):
    """Mean of each window, weighed by a row of Pascal's triangle along both axes (1 2 1 for
    `size: 3`), at every stride-th pixel (Zhang 2019, section 3.2).

    (H, W, C) to (H / stride, W / stride, C), rounded up. Zeros stand around the map, (size - 1) / 2
    on each side, where the paper has reflections; of an even size the odd zero goes right and
    below. The zeros count. It is a chain of `size` - 1 average pools of 2x2.
    """

    kind: ClassVar[str] = "blur_pool"
    role: ClassVar[str] = "pool"

    size: int = Field(
        default=3, ge=3, le=9, description="Pixels of the window along each axis.", examples=[3]
    )
    stride: Pair = Field(
        default=(2, 2), description="Stride of the window: n or [height, width].", examples=[2]
    )

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        down, across = self.stride
        return ceil_div(height, down), ceil_div(width, across), channels

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (View((self.size, self.size), self.stride),)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        """A mean of two neighbours, taken over and over, weighs as a row of the triangle does."""
        before = (self.size - 1) // 2
        sides = (before, self.size - 1 - before)
        padded = Call("layers.ZeroPadding2D", {"padding": (sides, sides)})
        means = [
            (f"mean{number}", Call("layers.AveragePooling2D", {"pool_size": 2, "strides": 1}))
            for number in range(1, self.size - 1)
        ]
        strides = None if self.stride == (2, 2) else scalar(self.stride)
        last = keras_call("layers.AveragePooling2D", pool_size=2, strides=strides)
        return chain(("padded", padded), *means, ("", last))

    def label(self) -> str:
        return f"blur pool {times((self.size, self.size))}{stride_words(self.stride)}"


@op
class Subsample(Op):
    """Every stride-th pixel, from the first on (the stride-2 shortcut without parameters of He et
    al. 2015, option A).
    """

    kind: ClassVar[str] = "subsample"
    role: ClassVar[str] = "pool"

    stride: Pair = Field(description="Keep every n-th pixel: n or [height, width].", examples=[2])

    def is_averaging(self, *inputs: Shape) -> bool:
        return True

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        down, across = self.stride
        return ceil_div(height, down), ceil_div(width, across), channels

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (View(stride=self.stride),)

    def call(self) -> Call:
        return Call("layers.AveragePooling2D", {"pool_size": 1, "strides": scalar(self.stride)})

    def label(self) -> str:
        return f"subsample{stride_words(self.stride)}"


class Global(Op):
    """Pooling over the whole map: (H, W, C) to (C,), or (1, 1, C) with keep_dims; over all tokens:
    (N, C) to (C,), or (1, C).
    """

    role: ClassVar[str] = "pool"
    layer: ClassVar[str]

    keep_dims: bool = Field(
        default=False,
        description="Whether the result stays a map, of 1x1, or tokens, of which there is one.",
        examples=[True],
    )

    def shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        *places, channels = shape if len(shape) == 2 else need_map(shape)
        return (*(1 for _ in places), channels) if self.keep_dims else (channels,)

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (whole(inputs[0]),)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        axes = "2D" if len(inputs[0]) == 3 else "1D"
        return chain(("", keras_call(f"{self.layer}{axes}", keepdims=self.keep_dims)))


@op
class GlobalAvgPool(Global):
    """Mean of each channel."""

    kind: ClassVar[str] = "global_avg_pool"
    layer: ClassVar[str] = "layers.GlobalAveragePooling"

    def is_averaging(self, *inputs: Shape) -> bool:
        return True


@op
class GlobalMaxPool(Global):
    """Largest value of each channel."""

    kind: ClassVar[str] = "global_max_pool"
    keeps: ClassVar[tuple[str, ...]] = ("inputs", "output")
    layer: ClassVar[str] = "layers.GlobalMaxPooling"
