"""The averages of weights that a recipe can name; `recipe.average_shares` works them out."""

from typing import Annotated, Literal

from pydantic import Field

from archcompile.recipe.basics import Section

Start = Annotated[float, Field(ge=0, lt=1)]
NORM_IMAGES = Field(
    default=10_000,
    ge=1,
    description="Training images on which the statistics of norms are estimated anew at the end: "
    "those of a run belong to weights that the average does not have.",
    examples=[50_000],
)


class Exponential(Section):
    """An exponential moving average (Polyak and Juditsky 1992; as Keras' `use_ema`): after each
    step, `decay` times the average plus the rest of the weights.
    """

    kind: Literal["exponential"] = Field(
        description="The last steps count most.", examples=["exponential"]
    )
    decay: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.999, description="The share that the average keeps in a step.", examples=[0.9998]
    )
    start: Start = Field(
        default=0.0,
        description="The part of the run before which the average is the weights themselves.",
        examples=[0.5],
    )
    norm_images: int = NORM_IMAGES


class Uniform(Section):
    """Stochastic weight averaging (Izmailov et al. 2018, algorithm 1): the mean of the weights at
    the ends of epochs.
    """

    kind: Literal["uniform"] = Field(
        description="The ends of the last epochs count alike.", examples=["uniform"]
    )
    start: Start = Field(
        default=0.75,
        description="The part of the run after which epochs count; the last always does.",
        examples=[0.75],
    )
    norm_images: int = NORM_IMAGES


Averaging = Annotated[Exponential | Uniform, Field(discriminator="kind")]
