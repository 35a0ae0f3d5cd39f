"""The recipe of a training, as a command asks for it."""

from collections.abc import Sequence
from pathlib import Path

from archcompile.analyses import depth
from archcompile.api import LayerGraph
from archcompile.errors import UsageError
from archcompile.recipe import Recipe, find, read
from archcompile.run_files import RECIPE
from archcompile.run_folder import Run
from archcompile.spec.yaml import Map
from archcompile.training.request import TrainingRequest


def recipe_tree(
    name: str | Path | None, graph: LayerGraph, sets: Sequence[str], *, resumed: Run | None
) -> Map:
    """The tree of a recipe: the command's, that of the resumed run, or the one the spec names."""
    if name is None and resumed is not None and (resumed.path / RECIPE).exists():
        name = resumed.path / RECIPE
    name = name or graph.recipe
    if name is None:
        raise UsageError(
            f"{graph.name} names no recipe",
            hint="choose one with --recipe, for example --recipe article",
        )
    return read(find(name), sets)


def apply_request(recipe: Recipe, request: TrainingRequest, graph: LayerGraph) -> Recipe:
    """The recipe for a graph, on the data that the command names."""
    if request.data is not None:
        data = recipe.data.model_copy(update={"source": request.data})
        recipe = recipe.model_copy(update={"data": data})
    if recipe.distill is not None:  # so that it can be resumed from any folder
        teacher = str(Path(recipe.distill.teacher).expanduser().absolute())
        distill = recipe.distill.model_copy(update={"teacher": teacher})
        recipe = recipe.model_copy(update={"distill": distill})
    return recipe.for_depth(depth(graph))
