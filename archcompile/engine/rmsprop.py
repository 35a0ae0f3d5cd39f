"""Keras' RMSprop with its variables weight by weight, as all other optimizers have them."""

from collections.abc import Sequence
from typing import Any

import keras


class RMSprop(keras.optimizers.RMSprop):  # type: ignore[misc]  # Keras has no types
    """Its slots are found by their places in a checkpoint, so these must not depend on the kind."""

    def build(self, var_list: Sequence[Any]) -> None:
        if self.built:
            return
        keras.optimizers.Optimizer.build(self, var_list)
        kinds = ["velocity", "momentum"] if self.momentum else ["velocity"]
        slots = self.add_optimizer_variables(var_list, kinds)
        self._velocities, self._momentums = slots[0], slots[1] if self.momentum else []
        self._average_gradients: list[Any] = []
