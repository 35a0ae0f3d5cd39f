"""Zeros around a map or its channels, and their opposite."""

from typing import ClassVar

from pydantic import Field

from archcompile.errors import ShapeError
from archcompile.ops.base import Call, Op, Piece, Shape, chain, need_map, times
from archcompile.ops.registry import op
from archcompile.ops.values import NonNegative, Sides


class Bordered(Op):
    """n on every side, or [top, bottom, left, right]."""

    role: ClassVar[str] = "tensor"

    size: Sides  # what it is, each subclass says

    @property
    def margins(self) -> int | tuple[tuple[int, int], tuple[int, int]]:
        """The sides as Keras writes them."""
        top, bottom, left, right = self.size
        return top if len(set(self.size)) == 1 else ((top, bottom), (left, right))

    def label(self) -> str:
        sides = self.size if len(set(self.size)) > 1 else set(self.size)
        return f"{self.kind} {','.join(map(str, sides))}"


@op
class Pad(Bordered):
    """Zeros around a map: n on every side, or [top, bottom, left, right]."""

    kind: ClassVar[str] = "pad"

    size: Sides = Field(
        description="Zeros: n on every side, or [top, bottom, left, right].",
        examples=[[0, 1, 0, 1]],
    )

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        top, bottom, left, right = self.size
        return height + top + bottom, width + left + right, channels

    def is_averaging(self, *inputs: Shape) -> bool:
        return not any(self.size)

    def call(self) -> Call:
        return Call("layers.ZeroPadding2D", {"padding": self.margins})


@op
class Crop(Bordered):
    """Cuts away the border of a map: n on every side, or [top, bottom, left, right]."""

    kind: ClassVar[str] = "crop"

    size: Sides = Field(
        description="Pixels removed: n on every side, or [top, bottom, left, right].",
        examples=[1],
    )

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        top, bottom, left, right = self.size
        if top + bottom >= height or left + right >= width:
            raise ShapeError(
                f"crop leaves nothing of a map of {times((height, width))}",
                hint="remove less",
                code="window-too-large",
                attributes=("size",),
            )
        return height - top - bottom, width - left - right, channels

    def is_averaging(self, *inputs: Shape) -> bool:
        return True

    def call(self) -> Call:
        return Call("layers.Cropping2D", {"cropping": self.margins})


@op
class PadChannels(Op):
    """Channels of zeros before and after those of a map (He et al. 2015, section 3.3, option A).

    Keras pads height and width only, so width and channels change places around the padding.
    """

    kind: ClassVar[str] = "pad_channels"
    role: ClassVar[str] = "tensor"

    before: NonNegative = Field(
        default=0, description="Channels of zeros before those of the map.", examples=[8]
    )
    after: NonNegative = Field(
        default=0, description="Channels of zeros after those of the map.", examples=[8]
    )

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        return height, width, channels + self.before + self.after

    def is_averaging(self, *inputs: Shape) -> bool:
        return not (self.before or self.after)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        swap = Call("layers.Permute", {"dims": (1, 3, 2)})
        pad = Call("layers.ZeroPadding2D", {"padding": ((0, 0), (self.before, self.after))})
        return chain(("swapped", swap), ("padded", pad), ("", swap))

    def label(self) -> str:
        return f"pad channels {self.before},{self.after}"
