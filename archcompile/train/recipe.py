"""The recipe: how a network is trained. The classes are the schema of the YAML files in `specs/recipes/`."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from archcompile.errors import UsageError, did_you_mean
from archcompile.spec.files import shipped_folder, shown_path
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

    source: str | None = Field(default=None, description="a source's name or a path; `--data` goes before it")
    fit: Literal["pad", "resize"] | None = Field(default=None, description="what to do with pictures of another size")
    channels: Literal["repeat"] | None = Field(default=None, description="what to do with grey pictures")
    holdout: float = Field(default=0.2, gt=0, lt=1, description="the part held out where a source has no test set")


class Preprocessing(Section):
    """Pixels are divided by `scale`; then the mean picture of the training set is subtracted."""

    scale: Positive = 255.0
    mean: Literal["per_pixel", "none"] = "per_pixel"


class Augment(Section):
    """What happens to a training picture, anew each time it is seen, after preprocessing."""

    shift: Fraction = Field(
        default=0.0, description="largest shift along each axis, as a part of its extent; sub-pixel"
    )
    interpolation: Literal["bilinear"] = "bilinear"
    fill: Literal["nearest"] = Field(default="nearest", description="what comes in from outside: the edge, repeated")
    flip: Literal["none", "horizontal"] = Field(default="none", description="mirrors half of the pictures")


class Adam(Section):
    """Kingma and Ba 2014, algorithm 1, with Keras' defaults."""

    kind: Literal["adam"]
    learning_rate: Positive
    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: Positive = 1e-7


class SGD(Section):
    kind: Literal["sgd"]
    learning_rate: Positive
    momentum: Fraction = 0.0
    nesterov: bool = False


class Schedule(Section):
    """From epoch `boundaries[i]` on, counted from 0, the learning rate is the optimizer's times `factors[i]`."""

    boundaries: tuple[Annotated[int, Field(ge=1)], ...] = Field(strict=False, min_length=1)
    factors: tuple[Positive, ...] = Field(strict=False, min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.boundaries) != len(self.factors):
            raise ValueError(f"{len(self.boundaries)} boundaries need as many factors, got {len(self.factors)}")
        if list(self.boundaries) != sorted(set(self.boundaries)):
            raise ValueError(f"the boundaries must increase, got {list(self.boundaries)}")
        return self


class Recipe(Section):
    archc: Literal[1]
    name: str
    about: str = ""
    data: Data = Data()
    preprocessing: Preprocessing = Preprocessing()
    augment: Augment = Augment()
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)]
    epochs: Annotated[int, Field(ge=1, le=1_000_000)]
    optimizer: Annotated[Adam | SGD, Field(discriminator="kind")]
    schedule: Schedule | None = None

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
    shipped = {path.stem: path for path in sorted((shipped_folder() / "recipes").glob("*.yaml"))}
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
