"""The loss of a recipe: what it takes of a network's outputs, and what each image counts."""

from typing import Annotated, Literal

from pydantic import Field, Tag

from archcompile.recipe.basics import Positive, Section
from archcompile.recipe.sections import Word, WordOrMore

ClassWeights = Annotated[
    Annotated[Literal["balanced"], Word] | Annotated[dict[str, Positive], Tag("more")], WordOrMore
]


class Focal(Section):
    """The focal loss (Lin et al. 2017, equations 4 and 5): each term of the cross-entropy times
    (1 - p) to the power of `gamma`, where p is the probability of what is true.
    """

    gamma: Annotated[float, Field(ge=0, le=100)] = Field(
        default=2.0, description="How little a sure answer counts; 0: all alike.", examples=[2.0]
    )
    alpha: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None,
        description="With `kind: binary`: what a class that is there counts, against 1 minus it "
        "for one that is not.",
        examples=[0.25],
    )


class Distill(Section):
    """Knowledge distillation (Hinton et al. 2015, section 2): part of the loss is the cross-entropy
    with what a trained run says of the same image, both softened by the temperature.
    """

    teacher: str = Field(
        description="The folder of the run, whose last checkpoint teaches; it has the same classes "
        "and input.",
        examples=["runs/large"],
    )
    weight: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.5,
        description="The part of the loss that is the teacher's; the labels have the rest.",
        examples=[0.9],
    )
    temperature: Annotated[float, Field(ge=1, le=1000)] = Field(
        default=4.0,
        description="What logits are divided by, so that small probabilities count.",
        examples=[4.0],
    )


class Loss(Section):
    """What is minimised beside the cost of weights; the figures of tests are without `focal` and
    `class_weights`.
    """

    kind: Literal["categorical", "binary"] | None = Field(
        default=None,
        description="`categorical`: one class of several, of a softmax. `binary`: each class by "
        "itself, of sigmoids (the mean over classes, as in Wightman et al. 2021, section 3). By "
        "default what fits a softmax or a single sigmoid.",
        examples=["binary"],
    )
    focal: Focal | None = Field(
        default=None,
        description="Let answers that are nearly right count less.",
        examples=[{"gamma": 2.0}],
    )
    class_weights: ClassWeights | None = Field(
        default=None,
        description="What the images of a class count: `balanced` for as much as those of any "
        "other class, or a weight for each name (1 where none is given). With several labels an "
        "image: what a label counts where it is there.",
        examples=["balanced", {"rare": 5.0}],
    )

    @property
    def is_plain(self) -> bool:
        """Whether it is the cross-entropy alone."""
        return self.focal is None and self.class_weights is None
