"""What makes two runs the same training, as far as both have got."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archcompile.data import Dataset
from archcompile.graph import LayerGraph, semantic_hash
from archcompile.recipe import Recipe


def identity_of(
    graph: LayerGraph, recipe: Recipe, data: Dataset, *, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Two runs with one identity are the same training; `options` are those that belong to it."""
    return {
        "spec": trained_hash(graph),
        "recipe": recipe.identity(),
        "data": data.fingerprint,
        **options,
    }


def trained_hash(graph: LayerGraph) -> str:
    """The hash of what is trained: what has one output is trained without regard to its label."""
    return semantic_hash(replace(graph, is_labelled=False))
