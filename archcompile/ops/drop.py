"""Dropping values, or whole branches, at random while training."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from archcompile.ops.base import Call, KeptForBackward, Op, Piece, Shape, chain
from archcompile.ops.registry import op

Rate = Annotated[float, Field(ge=0, lt=1)]


@op
class Dropout(Op):
    """Zeroes values at random while training, and scales up the rest (Srivastava et al. 2014)."""

    kind: ClassVar[str] = "dropout"
    role: ClassVar[str] = "tensor"
    keeps: ClassVar[tuple[str, ...]] = ("mask",)

    rate: Rate = Field(
        description="Fraction of the values dropped during training.", examples=[0.5]
    )

    def kept_for_backward(self, *inputs: Shape) -> KeptForBackward:
        return super().kept_for_backward(*inputs) if self.rate else KeptForBackward()

    def is_averaging(self, *inputs: Shape) -> bool:
        return not self.rate

    def call(self) -> Call:
        return Call("layers.Dropout", {"rate": self.rate})

    def label(self) -> str:
        return f"dropout {self.rate:g}"


@op
class DropPath(Op):
    """Zeroes the whole tensor with probability `drop_rate` while training (stochastic depth, Huang
    et al. 2016).

    Drawn anew for each `sample`, or once per `batch` as the paper does. The expectation is kept by
    dividing what survives by 1 - drop_rate while training (`scale_at: train`), or by multiplying
    with it at inference (`test`, the paper's section 3). Keras' dropout divides; for `test` a
    factor in front of it cancels that, and remains at inference.
    """

    kind: ClassVar[str] = "drop_path"
    role: ClassVar[str] = "tensor"

    drop_rate: Rate = Field(
        description="Probability that the tensor is dropped; may depend on `unit_index` and "
        "`unit_count`.",
        examples=[0.2],
    )
    per: Literal["sample", "batch"] = Field(
        default="sample",
        description="Whether each `sample` is drawn, or the whole `batch` at once.",
        examples=["sample"],
    )
    scale_at: Literal["train", "test"] = Field(
        default="train",
        description="How the expectation is kept: by dividing in `train`, or by multiplying in "
        "`test`.",
        examples=["train"],
    )

    def is_averaging(self, *inputs: Shape) -> bool:
        return not self.drop_rate

    def pieces(self, *inputs: Shape) -> tuple[Piece, ...]:
        noise = (None if self.per == "sample" else 1, *(1 for _ in inputs[0]))
        drop = Call("layers.Dropout", {"rate": self.drop_rate, "noise_shape": noise})
        if self.scale_at == "train":
            return chain(("", drop))
        return chain(
            ("expected", Call("layers.Rescaling", {"scale": 1 - self.drop_rate})), ("", drop)
        )

    def label(self) -> str:
        return f"drop path {self.drop_rate:.3g}"
