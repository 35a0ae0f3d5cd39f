"""The recipe: how a network is trained. The classes are the schema of the YAML files in `specs/recipes/`."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from archcompile.errors import UsageError, did_you_mean
from archcompile.spec.files import shipped_recipes, shown_path
from archcompile.spec.paths import change, setter
from archcompile.spec.read import build
from archcompile.spec.settings import read_setting
from archcompile.spec.strict_yaml import parse, read_text
from archcompile.spec.tree import Scalar, expect_map

Fraction = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Data(Section):
    """Where pictures come from, and how they may be changed to fit the input of the spec."""

    source: str | None = Field(
        default=None, description="A source's name or a path; `--data` goes before it.", examples=["cifar10"]
    )
    fit: Literal["pad", "resize"] | None = Field(
        default=None, description="What to do with pictures of another size.", examples=["resize"]
    )
    channels: Literal["repeat"] | None = Field(
        default=None, description="What to do with grey pictures.", examples=["repeat"]
    )
    holdout: float = Field(
        default=0.2, gt=0, lt=1, description="The part held out where a source has no test set.", examples=[0.1]
    )


class Preprocessing(Section):
    """Pixels are divided by `scale`; then the mean picture of the training set is subtracted."""

    scale: Positive = Field(default=255.0, description="What pixels, 0 to 255, are divided by.", examples=[255])
    mean: Literal["per_pixel", "none"] = Field(
        default="per_pixel", description="The mean picture of the training set, or nothing, is subtracted.", examples=["none"]
    )


class Augment(Section):
    """What happens to a training picture, anew each time it is seen, after preprocessing."""

    shift: Fraction = Field(
        default=0.0, description="Largest shift along each axis, as a part of its extent; sub-pixel.", examples=[0.1]
    )
    interpolation: Literal["bilinear"] = Field(
        default="bilinear", description="How pixels between pixels are found.", examples=["bilinear"]
    )
    fill: Literal["nearest"] = Field(
        default="nearest", description="What comes in from outside: the edge, repeated.", examples=["nearest"]
    )
    flip: Literal["none", "horizontal"] = Field(
        default="none", description="Mirrors half of the pictures.", examples=["horizontal"]
    )


class Adam(Section):
    """Kingma and Ba 2014, algorithm 1, with Keras' defaults."""

    kind: Literal["adam"] = Field(description="The optimizer.", examples=["adam"])
    learning_rate: Positive = Field(description="The rate, before a schedule.", examples=[1e-3])
    beta_1: Fraction = Field(default=0.9, description="Decay of the mean of gradients.", examples=[0.9])
    beta_2: Fraction = Field(default=0.999, description="Decay of the mean of their squares.", examples=[0.999])
    epsilon: Positive = Field(
        default=1e-7, description="Added to the divisor, so that nothing is divided by zero.", examples=[1e-7]
    )


class SGD(Section):
    """Stochastic gradient descent."""

    kind: Literal["sgd"] = Field(description="The optimizer.", examples=["sgd"])
    learning_rate: Positive = Field(description="The rate, before a schedule.", examples=[0.1])
    momentum: Fraction = Field(default=0.0, description="The part of the last step that is taken again.", examples=[0.9])
    nesterov: bool = Field(default=False, description="Nesterov's form of momentum.", examples=[True])


class Schedule(Section):
    """From epoch `boundaries[i]` on, counted from 0, the learning rate is the optimizer's times `factors[i]`."""

    boundaries: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        strict=False, min_length=1, description="The epochs, counted from 0, at which the rate changes.", examples=[[81, 121]]
    )
    factors: tuple[Positive, ...] = Field(
        strict=False, min_length=1, description="What the optimizer's rate is multiplied by from there on.",
        examples=[[1e-1, 1e-2]],
    )  # fmt: skip

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.boundaries) != len(self.factors):
            raise ValueError(f"{len(self.boundaries)} boundaries need as many factors, got {len(self.factors)}")
        if list(self.boundaries) != sorted(set(self.boundaries)):
            raise ValueError(f"the boundaries must increase, got {list(self.boundaries)}")
        return self


class Recipe(Section):
    archc: Literal[1] = Field(description="The version of the language; required.", examples=[1])
    name: str = Field(description="Defaults to the file's name.", examples=["my_recipe"])
    about: str = Field(default="", description="What this is, with paper and section.", examples=["He et al. 2015, section 4.2"])
    data: Data = Field(default=Data(), description="Where pictures come from, and how they are made to fit.",
                       examples=[{"source": "cifar10"}])  # fmt: skip
    preprocessing: Preprocessing = Field(
        default=Preprocessing(), description="What is done to every picture.", examples=[{"scale": 255, "mean": "per_pixel"}]
    )
    augment: Augment = Field(default=Augment(), description="What is done to training pictures, anew each time.",
                             examples=[{"shift": 0.1, "flip": "horizontal"}])  # fmt: skip
    batch_size: Annotated[int, Field(ge=1, le=1_000_000, description="Pictures in a step.", examples=[32])]
    epochs: Annotated[int, Field(ge=1, le=1_000_000, description="Times each picture is seen.", examples=[200])]
    optimizer: Annotated[
        Adam | SGD, Field(discriminator="kind", description="How the weights are changed.",
                          examples=[{"kind": "adam", "learning_rate": 1e-3}])
    ]  # fmt: skip
    schedule: Schedule | None = Field(default=None, description="How the learning rate changes from epoch to epoch.",
                                      examples=[{"boundaries": [81, 121], "factors": [1e-1, 1e-2]}])  # fmt: skip

    def text(self) -> str:
        """The recipe with every value written out, as a file that `load` reads."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100)

    def identity(self) -> dict[str, Any]:
        """What makes two runs the same training: all but the names, the source and where training ends.

        The source counts by its content (the dataset's fingerprint), and a schedule in epochs does not depend on the
        number of epochs, so that a finished run can be trained on.
        """
        values = self.model_dump(mode="json", exclude={"archc", "name", "about", "epochs"})
        del values["data"]["source"]
        return values

    def hash(self) -> str:
        return hashlib.sha256(json.dumps(self.identity(), sort_keys=True).encode()).hexdigest()


def find(name: str | Path) -> Path:
    """The file of a recipe: a name with `/` or `.yaml` is a file, a bare name ships. Raises UsageError."""
    if isinstance(name, Path) or "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name)
    shipped = shipped_recipes()
    if name not in shipped:
        raise UsageError(f"no recipe called '{name}' ships with archc", hint=did_you_mean(name, shipped))
    return shipped[name]


def load(file: Path, sets: Sequence[str] = ()) -> Recipe:
    """The recipe in a file, changed by settings `train.KEY=V` (any path in the recipe) and `data.KEY=V`.

    Raises UsageError where the file cannot be read or a setting is none, SpecError with every mistake in the values.
    """
    tree = expect_map(parse(read_text(file), shown_path(file)), "recipe")
    if "name" not in tree:
        tree = setter(Scalar(file.stem, tree.at), tree.at)(tree, "name")
    for text in sets:
        path, value, at = read_setting(text)
        path = path[1:] if path[0] == "train" else path
        tree = expect_map(change(tree, path, at, setter(value, at)), "recipe")
    return build(Recipe, tree, "recipe")
