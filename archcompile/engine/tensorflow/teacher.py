"""The network that another learns from, in TensorFlow's step."""

from functools import partial
from typing import Any

import tensorflow as tf

from archcompile.analyses import head
from archcompile.engine import Statistics, Teacher, distil, soft_targets
from archcompile.engine.tensorflow.losses import CrossEntropy
from archcompile.keras_model import load_values, recursion_for, to_keras
from archcompile.recipe import Distill, Recipe

Tensor = Any


class TeacherModel:
    """The teacher's portable model, in float32, which nothing trains."""

    def __init__(
        self, teacher: Teacher, rule: Distill, recipe: Recipe, *, statistics: Statistics
    ) -> None:
        self.graph, self.rule = teacher.graph, rule
        self.distil = partial(distil, rule)
        self.model = to_keras(teacher.graph)
        load_values(self.model, teacher.tensors)
        self.cross_entropy = CrossEntropy(self.model, head(teacher.graph).output)
        self.bridge = teacher.bridge(statistics, recipe.preprocessing.scale)

    def targets(self, images: Tensor) -> Tensor:
        """What it says of images (b, H, W, C) that are prepared for the student."""
        images = tf.cast(images, tf.float32)
        if self.bridge is not None:
            factor, offset = self.bridge
            images = images * factor + offset
        with recursion_for(self.graph):
            outputs = self.model(images, training=False)
        return soft_targets(self.rule, self.cross_entropy, outputs)
