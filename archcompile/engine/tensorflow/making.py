"""From a network to what trains it."""

from collections.abc import Sequence

import numpy as np

from archcompile.choices import Kernels
from archcompile.data import Split
from archcompile.engine import Statistics, Teacher, freeze_parts, set_part_rates
from archcompile.engine.tensorflow.devices import Devices
from archcompile.engine.tensorflow.lowering import DROPOUT, lower_for_training
from archcompile.engine.tensorflow.trainer import Trainer
from archcompile.graph import LayerGraph
from archcompile.keras_model import calls
from archcompile.recipe import Recipe


def choose_kernels(graph: LayerGraph, recipe: Recipe, devices: Devices) -> Kernels:
    """XLA's on a GPU where they compute the same as the fused ones, which are taken elsewhere.

    XLA draws other numbers for a dropout. With float16 nobody has compared them.
    """
    draws = any(call.call.path == DROPOUT for call in calls(graph))
    is_safe = not draws and recipe.precision != "mixed_float16"
    return "xla" if is_safe and devices.is_one_gpu else "fused"


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
    """The network, ready for its first step; see `archcompile.engine.Engine`."""
    lowered = lower_for_training(graph, seed, recipe.precision, devices=devices, kernels=kernels)
    freeze_parts(lowered.model, graph, freeze)
    set_part_rates(lowered.model, graph, recipe)
    return Trainer(
        lowered,
        recipe,
        images,
        statistics=statistics,
        seed=seed,
        devices=devices,
        is_xla=recipe.xla or kernels == "xla",
        weights_of_classes=weights_of_classes,
        teacher=teacher,
    )
