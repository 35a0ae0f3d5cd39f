"""The learning rate schedules that a recipe can name; `recipe.rates` works them out."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from archcompile.recipe.basics import Positive, Section

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
    """Half a cosine from the optimizer's rate down, once or several times (Loshchilov and Hutter
    2016, equation 5 and section 3; `growth` is their T_mult).
    """

    kind: Literal["cosine"] = Field(
        description="A smooth fall over the whole run.", examples=["cosine"]
    )
    end: Part = Field(
        default=0.0,
        description="The rate after the last step, as a fraction of the first.",
        examples=[0.0],
    )
    cycles: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=1,
        description="How many times the rate falls; each cycle restarts it.",
        examples=[3],
    )
    growth: Annotated[float, Field(ge=1)] = Field(
        default=1.0, description="How much longer each cycle is than the last.", examples=[2.0]
    )


class Linear(Section):
    """A straight line from the optimizer's rate down."""

    kind: Literal["linear"] = Field(
        description="An even fall over the whole run.", examples=["linear"]
    )
    end: Part = Field(
        default=0.0,
        description="The rate after the last step, as a fraction of the first.",
        examples=[0.0],
    )


class Polynomial(Section):
    """A power of the part of the run that is left (Chen et al. 2017, DeepLab, section 4.1)."""

    kind: Literal["polynomial"] = Field(
        description="A fall with a power of what is left of the run.", examples=["polynomial"]
    )
    power: Positive = Field(
        default=0.9, description="The power; 1 is a straight line.", examples=[0.9, 2.0]
    )
    end: Part = Field(
        default=0.0,
        description="The rate after the last step, as a fraction of the first.",
        examples=[0.0],
    )


class Wsd(Section):
    """Warm-up, stable, decay (Hu et al. 2024, section 4.2): constant until the last steps, which
    fall in a straight line. The warm-up is the recipe's.
    """

    kind: Literal["wsd"] = Field(
        description="Constant, then a fall in the last part of the run.", examples=["wsd"]
    )
    decay: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.1, description="The part of the run that falls.", examples=[0.2]
    )
    end: Part = Field(
        default=0.0,
        description="The rate after the last step, as a fraction of the first.",
        examples=[0.0],
    )


Schedule = Annotated[
    Piecewise | OneCycle | Cosine | Linear | Polynomial | Wsd, Field(discriminator="kind")
]


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
