"""The parts of a recipe: data, preprocessing, augmentation, what is watched and saved. The classes
are their schema.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from archcompile.recipe.basics import Fraction, Positive, Section
from archcompile.recipe.monitors import Monitor
from archcompile.recipe.pictures import Erase, Jitter, Mix, Policy, ResizedCrop

PerChannel = Annotated[
    tuple[float, ...], Field(strict=False, min_length=1, max_length=4), Tag("more")
]


def _form(value: Any) -> str:
    return "word" if isinstance(value, str) else "more"


WordOrMore = Discriminator(_form)  # one form is tried, so that a mistake is reported once
Word = Tag("word")


class Data(Section):
    """Where images come from, and how they may be changed to fit the input of the spec."""

    source: str | None = Field(
        default=None,
        description="A source's name or a path; `--data` overrides it.",
        examples=["cifar10"],
    )
    fit: Literal["pad", "resize", "crop"] | None = Field(
        default=None,
        description="What to do with images of another size; `crop` cuts the input's size out of "
        "`canvas`.",
        examples=["resize"],
    )
    canvas: Annotated[int, Field(ge=1, le=4096)] | None = Field(
        default=None,
        description="With `fit: crop`: the side, in pixels, to which the shorter one is resized: "
        "8/7 of the input.",
        examples=[256],
    )
    channels: Literal["repeat"] | None = Field(
        default=None, description="What to do with grey images.", examples=["repeat"]
    )
    holdout: float = Field(
        default=0.2,
        gt=0,
        lt=1,
        description="The fraction held out where a source has no test set.",
        examples=[0.1],
    )
    validation: Annotated[int, Field(ge=0)] = Field(
        default=0,
        description="Training images held out to choose the best epoch; 0: the test set chooses "
        "it.",
        examples=[5000],
    )
    folds: Annotated[int, Field(ge=2, le=100)] | None = Field(
        default=None,
        description="Cut the training images into so many folds, each class alike and the same "
        "for all seeds; one of them is held out.",
        examples=[5],
    )
    fold: Annotated[int, Field(ge=0)] = Field(
        default=0, description="The fold that is held out, counted from 0.", examples=[0]
    )
    stream: bool | None = Field(
        default=None,
        description="Read images from their files as they are needed; by default only if they "
        "are too large for memory.",
        examples=[True],
    )

    @property
    def holds_out(self) -> bool:
        """Whether training images are held out for validation."""
        return self.folds is not None or self.validation > 0

    def held_out(self, images: int) -> int:
        """How many of so many training images are held out for validation."""
        if self.folds is None:
            return self.validation
        smaller, larger_folds = divmod(images, self.folds)
        return smaller + (self.fold < larger_folds)

    @model_validator(mode="after")
    def _one_holdout(self) -> Self:
        if self.folds is None:
            return self
        if self.validation:
            raise ValueError(
                "`validation` and `folds` both hold training images out; give one of them"
            )
        if self.fold >= self.folds:
            raise ValueError(f"expected a fold from 0 to {self.folds - 1}, got `fold: {self.fold}`")
        return self

    @model_validator(mode="after")
    def _canvas_is_for_crop(self) -> Self:
        if self.canvas is not None and self.fit != "crop":
            raise ValueError("`canvas` is what `fit: crop` cuts from; it has no meaning without it")
        return self


class Preprocessing(Section):
    """Pixels are divided by `scale`, the mean is subtracted, and what is left divided by the
    deviation.
    """

    scale: Positive = Field(
        default=255.0, description="What pixels, 0 to 255, are divided by.", examples=[255]
    )
    mean: Annotated[
        Annotated[Literal["per_pixel", "per_channel", "none"], Word] | PerChannel, WordOrMore
    ] = Field(
        default="per_pixel",
        examples=["none"],
        description="What is subtracted: the mean image of the training set, its mean colour, "
        "nothing, or these numbers.",
    )
    std: Annotated[Annotated[Literal["per_channel", "none"], Word] | PerChannel, WordOrMore] = (
        Field(
            default="none",
            examples=["per_channel"],
            description="What it is then divided by: the training set's standard deviation of "
            "each channel, nothing, or these numbers.",
        )
    )

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if not isinstance(self.std, str) and min(self.std) <= 0:
            raise ValueError(f"expected a deviation greater than 0, got {list(self.std)}")
        return self


class Augment(Section):
    """What happens to a training image, anew each time it is seen, after preprocessing."""

    shift: Fraction = Field(
        default=0.0,
        description="Largest shift along each axis, as a fraction of its size; sub-pixel.",
        examples=[0.1],
    )
    interpolation: Literal["bilinear"] = Field(
        default="bilinear",
        description="How values between pixels are interpolated.",
        examples=["bilinear"],
    )
    pad_crop: Annotated[int, Field(ge=0, le=1024)] = Field(
        default=0,
        description="Pixels added on every side before a random crop of the original size: "
        "whole-pixel shifts.",
        examples=[4],
    )
    fill: Literal["nearest", "zero", "reflect"] = Field(
        default="nearest",
        examples=["zero"],
        description="What comes in from outside: the edge, repeated; zeros, after preprocessing; "
        "or the image, mirrored.",
    )
    crop: Literal["centre", "random"] = Field(
        default="centre",
        description="With `data.fit: crop`: where a training image is cut from its canvas.",
        examples=["random"],
    )
    flip: Literal["none", "horizontal", "alternating"] = Field(
        default="none",
        examples=["horizontal"],
        description="Mirrors images, left to right: a new random half in every epoch; or, "
        "alternating, each image in every second epoch, half of them starting with the first "
        "(Jordan 2024, section 3.6).",
    )

    resized_crop: ResizedCrop | None = Field(
        default=None,
        description="Cut a part of random size out of the image and resize it.",
        examples=[{"area": [0.08, 1.0]}],
    )
    jitter: Jitter | None = Field(
        default=None,
        description="Change the colours by random amounts.",
        examples=[{"brightness": 0.4, "contrast": 0.4, "saturation": 0.4}],
    )
    policy: Policy | None = Field(
        default=None,
        description="Random ops out of a table: RandAugment or TrivialAugment.",
        examples=[{"kind": "trivial_augment"}],
    )
    erase: Erase | None = Field(
        default=None,
        description="Erase a random rectangle.",
        examples=[{"probability": 0.1}],
    )
    mix: Mix | None = Field(
        default=None,
        description="Mix the images of a batch, and their labels: mixup and CutMix.",
        examples=[{"mixup": 0.2, "cutmix": 1.0}],
    )
    views: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1,
        description="How often an image is in a batch, changed differently each time. An epoch "
        "has as many steps as ever, and so many times fewer images (repeated augmentation: Hoffer "
        "et al. 2019).",
        examples=[3],
    )

    @model_validator(mode="after")
    def _one_shift(self) -> Self:
        if self.shift and self.pad_crop:
            raise ValueError("`shift` and `pad_crop` both move the image; give one of them")
        if self.shift and self.fill != "nearest":
            raise ValueError(
                f"a `shift` fills with the edge, `nearest`; `fill: {self.fill}` is for `pad_crop`"
            )
        return self


class Decay(Section):
    """The loss has half of `weight_decay` times the sum of squares of the weights: the gradient is
    `weight_decay` times each.

    Keras' L2 has no half, so that `l2: 1e-4` in a spec is a weight decay of 2e-4. Decoupled
    (Loshchilov and Hutter 2019, algorithm 2), the loss knows nothing of it: each step takes the
    rate times `weight_decay` off each weight. With Adam this is AdamW; with LAMB it is part of the
    step whose length is that of the weight (You et al. 2019, algorithm 2).
    """

    weight_decay: Annotated[float, Field(ge=0)] = Field(
        description="As in the papers: added to the gradient, per weight.", examples=[1e-4]
    )
    of: Literal["kernels", "all"] = Field(
        default="kernels",
        examples=["all"],
        description="What decays: kernels of convolutions and dense layers, or also biases, "
        "slopes, and the scales and offsets of norms.",
    )
    decoupled: bool = Field(
        default=False,
        description="Taken off the weights by each step, as in AdamW, instead of added to the "
        "gradient.",
        examples=[True],
    )

    @model_validator(mode="before")
    @classmethod
    def _replaces_the_spec(cls, values: Any) -> Any:
        if isinstance(values, dict) and "weight_decay" in values and {"spec", "l2"} & values.keys():
            raise ValueError(
                "it is `spec` or a `weight_decay` instead of the spec's L2, not both at once"
            )
        return values


class Plateau(Section):
    """Multiplies the rate by `factor` once `monitor` has not improved for `patience` epochs, as
    Keras' ReduceLROnPlateau.
    """

    monitor: Monitor = Field(
        default="val_loss", description="A column of history.csv.", examples=["val_loss"]
    )
    factor: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.1, description="Factor of the rate.", examples=[0.316]
    )
    patience: Annotated[int, Field(ge=1)] = Field(
        default=10, description="Epochs without improvement.", examples=[5]
    )
    min_delta: Annotated[float, Field(ge=0)] = Field(
        default=1e-4, description="What counts as improvement.", examples=[1e-4]
    )
    cooldown: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Epochs to wait after a change.", examples=[0]
    )
    min_rate: Annotated[float, Field(ge=0)] = Field(
        default=0.0, description="The lowest rate.", examples=[5e-7]
    )


class EarlyStop(Section):
    """Ends the run once `monitor` has not improved for `patience` epochs, as Keras'
    EarlyStopping. The best epoch is kept in any case.
    """

    monitor: Monitor = Field(
        default="val_loss", description="A column of history.csv.", examples=["val_accuracy"]
    )
    patience: Annotated[int, Field(ge=1)] = Field(
        default=10, description="Epochs without improvement.", examples=[20]
    )
    min_delta: Annotated[float, Field(ge=0)] = Field(
        default=0.0, description="What counts as improvement.", examples=[1e-3]
    )


class Checkpoints(Section):
    """When a run is saved beside the end of each epoch, and which epoch counts as the best."""

    steps: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Save every so many steps.", examples=[500]
    )
    minutes: Positive | None = Field(
        default=10.0, description="Save every so many minutes.", examples=[10]
    )
    monitor: Monitor = Field(
        default="val_accuracy",
        description="The column of history.csv that chooses the best epoch.",
        examples=["val_accuracy"],
    )
