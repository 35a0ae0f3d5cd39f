"""The parts of `augment` that change more of a picture than its place: crops that are resized,
colours, policies, erasing and mixing. The classes are their schema.
"""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, model_validator

from archcompile.recipe.basics import Positive, Section

Probability = Annotated[float, Field(ge=0, le=1)]
Interpolation = Literal["nearest", "bilinear"]
Range = Annotated[tuple[Positive, Positive], Field(strict=False)]
Strength = Annotated[float, Field(ge=0, le=10)]


def _check_order(name: str, values: tuple[float, float]) -> None:
    if values[0] > values[1]:
        raise ValueError(f"`{name}`: expected the lower end first, got {list(values)}")


def _check_box(area: tuple[float, float], ratio: tuple[float, float]) -> None:
    """Raises ValueError unless a part of an image can have such shares and ratios."""
    _check_order("area", area)
    _check_order("ratio", ratio)
    if area[1] > 1:
        raise ValueError(f"`area`: expected a share of at most 1, got {list(area)}")


class ResizedCrop(Section):
    """A part of the image, of random size and shape, resized to the network's input: Szegedy et al.
    2014, section 6, as torchvision's RandomResizedCrop.

    Bilinear, and antialiased where a larger part becomes smaller, as Pillow resizes.
    """

    area: Range = Field(
        default=(0.08, 1.0),
        description="The part's share of the image's area.",
        examples=[[0.35, 1.0]],
    )
    ratio: Range = Field(
        default=(3 / 4, 4 / 3),
        description="Its width divided by its height.",
        examples=[[0.75, 1.3333]],
    )

    @model_validator(mode="after")
    def _is_a_box(self) -> Self:
        _check_box(self.area, self.ratio)
        return self


class Jitter(Section):
    """Colours changed by random amounts, one property after the other in random order, as
    torchvision's ColorJitter and Pillow's ImageEnhance.
    """

    brightness: Strength = Field(
        default=0.0,
        description="Pixels are multiplied by 1 plus or minus up to this.",
        examples=[0.4],
    )
    contrast: Strength = Field(
        default=0.0,
        description="So is their distance from the image's mean grey.",
        examples=[0.4],
    )
    saturation: Strength = Field(
        default=0.0, description="So is their distance from their own grey.", examples=[0.4]
    )
    hue: Annotated[float, Field(ge=0, le=0.5)] = Field(
        default=0.0, description="Turns of the colour circle, plus or minus.", examples=[0.1]
    )


class RandAugment(Section):
    """So many ops, drawn from a table, of one magnitude: Cubuk et al. 2019 (RandAugment)."""

    kind: Literal["rand_augment"] = Field(
        description="Several ops of one magnitude.", examples=["rand_augment"]
    )
    table: Literal["torchvision", "timm"] = Field(
        default="torchvision",
        description="Whose ops and magnitudes: torchvision's RandAugment (14 ops, magnitudes up to "
        "30, black comes in), or timm's `rand-…-inc1` (15 ops, each done in half of the cases, "
        "magnitudes up to 10, grey comes in).",
        examples=["timm"],
    )
    ops: Annotated[int, Field(ge=1, le=16)] = Field(
        default=2, description="Ops for each image, one after the other.", examples=[2]
    )
    magnitude: Annotated[float, Field(ge=0, le=30)] = Field(
        default=9.0, description="How strong they are, in the table's units.", examples=[7]
    )
    deviation: Annotated[float, Field(ge=0, le=10)] = Field(
        default=0.0,
        description="With timm's table: the standard deviation of the magnitude, its `mstd`.",
        examples=[0.5],
    )
    interpolation: Interpolation = Field(
        default="nearest",
        description="How shears, shifts and turns read between pixels.",
        examples=["bilinear"],
    )

    @model_validator(mode="after")
    def _fits_the_table(self) -> Self:
        if self.table == "timm":
            if self.magnitude > 10:
                raise ValueError(
                    f"expected a magnitude of at most 10, where timm's end, got {self.magnitude:g}"
                )
            return self
        if self.deviation:
            raise ValueError("a `deviation` of the magnitude is part of timm's table")
        if self.magnitude != int(self.magnitude):
            raise ValueError(
                "expected one of torchvision's magnitudes, whole numbers, 0 to 30, got "
                f"{self.magnitude:g}"
            )
        return self


class TrivialAugment(Section):
    """One op of a table, of a random magnitude: Müller and Hutter 2021, section 3, with the wide
    ranges of torchvision's TrivialAugmentWide.
    """

    kind: Literal["trivial_augment"] = Field(
        description="One op of a random magnitude.", examples=["trivial_augment"]
    )
    interpolation: Interpolation = Field(
        default="nearest",
        description="How shears, shifts and turns read between pixels.",
        examples=["bilinear"],
    )


Policy = Annotated[RandAugment | TrivialAugment, Discriminator("kind")]


class Erase(Section):
    """A random rectangle erased, after preprocessing: Zhong et al. 2017, as torchvision's
    RandomErasing.
    """

    probability: Probability = Field(
        default=0.25, description="Of an image to be erased in.", examples=[0.1]
    )
    area: Range = Field(
        default=(0.02, 0.33),
        description="The rectangle's share of the image's area.",
        examples=[[0.02, 0.33]],
    )
    ratio: Range = Field(
        default=(0.3, 3.3),
        description="Its height divided by its width.",
        examples=[[0.3, 3.3]],
    )
    fill: Literal["zero", "colour", "noise"] = Field(
        default="zero",
        description="What is put there: zeros, after preprocessing; a random colour, normal in "
        "each channel; or such a colour in each pixel (timm's `const`, `rand` and `pixel`).",
        examples=["colour"],
    )

    @model_validator(mode="after")
    def _is_a_box(self) -> Self:
        _check_box(self.area, self.ratio)
        return self


class Mix(Section):
    """Images of a batch mixed in pairs, and their labels with them: mixup (Zhang et al. 2017),
    CutMix (Yun et al. 2019), or one of both for each batch.

    The shares are drawn once for a batch, from a Beta distribution with both parameters alike.
    """

    mixup: Positive | None = Field(
        default=None,
        description="Parameter of the Beta distribution of mixup's shares.",
        examples=[0.2],
    )
    cutmix: Positive | None = Field(
        default=None,
        description="That of CutMix: the share of an image's area that it keeps.",
        examples=[1.0],
    )
    probability: Probability = Field(
        default=1.0, description="Of a batch to be mixed.", examples=[1.0]
    )
    switch: Probability = Field(
        default=0.5,
        description="With both: the probability of CutMix, in place of mixup.",
        examples=[0.5],
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if self.mixup is None and self.cutmix is None:
            raise ValueError("expected `mixup`, `cutmix` or both, got neither")
        return self

    @property
    def cut_share(self) -> float:
        """The probability that a batch that is mixed is cut."""
        if self.mixup is None or self.cutmix is None:
            return 1.0 if self.mixup is None else 0.0
        return self.switch
