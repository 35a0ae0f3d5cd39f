"""Normalisation."""

from typing import Annotated, ClassVar

from pydantic import Field

from archcompile.ops.base import Call, Op, Shape, Weight, op
from archcompile.ops.values import given


@op
class BatchNorm(Op):
    """Batch normalisation over all axes but the last (Ioffe and Szegedy 2015); the defaults are Keras'."""

    kind: ClassVar[str] = "bn"
    role: ClassVar[str] = "norm"

    momentum: Annotated[float, Field(ge=0, le=1)] = 0.99
    epsilon: Annotated[float, Field(gt=0)] = 1e-3
    scale: bool = True
    center: bool = True

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0][-1:]
        gamma = (Weight("gamma", channels),) if self.scale else ()
        beta = (Weight("beta", channels),) if self.center else ()
        return (*gamma, *beta, Weight("moving_mean", channels, trainable=False),
                Weight("moving_variance", channels, trainable=False))  # fmt: skip

    def call(self) -> Call:
        return Call("layers.BatchNormalization", given(
            momentum=None if self.momentum == 0.99 else self.momentum,
            epsilon=None if self.epsilon == 1e-3 else self.epsilon,
            scale=None if self.scale else False,
            center=None if self.center else False,
        ))  # fmt: skip

    def label(self) -> str:
        return "batch norm"
