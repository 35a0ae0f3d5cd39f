"""The learning rate schedules that a recipe can name; `recipe.rates` works them out."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from archcompile.recipe.sections import Positive, Section

Unit = Literal["epochs", "steps"]
Part = Annotated[float, Field(ge=0, le=1)]


class Piecewise(Section):
    """From `boundaries[i]` on, counted from 0, the learning rate is the optimizer's times
    `factors[i]`.
    """

    kind: Literal["piecewise"] = Field(
        description="A rate that is constant between drops.", examples=["piecewise"]
    )
    unit: Unit = Field(
        default="epochs", description="What the boundaries count.", examples=["steps"]
    )
    boundaries: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        strict=False,
        min_length=1,
        description="The epochs or steps, counted from 0, at which the rate changes.",
        examples=[[81, 121]],
    )
    factors: tuple[Positive, ...] = Field(
        strict=False,
        min_length=1,
        description="Factors of the optimizer's rate from there on.",
        examples=[[1e-1, 1e-2]],
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.boundaries) != len(self.factors):
            raise ValueError(
                f"expected as many factors as boundaries ({len(self.boundaries)}), "
                f"got {len(self.factors)}"
            )
        if list(self.boundaries) != sorted(set(self.boundaries)):
            raise ValueError(f"expected increasing boundaries, got {list(self.boundaries)}")
        return self


class OneCycle(Section):
    """Up in a straight line to the optimizer's rate, then down in a straight line (after Smith and
    Topin 2017, section 3).
    """

    kind: Literal["one_cycle"] = Field(
        description="One rise and one fall over the whole run.", examples=["one_cycle"]
    )
    peak: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.3,
        description="Where the rate peaks, as a fraction of all steps.",
        examples=[0.3],
    )
    start: Part = Field(
        default=0.04, description="The first rate, as a fraction of the highest.", examples=[0.04]
    )
    end: Part = Field(
        default=0.0,
        description="The rate after the last step, as a fraction of the highest.",
        examples=[0.0],
    )


class Cosine(Section):
    """Half a cosine from the optimizer's rate down (Loshchilov and Hutter 2016, equation 5, without
    restarts).
    """

    kind: Literal["cosine"] = Field(
        description="A smooth fall over the whole run.", examples=["cosine"]
    )
    end: Part = Field(
        default=0.0,
        description="The rate after the last step, as a fraction of the first.",
        examples=[0.0],
    )


Schedule = Annotated[Piecewise | OneCycle | Cosine, Field(discriminator="kind")]


class Warmup(Section):
    """The first steps run at another rate (He et al. 2015, section 4.2, of depth 110)."""

    steps: Annotated[int, Field(ge=1)] = Field(description="Number of steps.", examples=[400])
    factor: Positive = Field(default=0.1, description="Factor of the rate.", examples=[0.1])
    rise: bool = Field(
        default=False,
        description="Rise linearly from `factor`, instead of in one step.",
        examples=[True],
    )
    from_depth: Annotated[int, Field(ge=1)] = Field(
        default=1,
        description="Only for networks of at least this depth, measured on the graph.",
        examples=[110],
    )
