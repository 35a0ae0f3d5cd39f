"""The recipe with every value written out, each with the place it was written at."""

from typing import Any

from archcompile.errors import Location
from archcompile.recipe.model import Recipe
from archcompile.spec.yaml import EMPTY, Entry, Map, Scalar, Seq, Tree


def resolved_trees(recipe: Recipe, tree: Map) -> dict[str, Tree]:
    """The keys of a recipe in the order of its model, placed as in the `tree` it came from."""
    return {
        key: _with_places(value, tree.get(key))
        for key, value in recipe.model_dump(mode="json").items()
    }


def _with_places(value: Any, written: Tree | None) -> Tree:
    if isinstance(value, dict):
        entries = written.entries if isinstance(written, Map) else {}
        return Map(
            {
                key: Entry(
                    _with_places(inner, entries[key].value if key in entries else None), EMPTY
                )
                for key, inner in value.items()
            },
            EMPTY,
        )
    if isinstance(value, list):
        items = written.items if isinstance(written, Seq) else ()
        return Seq(
            tuple(
                _with_places(inner, items[i] if i < len(items) else None)
                for i, inner in enumerate(value)
            ),
            written.at if written else EMPTY,
        )
    return Scalar(value, written.at if written else EMPTY)


def place(tree: Tree, *path: str | int) -> Location:
    """The place of a key, of an item of a list, or of whatever was to hold it."""
    at = tree.at
    for part in path:
        if isinstance(tree, Map) and part in tree.entries:
            at, tree = tree.entries[str(part)].at, tree.entries[str(part)].value
        elif isinstance(tree, Seq) and isinstance(part, int) and part < len(tree.items):
            tree = tree.items[part]
            at = tree.at
        else:
            break
    return at
