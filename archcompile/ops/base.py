"""What an op is: its attributes (the YAML schema of the step), shape rule, weights, cost, calls.

Shapes are `(H, W, C)` or `(C,)`; the batch is never part of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from archcompile.errors import ShapeError
from archcompile.keras_defaults import without_defaults

Shape = tuple[int, ...]
Span = Literal["free", "half", "interval", "sigmoid", "softmax"]
"""The values an output can have: any number; any on one side of a bound; those between two bounds;
those of a sigmoid; shares of the channels that add up to 1."""


@dataclass(frozen=True, slots=True)
class Call:
    """The construction of an object under `keras`, as data: emitters carry it out or print it."""

    path: str
    kwargs: Mapping[str, Any]


def keras_call(path: str, **settings: Any) -> Call:
    """The call of a Keras layer, without the settings that it takes anyway."""
    return Call(path, without_defaults(path, settings))


@dataclass(frozen=True, slots=True)
class Piece:
    """One stock Keras call of an op that Keras has not got as a whole.

    `sources` are its inputs in argument order: the op's inputs by place (0, 1, …), or earlier
    pieces by their suffix. The last piece is a layer and has no suffix, since it carries the node's
    name; others are called NODE_SUFFIX. A path that begins with `ops.` is a function, which is
    applied to its sources directly.
    """

    suffix: str
    call: Call
    sources: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """A tensor an op owns. Parameter counts, memory and decay all derive from these."""

    name: str
    shape: Shape
    trainable: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """What a pixel of the output sees of one input: a window of `size` pixels, (height, width).

    From one output pixel to the next the window moves by `stride` pixels: a fraction behind an
    upsample, 0 where all see the same. Where a map `is_turned`, the rows of the output run along
    the columns of the input; `size` and `stride` are along the axes of the input.
    """

    size: tuple[int, int] = (1, 1)
    stride: tuple[int | Fraction, int | Fraction] = (1, 1)
    is_turned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForBackward:
    """What training holds of an op from the forward to the backward pass, for one image.

    Its inputs, its output, and what is made inside the op: `values` in the op's precision, `masks`
    of a byte each.
    """

    inputs: bool = False
    output: bool = False
    values: int = 0
    masks: int = 0


def show(shape: Shape) -> str:
    """`32x32x16`, or `10` for a vector."""
    return "x".join(map(str, shape))


def shape_words(shape: Shape) -> str:
    """`a map of 8x8x16`, `a vector of 10`, or `rows of 64x16`."""
    kinds = {1: "a vector", 2: "rows", 3: "a map"}
    return f"{kinds[len(shape)]} of {show(shape)}"


class Op(BaseModel):
    """One layer. Subclasses set `kind`, the name of the step in YAML.

    `arity` is the least and largest number of inputs (None: no limit); `role` groups ops for
    drawings and tables; `is_weighted` says that the op counts as a layer of depth.
    """

    # deferred: a command builds the validators of the ops that it meets
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True
    )

    kind: ClassVar[str]
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    role: ClassVar[str]  # input, conv, dense, norm, act, pool, merge, tensor
    is_weighted: ClassVar[bool] = False
    # of an op that is weighted: how many weighted layers lie in it, one behind the other
    layers_in_a_row: ClassVar[int] = 1
    # multiplies its inputs, so that a sigmoid among them is a gate
    is_scaling: ClassVar[bool] = False
    # what training holds: inputs, output, inner (as large as the output), mask
    keeps: ClassVar[tuple[str, ...]] = ()
    is_view: ClassVar[bool] = False  # the same values in the same memory under another shape
    # makes a vector of a map whose size is then part of the weights behind it
    is_flattening: ClassVar[bool] = False
    # the attribute that `with: POINT` may stand for: the height and width of that point's map
    sized_by: ClassVar[str | None] = None
    # attributes that came later, with the value that there was before: the text form and the hash
    # leave them out, so that those of older specs and runs stay
    unnamed: ClassVar[Mapping[str, Any]] = {}

    def shape(self, *inputs: Shape) -> Shape:
        """The output shape. Raises ShapeError naming what does not fit."""
        return inputs[0]

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The tensors this op owns."""
        return ()

    def macs(self, *inputs: Shape) -> int:
        """Multiply-adds for one image; the bias is not counted."""
        return 0

    def attention_macs(self, *inputs: Shape) -> int:
        """Multiply-adds of products in which neither factor is a weight, for one image."""
        return 0

    @property
    def depth(self) -> int:
        """How many layers of depth the op counts as."""
        return self.layers_in_a_row if self.is_weighted else 0

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        """What a pixel of the output sees of each input; the statistics of norms do not count."""
        return (View(),) * len(inputs)

    def kept_for_backward(self, *inputs: Shape) -> KeptForBackward:
        """What training holds for the backward pass, as TensorFlow's gradients want it."""
        size, keeps = prod(self.shape(*inputs)), self.keeps
        return KeptForBackward(
            inputs="inputs" in keeps,
            output="output" in keeps,
            values=size * keeps.count("inner"),
            masks=size * keeps.count("mask"),
        )

    def call(self) -> Call:
        """The Keras layer of an op that is one layer, without its name."""
        raise NotImplementedError(f"{type(self).__name__} has no call")

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        """The Keras calls that make up this op, in order."""
        return (Piece("", self.call(), tuple(range(len(inputs)))),)

    def lower(self) -> tuple["Op", ...]:
        """The ops that stand in the graph for this step, in order; the last one has its name.

        Where there are none, the step stands for its input.
        """
        return (self,)

    def shortest(self, *inputs: Shape) -> "Op":
        """The same op without what its inputs say already, so that one layer has one hash."""
        return self

    def label(self) -> str:
        """A few words for a drawing."""
        return self.kind.replace("_", " ")

    def explain_uncovered(self, *inputs: Shape) -> str | None:
        """Why this pool, in front of a flatten, leaves parts of the map apart, or None."""
        return None

    @property
    def span(self) -> Span | None:
        """What values the output can have; None where that depends on the input."""
        return None

    def is_averaging(self, *inputs: Shape) -> bool:
        """Whether each output pixel is an input pixel or a mean of some: shares stay shares."""
        return False

    @property
    def is_gate(self) -> bool:
        """Whether the output is squashed to 0..1, as a gate's is."""
        return False

    @property
    def is_mirror(self) -> bool:
        """Whether the output is 1 - x: of a gate, the gate of the other side."""
        return False

    def __str__(self) -> str:
        """`conv(filters=16, kernel=3)`: the step with what differs from its defaults."""
        fields = type(self).model_fields
        # those of the op itself before those of its family
        names = [name for name in type(self).__annotations__ if name in fields]
        words = [
            f"{name}={_setting_words(getattr(self, name))}"
            for name in dict.fromkeys((*names, *fields))
            if getattr(self, name) != fields[name].default
        ]
        return f"{self.kind}({', '.join(words)})"

    def settings(self) -> dict[str, Any]:
        """All attributes as plain data in a fixed order, for the hash, the text form and JSON."""
        return self.model_dump(mode="json")


