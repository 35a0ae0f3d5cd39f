"""What is to be trained, once everything about it has been checked."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from archcompile.analyses.head import Head, head
from archcompile.api import LayerGraph
from archcompile.data.dataset import Dataset
from archcompile.graph.text import semantic_hash
from archcompile.recipe.model import Recipe
from archcompile.train.devices import Devices
from archcompile.train.options import Options


@dataclass(frozen=True)
class Plan:
    """What is to be trained, with what, on what. `spec` is the reference as given."""

    spec: str | Path
    graph: LayerGraph
    recipe: Recipe
    data: Dataset
    options: Options
    devices: Devices = field(repr=False)

    @cached_property
    def head(self) -> Head:
        return head(self.graph)

    @cached_property
    def identity(self) -> dict[str, Any]:
        return identity_of(self.graph, self.recipe, self.data, self.options)


def identity_of(graph: LayerGraph, recipe: Recipe, data: Dataset, options: Options) -> dict[str, Any]:
    """Two runs with one identity are the same training, as far as both have got."""
    return {"spec": trained_hash(graph), "recipe": recipe.identity(), "data": data.fingerprint, **options.identity()}


def trained_hash(graph: LayerGraph) -> str:
    """The hash of what is trained: what has one output is trained without regard to its label."""
    return semantic_hash(replace(graph, labelled=False))
