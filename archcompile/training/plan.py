"""What is to be trained, once everything about it has been checked."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from archcompile.analyses import Head, head
from archcompile.api import LayerGraph
from archcompile.data import Dataset
from archcompile.engine.tensorflow import Devices
from archcompile.recipe import Recipe
from archcompile.run_folder import identity_of
from archcompile.training.options import Options


@dataclass(frozen=True, kw_only=True)
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
        return identity_of(self.graph, self.recipe, self.data, options=self.options.identity())
