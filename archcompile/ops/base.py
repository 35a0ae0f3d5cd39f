"""What an op is: its attributes (the class is the YAML schema of that step), shape rule, weights, cost, Keras call.

Shapes are `(H, W, C)` or `(C,)`; the batch is never part of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from archcompile.errors import ShapeError

type Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """The construction of an object under `keras`, as data: one emitter realises it, another prints it."""

    path: str
    kwargs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Weight:
    """A tensor an op owns. Parameter counts, memory and decay all derive from these."""

    name: str
    shape: Shape
    trainable: bool = True


def show(shape: Shape) -> str:
    """`32x32x16`, or `10` for a vector."""
    return "x".join(map(str, shape))


class Op(BaseModel):
    """One layer. Subclasses set `kind`, the name of the step in YAML.

    `arity` is the least and largest number of inputs (None: no limit).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: ClassVar[str]
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    weighted: ClassVar[bool] = False  # counts as a layer of depth (conv, depthwise conv, dense)

    def shape(self, *inputs: Shape) -> Shape:
        """The output shape. Raises ShapeError naming what does not fit."""
        return inputs[0]

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The tensors this op owns."""
        return ()

    def macs(self, *inputs: Shape) -> int:
        """Multiply-adds for one image; the bias is not counted."""
        return 0

    def call(self) -> Call:
        """The Keras layer, without its name."""
        raise NotImplementedError(f"{type(self).__name__} has no call")

    def settings(self) -> dict[str, Any]:
        """All attributes as plain data in a fixed order: what the hash, the text form and JSON are made of."""
        return self.model_dump(mode="json")

    @classmethod
    def default(cls) -> Self | None:
        """The op with all attributes at their defaults; None where some must be given."""
        return None if any(f.is_required() for f in cls.model_fields.values()) else cls()


REGISTRY: dict[str, type[Op]] = {}


def op[T: type[Op]](cls: T) -> T:
    """Enter an op under its kind."""
    if cls.kind in REGISTRY:
        raise ValueError(f"two ops are called {cls.kind}")
    REGISTRY[cls.kind] = cls
    return cls


# ---- attribute types -------------------------------------------------------------------------------------------------

def _pair(value: object) -> object:
    return (value, value) if isinstance(value, int) and not isinstance(value, bool) else \
        tuple(value) if isinstance(value, list) else value  # fmt: skip


Count = Annotated[int, Field(ge=1, le=10**9)]
Pair = Annotated[tuple[Count, Count], BeforeValidator(_pair, json_schema_input_type=Count | list[Count])]
"""`n` or `[height, width]`; always kept as (height, width)."""


def scalar(pair: tuple[int, int]) -> int | tuple[int, int]:
    """A pair as Keras code writes it: one number where both are equal."""
    return pair[0] if pair[0] == pair[1] else pair


def need_map(kind: str, shape: Shape) -> Shape:
    """Raises ShapeError unless the input is a map (H, W, C)."""
    if len(shape) != 3:
        raise ShapeError(f"{kind} needs a map (height, width, channels), got a vector of {show(shape)}",
                         hint="it must stand before `flatten` or a global pool")  # fmt: skip
    return shape


def window(kind: str, size: int, extent: int, stride: int, padding: str, dilation: int = 1, axis: str = "height") -> int:
    """Output extent of a sliding window on one axis. Raises ShapeError where the window does not fit."""
    if padding == "same":
        return -(-extent // stride)
    reach = (size - 1) * dilation + 1
    if extent < reach:
        raise ShapeError(f"{kind}: a window of {axis} {reach} does not fit a map of {axis} {extent}",
                         hint="make the map larger, the window smaller, or pad", code="window-too-large")  # fmt: skip
    return (extent - reach) // stride + 1
