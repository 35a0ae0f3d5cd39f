"""Reading recipes: shipped ones by name, others by path."""

import os
from collections.abc import Sequence
from pathlib import Path

from archcompile.errors import UsageError
from archcompile.recipe.model import Recipe
from archcompile.shipped import find_file
from archcompile.spec.language import (
    RECIPE_KEYS,
    build,
    expect_no_spec,
    shown_path,
)
from archcompile.spec.loading import read_setting
from archcompile.spec.yaml import (
    EMPTY,
    Map,
    Scalar,
    Tree,
    change,
    expect_map,
    parse,
    read_text,
    setter,
)


def find(name: str | Path) -> Path:
    """The file of a recipe: a path with `/` or `.yaml`, or a shipped name. Raises UsageError."""
    return name if isinstance(name, Path) else find_file(name, "recipe", lambda: _hint(name))


def _hint(name: str) -> str | None:
    if not os.path.isfile(f"{name}.yaml"):
        return None
    return f"a bare name means a shipped recipe; for the file write {name}.yaml"


def read(file: Path, sets: Sequence[str] = ()) -> Map:
    """A recipe file as a tree, changed by settings `train.KEY=V` (any path in it) and `data.KEY=V`.

    Its name is the file's where none is written. Raises UsageError where the file cannot be read or
    a setting is none, SpecError where it is no YAML map or a setting leads nowhere.
    """
    tree = with_name(parse(read_text(file), shown_path(file)), file)
    for text in sets:
        path, value, at = read_setting(text)
        if path[0] not in RECIPE_KEYS or len(path) == 1:
            raise UsageError(
                f"`{'.'.join(path)}` is not a setting of a recipe",
                hint="write train.KEY=V, or data.KEY=V",
            )
        path = path[1:] if path[0] == "train" else path
        tree = expect_map(change(tree, path, at, apply=setter(value, at)), "a recipe")
    return tree


def with_name(written: Tree, file: Path) -> Map:
    """The tree of a recipe file; its name is the file's where none is written. Raises SpecError."""
    tree = expect_map(written, "a recipe")
    expect_no_spec(tree, shown_path(file), "a recipe")
    if "name" in tree:
        return tree
    return setter(Scalar(file.stem, EMPTY), EMPTY)(tree, "name")


def load(file: Path, sets: Sequence[str] = ()) -> Recipe:
    """The recipe in a file, changed by settings. Raises as `read`; SpecError with every mistake."""
    return recipe_of(read(file, sets))


def recipe_of(tree: Map) -> Recipe:
    """The recipe that a tree describes. Raises SpecError with every mistake in the values."""
    return build(Recipe, tree, "a recipe")
