"""From a network to what trains it."""

from collections.abc import Sequence

import numpy as np

from archcompile.analyses import head
from archcompile.choices import Kernels
from archcompile.data import Split
from archcompile.engine import (
    USABLE,
    Statistics,
    Teacher,
    device_memory,
    freeze_parts,
    set_part_rates,
)
from archcompile.engine.jax.devices import Devices
from archcompile.engine.jax.lowering import lower_for_training
from archcompile.engine.jax.segments import is_very_deep
from archcompile.engine.jax.trainer import Trainer
from archcompile.graph import LayerGraph
from archcompile.recipe import Recipe


def choose_kernels(graph: LayerGraph, recipe: Recipe, devices: Devices) -> Kernels:
    """XLA's, which there are no others beside."""
    return "xla"


def make_trainer(
    graph: LayerGraph,
    recipe: Recipe,
    images: Split,
    *,
    statistics: Statistics,
    seed: int,
    freeze: Sequence[str] = (),
    devices: Devices,
    kernels: Kernels,
    weights_of_classes: np.ndarray | None = None,
    teacher: Teacher | None = None,
) -> Trainer:
    """The network, ready for its first step; see `archcompile.engine.Engine`.

    XLA makes its kernels from stock layers.
    """
    lowered = lower_for_training(graph, seed, recipe.precision)
    freeze_parts(lowered.model, graph, freeze)
    set_part_rates(lowered.model, graph, recipe)
    return Trainer(
        lowered,
        recipe,
        images,
        output=head(graph).output,
        statistics=statistics,
        seed=seed,
        devices=devices,
        is_recomputed=is_too_large(graph, recipe, devices),
        is_looped=is_looped(graph, devices),
        weights_of_classes=weights_of_classes,
        teacher=teacher,
    )


def is_too_large(graph: LayerGraph, recipe: Recipe, devices: Devices) -> bool:
    """Whether a step would not fit into a device's memory, by estimate, with all its maps."""
    needed = device_memory(graph, recipe, devices.replicas)
    return devices.memory is not None and needed > USABLE * devices.memory


def is_looped(graph: LayerGraph, devices: Devices) -> bool:
    """Whether XLA compiles a step of equal units as one: on processors it is many times slower."""
    return is_very_deep(graph) and not devices.is_on_processor
