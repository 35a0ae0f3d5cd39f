"""The optimizers a recipe can name."""

from typing import Annotated, Literal

from pydantic import Field

from archcompile.keras_defaults import OPTIMIZERS
from archcompile.recipe.sections import Fraction, Positive, Section

DECAY = (
    "write `regularisation: {weight_decay: …}` at the top of the recipe: it replaces the spec's L2"
)


class _Optimizer(Section):
    ELSEWHERE = {"lr": "did you mean `learning_rate`?", "weight_decay": DECAY, "decay": DECAY}  # noqa: RUF012


class Adam(_Optimizer):
    """Kingma and Ba 2014, algorithm 1, with Keras' defaults."""

    kind: Literal["adam"] = Field(description="The optimizer.", examples=["adam"])
    learning_rate: Positive = Field(description="The rate, before a schedule.", examples=[1e-3])
    beta_1: Fraction = Field(
        default=OPTIMIZERS["Adam"]["beta_1"],
        description="Decay of the mean of gradients.",
        examples=[0.9],
    )
    beta_2: Fraction = Field(
        default=OPTIMIZERS["Adam"]["beta_2"],
        description="Decay of the mean of their squares.",
        examples=[0.999],
    )
    epsilon: Positive = Field(
        default=OPTIMIZERS["Adam"]["epsilon"],
        description="Added to the divisor, against division by zero.",
        examples=[1e-7],
    )


class SGD(_Optimizer):
    """Stochastic gradient descent."""

    kind: Literal["sgd"] = Field(description="The optimizer.", examples=["sgd"])
    learning_rate: Positive = Field(description="The rate, before a schedule.", examples=[0.1])
    momentum: Fraction = Field(
        default=OPTIMIZERS["SGD"]["momentum"],
        description="The fraction of the last step that is repeated.",
        examples=[0.9],
    )
    nesterov: bool = Field(
        default=OPTIMIZERS["SGD"]["nesterov"],
        description="Nesterov's form of momentum.",
        examples=[True],
    )


class Muon(_Optimizer):
    """Jordan 2024: steps of convolution kernels are made orthogonal; other weights take steps of
    SGD.
    """

    kind: Literal["muon"] = Field(description="The optimizer.", examples=["muon"])
    learning_rate: Positive = Field(
        description="The rate of kernels, before a schedule.", examples=[0.02]
    )
    momentum: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.95, description="The fraction of the last step that is repeated.", examples=[0.6]
    )
    others: Positive = Field(
        default=1.0,
        description="The rate of weights other than kernels, as a multiple of the rate.",
        examples=[10.0],
    )
    normalised: bool = Field(
        default=False,
        examples=[True],
        description="Bring each kernel to the norm √filters before its step: for networks whose "
        "norms undo the scale of kernels.",
    )
