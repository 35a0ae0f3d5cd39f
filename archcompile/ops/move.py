"""Ops that move values: channels parted and mixed, axes exchanged, pixels turned into channels."""

from fractions import Fraction
from math import prod
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator

from archcompile.errors import ShapeError
from archcompile.ops.base import (
    Call,
    Count,
    Op,
    Pair,
    Piece,
    Shape,
    View,
    chain,
    list_as_tuple,
    need_map,
    show,
    times,
    whole,
)
from archcompile.ops.registry import op
from archcompile.ops.values import NonNegative, need_groups

Axis = Literal["height", "width", "channels", "tokens"]
MAP_AXES: tuple[Axis, ...] = ("height", "width", "channels")
TOKEN_AXES: tuple[Axis, ...] = ("tokens", "channels")
Axes = Annotated[
    tuple[Axis, ...], BeforeValidator(list_as_tuple, json_schema_input_type=list[Axis])
]


def _reshape(shape: Shape) -> Call:
    return Call("layers.Reshape", {"target_shape": shape})


def _permute(*dims: int) -> Call:
    """Axes in a new order; they count from 1, since the batch stays the first."""
    return Call("layers.Permute", {"dims": dims})


@op
class SliceChannels(Op):
    """Some neighbouring channels: (H, W, C) to (H, W, channels). Two slices are a split.

    Keras cuts away the border of maps alone. It is told that the channels come first: then the last
    axis is the one that it takes for the width.
    """

    kind: ClassVar[str] = "slice_channels"
    role: ClassVar[str] = "tensor"

    start: NonNegative = Field(
        default=0, description="How many channels lie before the first one taken.", examples=[16]
    )
    channels: Count = Field(description="Number of channels taken.", examples=[16])

    def shape(self, *inputs: Shape) -> Shape:
        *places, channels = inputs[0]
        if self.start + self.channels > channels:
            raise ShapeError(
                f"expected a slice of the {channels} channels, from 0 to {channels - 1}, got "
                f"channels {self._words()}",
                hint="`start` and `channels` together are at most the channels that there are",
                attributes=("channels", "start"),
            )
        return (*places, self.channels)

    def _words(self) -> str:
        last = self.start + self.channels - 1
        return str(last) if last == self.start else f"{self.start} to {last}"

    def is_averaging(self, *inputs: Shape) -> bool:
        return self.channels == inputs[0][-1]

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        behind = inputs[0][-1] - self.start - self.channels
        cut = Call(
            "layers.Cropping2D",
            {"cropping": ((0, 0), (self.start, behind)), "data_format": "channels_first"},
        )
        if len(inputs[0]) == 3:
            return chain(("", cut))
        ones = (1,) * (3 - len(inputs[0]))
        return chain(
            ("as_map", _reshape((*ones, *inputs[0]))),
            ("cut", cut),
            ("", _reshape(self.shape(*inputs))),
        )

    def label(self) -> str:
        return f"channels {self._words()}"


