"""A network that another learns from in its first steps."""

import numpy as np

from archcompile.engine import Statistics, Teacher
from archcompile.graph import LayerGraph
from archcompile.keras_model import to_keras, values_of, variables_of


def teacher_of(graph: LayerGraph) -> Teacher:
    """The same network with weights of its own, whose images are prepared otherwise."""
    random, values = np.random.default_rng(7), values_of(variables_of(to_keras(graph)))
    tensors = {
        name: random.normal(0.0, 0.3, array.shape).astype(array.dtype)
        ** (2 if "var" in name else 1)
        for name, array in values.items()
    }
    return Teacher(
        graph=graph,
        tensors=tensors,
        statistics=Statistics(np.float32([0.4, 0.5, 0.6]), np.float32([0.2, 0.3, 0.4])),
        scale=200.0,
    )
