"""The fully connected layer."""

from typing import ClassVar

from pydantic import Field

from archcompile.errors import ShapeError
from archcompile.ops.base import Call, Count, Shape, Weight, show
from archcompile.ops.conv import Kernelled
from archcompile.ops.registry import op


@op
class Dense(Kernelled):
    """(C,) to (units,)."""

    kind: ClassVar[str] = "dense"
    role: ClassVar[str] = "dense"
    is_weighted: ClassVar[bool] = True

    units: Count = Field(description="Number of outputs.", examples=[10])

    def shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 1:
            raise ShapeError(
                f"expected a vector, got a map of {show(inputs[0])}",
                hint="put `flatten` or `global_avg_pool` before it",
            )
        return (self.units,)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        kernel = Weight("kernel", (inputs[0][0], self.units))
        return (kernel, Weight("bias", (self.units,))) if self.bias else (kernel,)

    def macs(self, *inputs: Shape) -> int:
        return inputs[0][0] * self.units

    def call(self) -> Call:
        return Call("layers.Dense", {"units": self.units, **self.kernel_settings()})

    def label(self) -> str:
        return f"dense {self.units}" + (f", {self.activation}" if self.activation else "")
