"""The fully connected layer."""

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, Literal

from pydantic import Field

from archcompile.errors import ShapeError
from archcompile.ops.base import Call, Count, Shape, Weight, shape_words
from archcompile.ops.conv import Kernelled
from archcompile.ops.registry import op


@op
class Dense(Kernelled):
    """(C,) to (units,); with `per: position` (H, W, C) to (H, W, units), each pixel by itself."""

    kind: ClassVar[str] = "dense"
    role: ClassVar[str] = "dense"
    is_weighted: ClassVar[bool] = True
    unnamed: ClassVar[Mapping[str, Any]] = {**Kernelled.unnamed, "per": None}

    units: Count = Field(description="Number of outputs.", examples=[10])
    per: Literal["position"] | None = Field(
        default=None,
        description="`position`: the same layer at each pixel of a map, or at each of the rows of "
        "[rows, values].",
        examples=["position"],
    )

    def shape(self, *inputs: Shape) -> Shape:
        is_vector = len(inputs[0]) == 1
        if self.per is None and not is_vector:
            raise ShapeError(
                f"expected a vector, got {shape_words(inputs[0])}",
                hint="put `flatten` or `global_avg_pool` before it, or write `per: position` where "
                "each pixel has the layer to itself",
            )
        if self.per is not None and is_vector:
            raise ShapeError(
                f"expected positions, as of a map, got {shape_words(inputs[0])}",
                hint="leave `per` out",
                attributes=("per",),
            )
        return (*inputs[0][:-1], self.units)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        kernel = Weight("kernel", (inputs[0][-1], self.units))
        return (kernel, Weight("bias", (self.units,))) if self.bias else (kernel,)

    def macs(self, *inputs: Shape) -> int:
        return prod(inputs[0]) * self.units

    def call(self) -> Call:
        return Call("layers.Dense", {"units": self.units, **self.kernel_settings()})

    def label(self) -> str:
        where = " per position" if self.per else ""
        return f"dense {self.units}{where}" + (f", {self.activation}" if self.activation else "")