def _setting_words(value: object) -> str:
    """A setting as YAML has it: one number for a pair of equal ones."""
    match value:
        case (int() as height, int() as width) if height == width:
            return str(height)
        case tuple():
            return str(list(value))
        case BaseModel():
            return _flow(value.model_dump(mode="json", exclude_none=True))
    return str(value)


def _flow(value: object) -> str:
    """Settings of a setting on one line: `{normal: {std: 0.01}}`."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    return str(value)


def chain(*links: tuple[str, Call]) -> tuple[Piece, ...]:
    """Pieces one behind the other, from the op's one input on; each link is a suffix and a call."""
    sources: list[int | str] = [0, *(suffix for suffix, _ in links[:-1])]
    return tuple(
        Piece(suffix, call, (source,))
        for (suffix, call), source in zip(links, sources, strict=True)
    )


# ---- attribute types -----------------------------------------------------------------------------


def _pair(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    return as_list(value)


def list_as_tuple(value: object) -> object:
    """A list as the tuple that it is kept as; any other value is left to the checks behind."""
    return tuple(value) if isinstance(value, list) else value


def as_list(value: object) -> tuple[object, ...]:
    """A list where one whole number would do, too. Raises what `spec.language` words."""
    if not isinstance(value, list | tuple):
        raise PydanticCustomError("number_or_list", "expected a whole number or a list")
    return tuple(value)


Count = Annotated[int, Field(ge=1, le=10**9)]
Pair = Annotated[
    tuple[Count, Count], BeforeValidator(_pair, json_schema_input_type=Count | list[Count])
]
"""`n` or `[height, width]`; always kept as (height, width)."""


def scalar(pair: tuple[int, int]) -> int | tuple[int, int]:
    """A pair as Keras code writes it: one number where both are equal."""
    height, width = pair
    return height if height == width else pair


def as_pair(value: Any) -> tuple[int, int]:
    """A setting as Keras code writes it, which may be one number, as a pair."""
    return (value, value) if isinstance(value, int) else tuple(value)


def times(pair: tuple[int, int]) -> str:
    """`3x3`."""
    return f"{pair[0]}x{pair[1]}"


def stride_words(stride: tuple[int, int], dilation: tuple[int, int] = (1, 1)) -> str:
    """`, /2`, as the papers' figures mark a stride, and `, dilation 12`; nothing for 1."""
    listed = [(", /", stride), (", dilation ", dilation)]
    return "".join(f"{mark}{_side_words(pair)}" for mark, pair in listed if pair != (1, 1))


def _side_words(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else times(pair)


def need_map(shape: Shape) -> Shape:
    """Raises ShapeError unless the input is a map (H, W, C)."""
    if len(shape) != 3:
        remedy = "it must come before `flatten` or a global pool"
        if len(shape) == 2:
            remedy = "`map` makes a map of tokens"
        raise ShapeError(
            f"expected a map (height, width, channels), got {shape_words(shape)}", hint=remedy
        )
    return shape


def whole(shape: Shape) -> View:
    """All of a map, of tokens as pixels of one column, or of what is no map any more."""
    sizes = {3: shape[:2], 2: (shape[0], 1)}
    height, width = sizes.get(len(shape), (1, 1))
    return View((height, width), (0, 0))
