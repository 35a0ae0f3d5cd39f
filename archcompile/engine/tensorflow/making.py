"""From a network to what trains it."""

from collections.abc import Sequence

from archcompile.choices import Kernels
from archcompile.data import Split
from archcompile.engine import Statistics, freeze_parts
from archcompile.engine.tensorflow.devices import Devices
from archcompile.engine.tensorflow.lowering import lower_for_training
from archcompile.engine.tensorflow.trainer import Trainer
from archcompile.graph import LayerGraph
from archcompile.recipe import Recipe


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
) -> Trainer:
    """The network, ready for its first step; see `archcompile.engine.Engine`."""
    lowered = lower_for_training(graph, seed, recipe.precision, devices=devices, kernels=kernels)
    freeze_parts(lowered.model, graph, freeze)
    return Trainer(lowered, recipe, images, statistics=statistics, seed=seed, devices=devices)
