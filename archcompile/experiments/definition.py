"""The experiment: which networks are trained by which recipes; its class is the file's schema."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from archcompile.limits import MAX_SEED
from archcompile.recipe import Section, find
from archcompile.shipped import find_file, is_path
from archcompile.spec.language import (
    Problems,
    Reach,
    Version,
    build,
    check_recipe_name,
    expect_no_spec,
    shown_path,
)
from archcompile.spec.yaml import Tree, expect_map, expect_text, parse, read_text, subitems

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


class Experiment(Section):
    """Every spec is trained by every recipe, once with each seed, and on each fold if there are
    any.
    """

    archc: Version = Field(description="Version of the language; required.", examples=[1])
    about: str = Field(
        default="",
        description="What is compared, with paper and section.",
        examples=["Depth against accuracy (He et al. 2015, table 6)"],
    )
    specs: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        examples=[["plain_20", "nets/mine.yaml"]],
        description="Networks: names of shipped specs, or paths relative to this file.",
    )
    recipes: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        examples=[["article", "recipes/mine.yaml"]],
        description="Recipes: names of shipped ones, or paths relative to this file.",
    )
    seeds: tuple[Seed, ...] = Field(
        default=(0,),
        strict=False,
        min_length=1,
        examples=[[0, 1, 2]],
        description="One run per seed: of initial weights, order and augmentation.",
    )
    folds: Annotated[int, Field(ge=2, le=100)] | None = Field(
        default=None,
        examples=[5],
        description="Cross-validation: cut the training images into so many folds, and hold out "
        "each once.",
    )
    set: tuple[str, ...] = Field(
        default=(),
        strict=False,
        examples=[["classes=10", "train.epochs=3"]],
        description="Settings K=V for every run, as with `--set`.",
    )

    @model_validator(mode="after")
    def _each_seed_once(self) -> Self:
        twice = next((seed for seed in self.seeds if self.seeds.count(seed) > 1), None)
        if twice is not None:
            raise ValueError(f"the seed {twice} appears twice: its runs would be identical")
        return self


def find_experiment(name: str) -> Path:
    """The file of an experiment: a name with `/` or `.yaml` is a path, any other one ships.

    Raises UsageError.
    """
    return find_file(name, "experiment")


def load_experiment(file: Path) -> Experiment:
    """The experiment in a file, `specs` and `recipes` as paths of the files they mean.

    Raises UsageError where it cannot be read, SpecError with its mistakes; the specs
    themselves are not read.
    """
    return experiment_of(parse(read_text(file), shown_path(file)), file)


def experiment_of(written: Tree, file: Path) -> Experiment:
    """The experiment that the tree of a file describes. Raises SpecError with its mistakes."""
    tree = expect_map(written, "an experiment")
    expect_no_spec(tree, shown_path(file), "an experiment")
    experiment = build(Experiment, tree, "an experiment")
    reach = Reach.of(file)
    problems = Problems()
    specs = [problems.attempt(_spec, item, file, reach) for item in subitems(tree, "specs")]
    recipes = [problems.attempt(_recipe, item, file, reach) for item in subitems(tree, "recipes")]
    problems.raise_any()
    return experiment.model_copy(
        update={"specs": tuple(map(str, specs)), "recipes": tuple(map(str, recipes))}
    )


def _spec(item: Tree, file: Path, reach: Reach) -> Path:
    return reach.follow(expect_text(item, "each of `specs`"), file, item.at)


def _recipe(item: Tree, file: Path, reach: Reach) -> Path:
    text = expect_text(item, "each of `recipes`")
    if is_path(text):
        return reach.follow(text, file, item.at)
    check_recipe_name(item)
    return find(text)
