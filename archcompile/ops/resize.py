"""Maps of another size, whatever the ratio."""

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from archcompile.ops.base import (
    Call,
    KeptForBackward,
    Op,
    Pair,
    Shape,
    View,
    keras_call,
    need_map,
    times,
)
from archcompile.ops.registry import op


@op
class Resize(Op):
    """A map in another size, larger or smaller: `to: [height, width]`, or `with: NAME` for that of
    the map at another point. Pixels are squares (half-pixel centres); nothing is smoothed before a
    map is made smaller.

    With `with` the size alone is taken, when the network is compiled: the point is no input, and
    must be used by something else as well.
    """

    kind: ClassVar[str] = "resize"
    role: ClassVar[str] = "tensor"
    sized_by: ClassVar[str | None] = "to"

    to: Pair = Field(
        description="The new size: n or [height, width]; `with: NAME` stands for the size of the "
        "map at that point.",
        examples=[[56, 56]],
    )
    interpolation: Literal["nearest", "bilinear"] = Field(
        default="bilinear",
        description="`nearest` takes the pixel in which the middle of the new one lies, `bilinear` "
        "means over the two nearest in each direction.",
        examples=["nearest"],
    )

    def shape(self, *inputs: Shape) -> Shape:
        return (*self.to, need_map(inputs[0])[2])

    def is_averaging(self, *inputs: Shape) -> bool:
        return True

    def kept_for_backward(self, *inputs: Shape) -> KeptForBackward:
        """TensorFlow's gradient of the bilinear way takes its input, for the size alone."""
        return KeptForBackward(inputs=self.interpolation == "bilinear")

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        sizes = tuple(zip(need_map(inputs[0])[:2], self.to, strict=True))
        height, width = (1 if self._is_pixel_by_pixel(*pair) else 2 for pair in sizes)
        down, across = (Fraction(before, after) for before, after in sizes)
        return (View((height, width), (down, across)),)

    def _is_pixel_by_pixel(self, before: int, after: int) -> bool:
        """Whether each new pixel is one of those before: bilinear, if its middle is that of one."""
        factor, rest = divmod(before, after)
        return self.interpolation == "nearest" or before == 1 or (rest == 0 and factor % 2 == 1)

    def call(self) -> Call:
        height, width = self.to
        return keras_call(
            "layers.Resizing", height=height, width=width, interpolation=self.interpolation
        )

    def label(self) -> str:
        way = "" if self.interpolation == "bilinear" else f", {self.interpolation}"
        return f"resize {times(self.to)}{way}"
