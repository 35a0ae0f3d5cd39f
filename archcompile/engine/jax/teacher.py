"""The network that another learns from, in JAX's step."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np

from archcompile.analyses import head
from archcompile.engine import Statistics, Teacher, distil, soft_targets
from archcompile.engine.jax.devices import Devices
from archcompile.engine.jax.losses import CrossEntropy
from archcompile.engine.jax.lowering import lower_for_training
from archcompile.engine.jax.segments import forward_pass, is_very_deep
from archcompile.keras_model import load_values, recursion_for
from archcompile.recipe import Distill, Recipe

Array = Any
SEED = 0  # of weights that are replaced


class TeacherModel:
    """The teacher's model, in float32, which nothing trains; `arrays` are its variables.

    They are an argument of the step, so that they are no constants of it.
    """

    def __init__(
        self,
        teacher: Teacher,
        rule: Distill,
        recipe: Recipe,
        *,
        statistics: Statistics,
        devices: Devices,
    ) -> None:
        self.graph, self.rule = teacher.graph, rule
        self.distil = partial(distil, rule)
        lowered = lower_for_training(teacher.graph, SEED, "float32")
        model = lowered.model
        load_values(model, teacher.tensors)
        looped = is_very_deep(teacher.graph) and not devices.is_on_processor
        self.forward = forward_pass(teacher.graph, model, is_looped=looped)
        self.cross_entropy = CrossEntropy(head(teacher.graph).output, lowered.last)
        self.bridge = teacher.bridge(statistics, recipe.preprocessing.scale)
        weights = self.forward.weights.stack(list(map(np.asarray, model.trainable_variables)))
        others = self.forward.others.stack(list(map(np.asarray, model.non_trainable_variables)))
        self.arrays = (list(map(devices.place, weights)), list(map(devices.place, others)))

    def targets(self, arrays: tuple[Sequence[Array], Sequence[Array]], images: Array) -> Array:
        """What it says of images (b, H, W, C) that are prepared for the student."""
        images = images.astype(jnp.float32)
        if self.bridge is not None:
            factor, offset = self.bridge
            images = images * factor + offset
        with recursion_for(self.graph):
            outputs, _ = self.forward(*arrays, images, training=False)
        return soft_targets(self.rule, self.cross_entropy, outputs)