@op
class ShuffleChannels(Op):
    """The channels of all groups by turns: the first of each group, then the second of each (Zhang
    et al. 2018, ShuffleNet, section 3.1).
    """

    kind: ClassVar[str] = "shuffle_channels"
    role: ClassVar[str] = "tensor"

    groups: Count = Field(
        description="Number of groups of neighbouring channels; must divide the channels.",
        examples=[2],
    )

    def shape(self, *inputs: Shape) -> Shape:
        return need_groups(inputs[0], self.groups)

    def is_averaging(self, *inputs: Shape) -> bool:
        return True

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        *places, channels = inputs[0]
        axes = range(1, len(places) + 1)
        return chain(
            ("grouped", _reshape((*places, self.groups, channels // self.groups))),
            ("swapped", _permute(*axes, len(places) + 2, len(places) + 1)),
            ("", _reshape(inputs[0])),
        )

    def label(self) -> str:
        return f"shuffle channels, {self.groups} groups"


@op
class Permute(Op):
    """The axes of a map in another order, or those of tokens, (tokens, channels)."""

    kind: ClassVar[str] = "permute"
    role: ClassVar[str] = "tensor"

    axes: Axes = Field(
        description="The axes of the input in their new order: `height`, `width` and `channels` of "
        "a map, `tokens` and `channels` of tokens.",
        examples=[["width", "height", "channels"]],
    )

    @field_validator("axes")
    @classmethod
    def _check_all(cls, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        if sorted(axes) not in (sorted(MAP_AXES), sorted(TOKEN_AXES)):
            raise ValueError(
                "expected height, width and channels, or tokens and channels, each of them once, "
                f"got {', '.join(axes) or 'nothing'}"
            )
        return axes

    @property
    def _order(self) -> tuple[int, ...]:
        """The places that the axes have in the input."""
        names = MAP_AXES if len(self.axes) == 3 else TOKEN_AXES
        return tuple(names.index(axis) for axis in self.axes)

    def shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if len(self.axes) == 3:
            need_map(shape)
        elif len(shape) != 2:
            raise ShapeError(
                f"expected (tokens, channels), got {show(shape)}",
                hint="the axes of a map are `height`, `width` and `channels`",
                attributes=("axes",),
            )
        return tuple(shape[place] for place in self._order)

    def is_averaging(self, *inputs: Shape) -> bool:
        return self.axes[-1] == "channels"

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        """An axis that becomes the channels is seen as a whole."""
        (shape,), order = inputs, self._order
        if len(shape) != 3:
            return (View() if self.axes == TOKEN_AXES else whole(shape),)
        height, width = order.index(0), order.index(1)
        size = (shape[0] if height == 2 else 1, shape[1] if width == 2 else 1)
        stride = (int(height != 2), int(width != 2))
        return (View(size, stride, is_turned=height == 1 or width == 0),)

    def call(self) -> Call:
        return _permute(*(place + 1 for place in self._order))

    def label(self) -> str:
        return f"permute to {'x'.join(axis[0].upper() for axis in self.axes)}"


class Blocks(Op):
    """What turns blocks of pixels into channels, or channels into blocks of pixels.

    The rows of a block stay rows while blocks and their columns change places.
    """

    role: ClassVar[str] = "tensor"

    size: Pair  # what it is, each subclass says

    def is_averaging(self, *inputs: Shape) -> bool:
        return self.size == (1, 1)

    def _chain(self, blocks: Shape, result: Shape) -> tuple[Piece, ...]:
        """The pieces: `blocks` are rows, two axes that change places, and what lies in a row."""
        return chain(
            ("blocks", _reshape(blocks)), ("swapped", _permute(1, 3, 2, 4)), ("", _reshape(result))
        )

    def label(self) -> str:
        return f"{self.kind.replace('_', ' ')} {times(self.size)}"


@op
class DepthToSpace(Blocks):
    """The channels of a pixel as a block of pixels: (H, W, C) to (H * size, W * size, C / size**2).
    Shi et al. 2016, the sub-pixel convolution.

    The block's pixels come one behind the other, row by row, each with all its channels
    (TensorFlow's order). PyTorch's PixelShuffle has the pixels of a block innermost: the layer in
    front of it has its filters in another order there.
    """

    kind: ClassVar[str] = "depth_to_space"

    size: Pair = Field(
        description="Size of the block that a pixel becomes: n or [height, width]. Its product "
        "must divide the channels, which hold pixel by pixel (TensorFlow's order, not that of "
        "PyTorch's PixelShuffle).",
        examples=[2],
    )

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        if channels % prod(self.size):
            raise ShapeError(
                f"expected channels that {prod(self.size)} divides, for blocks of "
                f"{times(self.size)}, got {channels}",
                hint="give the layer in front of it so many filters for each channel behind it",
                attributes=("size",),
            )
        return height * self.size[0], width * self.size[1], channels // prod(self.size)

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        height, width = self.size
        return (View(stride=(Fraction(1, height), Fraction(1, width))),)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        height, width, channels = inputs[0]
        rows = self.size[0]
        return self._chain((height, width, rows, channels // rows), self.shape(*inputs))


@op
class SpaceToDepth(Blocks):
    """Blocks of pixels as the channels of one: (H, W, C) to (H / size, W / size, C * size**2).

    The block's pixels come one behind the other, row by row, each with all its channels
    (TensorFlow's order). PyTorch's PixelUnshuffle has the pixels of a block innermost.
    """

    kind: ClassVar[str] = "space_to_depth"

    size: Pair = Field(
        description="Size of the block that becomes a pixel: n or [height, width]. It must divide "
        "the map's; the channels hold pixel by pixel (TensorFlow's order, not that of PyTorch's "
        "PixelUnshuffle).",
        examples=[2],
    )

    def shape(self, *inputs: Shape) -> Shape:
        height, width, channels = need_map(inputs[0])
        rows, columns = self.size
        if height % rows or width % columns:
            raise ShapeError(
                f"expected a map that blocks of {times(self.size)} divide, got "
                f"{times((height, width))}",
                hint="pad the map, crop it, or choose another `size`",
                attributes=("size",),
            )
        return height // rows, width // columns, channels * prod(self.size)

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        return (View(self.size, self.size),)

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        height, width, channels = self.shape(*inputs)
        rows = self.size[0]
        return self._chain((height, rows, width, channels // rows), (height, width, channels))
