"""What is to be trained, once everything about it has been checked."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from archcompile.analyses import Head, head
from archcompile.api import LayerGraph
from archcompile.choices import Kernels
from archcompile.data import Dataset
from archcompile.engine import Devices, Engine, Teacher
from archcompile.recipe import Recipe
from archcompile.run_folder import Identity, trained_hash
from archcompile.training.training_options import Options, TrainingOptions


@dataclass(frozen=True, kw_only=True)
class Training:
    """What is to be trained, and on what. `spec` is the reference as given, or the graph itself."""

    spec: str | Path | LayerGraph
    graph: LayerGraph
    recipe: Recipe
    data: Dataset
    options: TrainingOptions
    teacher: Teacher | None = field(default=None, repr=False)

    @cached_property
    def identity(self) -> Identity:
        """What makes it the same training as another."""
        options = self.options.identity()
        if self.teacher is not None:
            spec, weights = trained_hash(self.teacher.graph), self.teacher.digest
            options["teacher"] = {"spec": spec, "weights": weights}
        return Identity.of(self.graph, self.recipe, self.data, options=options)


@dataclass(frozen=True, kw_only=True)
class Plan(Training):
    """A training with all that it is done by."""

    options: Options
    engine: Engine = field(repr=False)
    devices: Devices = field(repr=False)

    @cached_property
    def kernels(self) -> Kernels:
        """Those asked for, or those that the engine chooses: a run may be another engine's."""
        asked = self.options.kernels
        if asked in self.engine.KERNELS:
            return asked
        return self.engine.choose_kernels(self.graph, self.recipe, self.devices)

    @cached_property
    def head(self) -> Head:
        return head(self.graph)
