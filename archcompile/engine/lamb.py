"""LAMB (You et al. 2019, algorithm 2): each weight's step is as long as the weight, times the rate.

Keras' own takes a weight decay off beside the step; in the paper, and in optax, it is part of the
step whose length is changed.
"""

from typing import Any

import keras
from keras import ops

from archcompile.engine.muon import Stack

Tensor = Any


class Lamb(keras.optimizers.Lamb):  # type: ignore[misc]  # Keras has no types
    """Adam's step, and the decay, brought to the length of the weight."""

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        place = self._get_variable_index(variable)
        mean, square = self._momentums[place], self._velocities[place]
        self.assign(mean, mean + (gradient - mean) * (1 - self.beta_1))
        self.assign(square, square + (gradient * gradient - square) * (1 - self.beta_2))
        count = ops.cast(self.iterations + 1, "float32")
        mean = ops.convert_to_tensor(mean) / (1 - ops.power(self.beta_1, count))
        square = ops.convert_to_tensor(square) / (1 - ops.power(self.beta_2, count))
        weight = ops.convert_to_tensor(variable)
        step = mean / (ops.sqrt(square) + self.epsilon)
        if self.weight_decay is not None and self._use_weight_decay(variable):
            step = step + self.weight_decay * weight
        lengths = _length(weight, variable), _length(step, variable)
        both = ops.logical_and(lengths[0] > 0, lengths[1] > 0)
        ratio = ops.where(both, lengths[0] / ops.where(both, lengths[1], 1.0), 1.0)
        self.assign(variable, weight - learning_rate * ratio * step)

    def _apply_weight_decay(self, variables: Any) -> None:
        """Nothing beside the step."""


def _length(values: Tensor, variable: Any) -> Tensor:
    """The norm, of each weight of a stack by itself."""
    if not isinstance(variable, Stack):
        return ops.sqrt(ops.sum(values * values))
    axes = tuple(range(1, len(values.shape)))
    return ops.sqrt(ops.sum(values * values, axis=axes, keepdims=True))
