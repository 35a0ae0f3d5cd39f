"""Reading recipes: shipped ones by name, others by path."""

from collections.abc import Sequence
from pathlib import Path

from archcompile.errors import UsageError, did_you_mean
from archcompile.recipe.model import Recipe
from archcompile.spec.files import shipped_recipes, shown_path
from archcompile.spec.paths import change, setter
from archcompile.spec.read import build
from archcompile.spec.settings import read_setting
from archcompile.spec.strict_yaml import parse, read_text
from archcompile.spec.tree import Scalar, expect_map


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
