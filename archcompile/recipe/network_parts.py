"""What a recipe says of the parts of a network."""

from typing import TYPE_CHECKING

from archcompile.errors import Diagnostic, SpecError, did_you_mean
from archcompile.recipe.model import Recipe
from archcompile.recipe.resolved import place
from archcompile.spec.yaml import Map

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph


def check_parts(recipe: Recipe, tree: Map, graph: "LayerGraph") -> None:
    """Raises SpecError at each part that the network does not have."""
    wrong = [
        Diagnostic(
            code="unknown-key",
            message=f"{graph.name} has no part `{part}`",
            location=place(tree, "part_rates", part),
            hint=did_you_mean(part, graph.parts, "its parts are"),
        )
        for part in recipe.part_rates
        if part not in graph.parts
    ]
    if wrong:
        raise SpecError(wrong)
