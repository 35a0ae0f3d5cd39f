"""The optimizers a recipe can name."""

from typing import Annotated, Literal

from pydantic import Field

from archcompile.keras_defaults import OPTIMIZERS
from archcompile.recipe.basics import Fraction, Positive, Section

DECAY = (
    "write `regularisation: {weight_decay: …}` at the top of the recipe, which replaces the spec's "
    "L2; with `decoupled: true` it is that of AdamW"
)


class _Optimizer(Section):
    ELSEWHERE = {"lr": "did you mean `learning_rate`?", "weight_decay": DECAY, "decay": DECAY}  # noqa: RUF012


def _default(kind: str, key: str) -> float:
    """What Keras takes for a setting that is left out."""
    value: float = OPTIMIZERS[kind][key]
    return value


class Adam(_Optimizer):
    """Kingma and Ba 2014, algorithm 1, with Keras' defaults."""

    kind: Literal["adam"] = Field(description="The optimizer.", examples=["adam"])
    learning_rate: Positive = Field(description="The rate, before a schedule.", examples=[1e-3])
    beta_1: Fraction = Field(
        default=_default("Adam", "beta_1"),
        description="Decay of the mean of gradients.",
        examples=[0.9],
    )
    beta_2: Fraction = Field(
        default=_default("Adam", "beta_2"),
        description="Decay of the mean of their squares.",
        examples=[0.999],
    )
    epsilon: Positive = Field(
        default=_default("Adam", "epsilon"),
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


class Lamb(_Optimizer):
    """You et al. 2019, algorithm 2: Adam's step of each weight, as long as the weight is."""

    kind: Literal["lamb"] = Field(description="The optimizer.", examples=["lamb"])
    learning_rate: Positive = Field(description="The rate, before a schedule.", examples=[5e-3])
    beta_1: Fraction = Field(
        default=_default("Lamb", "beta_1"),
        description="Decay of the mean of gradients.",
        examples=[0.9],
    )
    beta_2: Fraction = Field(
        default=_default("Lamb", "beta_2"),
        description="Decay of the mean of their squares.",
        examples=[0.999],
    )
    epsilon: Positive = Field(
        default=_default("Lamb", "epsilon"),
        description="Added to the divisor, against division by zero.",
        examples=[1e-6],
    )


class Lion(_Optimizer):
    """Chen et al. 2023, algorithm 2: steps of one size, in the direction of a mean's sign."""

    kind: Literal["lion"] = Field(description="The optimizer.", examples=["lion"])
    learning_rate: Positive = Field(description="The rate, before a schedule.", examples=[1e-4])
    beta_1: Fraction = Field(
        default=_default("Lion", "beta_1"),
        description="The share of the mean in the step's direction.",
        examples=[0.9],
    )
    beta_2: Fraction = Field(
        default=_default("Lion", "beta_2"),
        description="Decay of the mean of gradients.",
        examples=[0.99],
    )


class RMSprop(_Optimizer):
    """Tieleman and Hinton 2012, lecture 6.5, as in Keras: epsilon is within the root."""

    kind: Literal["rmsprop"] = Field(description="The optimizer.", examples=["rmsprop"])
    learning_rate: Positive = Field(description="The rate, before a schedule.", examples=[0.016])
    rho: Fraction = Field(
        default=_default("RMSprop", "rho"),
        description="Decay of the mean of squared gradients.",
        examples=[0.9],
    )
    momentum: Fraction = Field(
        default=_default("RMSprop", "momentum"),
        description="The fraction of the last step that is repeated.",
        examples=[0.9],
    )
    epsilon: Positive = Field(
        default=_default("RMSprop", "epsilon"),
        description="Added to the divisor, against division by zero.",
        examples=[1e-3],
    )


OptimizerSettings = Adam | Lamb | Lion | Muon | RMSprop | SGD
