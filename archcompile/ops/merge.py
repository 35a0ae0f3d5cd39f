"""Ops that join several tensors. Nothing is broadcast, cropped or padded unless a spec says so."""

from math import prod
from typing import ClassVar

from archcompile.errors import ShapeError
from archcompile.ops.base import Call, Op, Shape, View, show
from archcompile.ops.registry import op


class Merge(Op):
    """Elementwise, over tensors of one shape."""

    role: ClassVar[str] = "merge"
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    layer: ClassVar[str]

    def shape(self, *inputs: Shape) -> Shape:
        first, *others = inputs
        if any(shape != first for shape in others):
            raise ShapeError(f"expected equal shapes, got {' and '.join(map(show, inputs))}")
        return first

    def call(self) -> Call:
        return Call(self.layer, {})


@op
class Add(Merge):
    """Sum."""

    kind: ClassVar[str] = "add"
    layer: ClassVar[str] = "layers.Add"

    def label(self) -> str:
        return "+"


@op
class Subtract(Merge):
    """First minus second."""

    kind: ClassVar[str] = "subtract"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    layer: ClassVar[str] = "layers.Subtract"

    def label(self) -> str:
        return "-"


@op
class Average(Merge):
    """Mean."""

    kind: ClassVar[str] = "average"
    layer: ClassVar[str] = "layers.Average"

    def is_averaging(self, *inputs: Shape) -> bool:
        return True


@op
class Maximum(Merge):
    """Largest."""

    kind: ClassVar[str] = "maximum"
    layer: ClassVar[str] = "layers.Maximum"
    keeps: ClassVar[tuple[str, ...]] = ("inputs",)


@op
class Multiply(Merge):
    """Product. A gate is stretched to the map beside it: 1x1xC over the pixels, as in squeeze and
    excitation; HxWx1 over the channels, as in the spatial attention of CBAM (Woo et al. 2018,
    section 3.2).
    """

    kind: ClassVar[str] = "multiply"
    layer: ClassVar[str] = "layers.Multiply"
    is_scaling: ClassVar[bool] = True
    keeps: ClassVar[tuple[str, ...]] = ("inputs",)

    def shape(self, *inputs: Shape) -> Shape:
        full = max(inputs, key=prod)
        gates = ((1, 1, full[-1]), (*full[:-1], 1)) if len(full) == 3 else ()
        if any(shape not in (full, *gates) for shape in inputs):
            raise ShapeError(
                "expected equal shapes, or beside a map of HxWxC gates of 1x1xC or HxWx1, got "
                f"{' and '.join(map(show, inputs))}"
            )
        return full

    def views(self, *inputs: Shape) -> tuple[View, ...]:
        stretched = View(stride=(0, 0))
        return tuple(
            View() if shape[:-1] == self.shape(*inputs)[:-1] else stretched for shape in inputs
        )

    def label(self) -> str:
        return "×"


@op
class Concat(Merge):
    """The channels of all inputs, in order; the maps must have the same size."""

    kind: ClassVar[str] = "concat"
    layer: ClassVar[str] = "layers.Concatenate"

    def shape(self, *inputs: Shape) -> Shape:
        size, *others = (s[:-1] for s in inputs)
        if any(extent != size for extent in others):
            raise ShapeError(f"expected maps of one size, got {' and '.join(map(show, inputs))}")
        return (*size, sum(s[-1] for s in inputs))
