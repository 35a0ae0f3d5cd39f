"""Ops that reshape or scale, and the input."""

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt, prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from archcompile.errors import ShapeError
from archcompile.ops.base import (
    Call,
    Count,
    KeptForBackward,
    Op,
    Pair,
    Piece,
    Shape,
    Span,
    View,
    chain,
    keras_call,
    list_as_tuple,
    need_map,
    scalar,
    shape_words,
    show,
    times,
    whole,
)
from archcompile.ops.registry import op

Dims = Annotated[
    tuple[Count, ...],
    BeforeValidator(list_as_tuple, json_schema_input_type=list[Count]),
    Field(min_length=1, max_length=3),
]


class Input(Op):
    """The image, (H, W, C). Not a step: it comes from the spec's `input`."""

    kind: ClassVar[str] = "input"
    role: ClassVar[str] = "input"
    arity: ClassVar[tuple[int, int | None]] = (0, 0)

    dims: Dims

    def shape(self, *inputs: Shape) -> Shape:
        return self.dims

    @property
    def span(self) -> Span:
        return "free"

    def call(self) -> Call:
        return Call("Input", {"shape": self.dims})

    def label(self) -> str:
        return f"input {show(self.dims)}"


class Reshaped(Op):
    """What changes the shape alone: all values stay, in their order."""

    role: ClassVar[str] = "tensor"
    is_view: ClassVar[bool] = True

    def is_averaging(self, *inputs: Shape) -> bool:
        return self.shape(*inputs)[-1] == inputs[0][-1]  # then the values of a pixel stay together


@op
class Flatten(Reshaped):
    """A map as a vector, row by row."""

    kind: ClassVar[str] = "flatten"
    is_flattening: ClassVar[bool] = True

    def shape(self, *inputs: Shape) -> Shape:
        return (prod(inputs[0]),)

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (whole(inputs[0]),)

    def call(self) -> Call:
        return Call("layers.Flatten", {})


@op
class Reshape(Reshaped):
    """The same values under another shape."""

    kind: ClassVar[str] = "reshape"

    to: Dims = Field(
        alias="shape",
        description="The new shape, without the batch: [height, width, channels], [tokens, "
        "channels] or [values].",
        examples=[[1, 1, 64]],
    )

    def shape(self, *inputs: Shape) -> Shape:
        if prod(inputs[0]) != prod(self.to):
            raise ShapeError(
                f"{show(inputs[0])} holds {prod(inputs[0])} values, {show(self.to)} holds "
                f"{prod(self.to)}",
                attributes=("shape",),
            )
        return self.to

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        """A map that keeps its height and width is seen pixel by pixel, any other as a whole."""
        stays = len(self.to) == len(inputs[0]) == 3 and self.to[:2] == inputs[0][:2]
        return (View() if stays else whole(inputs[0]),)

    def call(self) -> Call:
        return Call("layers.Reshape", {"target_shape": self.to})


@op
class Tokens(Reshaped):
    """A map as tokens, a row for each pixel: (H, W, C) to (H * W, C)."""

    kind: ClassVar[str] = "tokens"

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        return height * width, channels

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (whole(inputs[0]),)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        return chain(("", Call("layers.Reshape", {"target_shape": self.shape(*inputs)})))


@op
class Map(Reshaped):
    """Tokens as a map, row by row: (N, C) to (H, W, C). A bare `map` makes a square of them."""

    kind: ClassVar[str] = "map"
    sized_by: ClassVar[str | None] = "size"

    size: Pair | None = Field(
        default=None,
        description="Height and width of the map: n or [height, width]; `with: NAME` stands for "
        "the size of the map at that point. The side of a square unless given.",
        examples=[[14, 14]],
    )

    def shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(shape) != 2:
            raise ShapeError(
                f"expected tokens, got {shape_words(shape)}", hint="`tokens` makes them of a map"
            )
        tokens, channels = shape
        if self.size is None and isqrt(tokens) ** 2 != tokens:
            raise ShapeError(
                f"{tokens} tokens are no square", hint="write `map: {size: [height, width]}`"
            )
        height, width = self.size or (isqrt(tokens), isqrt(tokens))
        if height * width != tokens:
            raise ShapeError(
                f"expected {tokens} tokens as a map, got a size of {times((height, width))}, which "
                f"holds {height * width}",
                attributes=("size",),
            )
        return height, width, channels

    def shortest(self, *inputs: Shape) -> "Map":
        height, width, _ = self.shape(*inputs)
        return self.model_copy(update={"size": None}) if height == width else self

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (whole(inputs[0]),)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        return chain(("", Call("layers.Reshape", {"target_shape": self.shape(*inputs)})))


@op
class Upsample(Op):
    """A map made larger: every pixel repeated, or values between pixels (bilinear)."""

    kind: ClassVar[str] = "upsample"
    role: ClassVar[str] = "tensor"
    unnamed: ClassVar[Mapping[str, Any]] = {"interpolation": "nearest"}

    size: Pair = Field(
        description="How many times as large the map becomes: n or [height, width].", examples=[2]
    )
    interpolation: Literal["nearest", "bilinear"] = Field(
        default="nearest",
        description="`nearest` repeats pixels, `bilinear` means over the two nearest in each "
        "direction, with pixels taken as squares (half-pixel centres).",
        examples=["bilinear"],
    )

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        return height * self.size[0], width * self.size[1], channels

    def is_averaging(self, *inputs: Shape) -> bool:
        return True

    def kept_for_backward(self, *inputs: Shape) -> KeptForBackward:
        """TensorFlow's gradient of the bilinear way takes its input, for the size alone."""
        return KeptForBackward(inputs=self.interpolation == "bilinear")

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        height, width = self.size
        size = (1, 1)
        if self.interpolation == "bilinear":
            size = (min(height, 2), min(width, 2))
        return (View(size, (Fraction(1, height), Fraction(1, width))),)

    def call(self) -> Call:
        return keras_call(
            "layers.UpSampling2D", size=scalar(self.size), interpolation=self.interpolation
        )

    def label(self) -> str:
        way = "" if self.interpolation == "nearest" else f", {self.interpolation}"
        return f"upsample {times(self.size)}{way}"


@op
class Rescale(Op):
    """scale * x + offset, with constants: `{scale: -1, offset: 1}` is 1 - x."""

    kind: ClassVar[str] = "rescale"
    role: ClassVar[str] = "tensor"

    scale: float = Field(description="The factor.", examples=[-1.0])
    offset: float = Field(default=0.0, description="The number added.", examples=[1.0])

    @property
    def is_mirror(self) -> bool:
        return (self.scale, self.offset) == (-1, 1)

    @property
    def span(self) -> Span | None:
        return None if self.scale else "interval"

    def is_averaging(self, *inputs: Shape) -> bool:
        return (self.scale, self.offset) == (1, 0)

    def call(self) -> Call:
        return keras_call("layers.Rescaling", scale=self.scale, offset=self.offset)

    def label(self) -> str:
        return f"{self.scale:g} x" + (f" {self.offset:+g}" if self.offset else "")
