"""The optimizer a recipe asks for, as a function from one state to the next."""

from collections.abc import Sequence
from typing import Any

from archcompile.engine import make_optimizer
from archcompile.recipe import Recipe

Array = Any


class Optimizer:
    """A Keras optimizer without a state of its own; `slots` are the values of its variables."""

    def __init__(self, recipe: Recipe, weights: Sequence[Any]) -> None:
        self.keras = make_optimizer(recipe)
        self.keras.build(weights)

    @property
    def variables(self) -> list[Any]:
        return list(self.keras.variables)

    def loss_scale(self, slots: Sequence[Array]) -> Array | float:
        """What the loss is multiplied with in float16, else 1."""
        if not hasattr(self.keras, "dynamic_scale"):
            return 1.0
        scale = self.keras.dynamic_scale
        pairs = zip(self.variables, slots, strict=True)
        return next(value for variable, value in pairs if variable is scale)

    def apply(
        self,
        slots: Sequence[Array],
        gradients: Sequence[Array],
        weights: Sequence[Array],
        *,
        rate: Array,
    ) -> tuple[list[Array], list[Array]]:
        """The weights after a step at this learning rate, and the slots."""
        inner = getattr(self.keras, "inner_optimizer", self.keras)
        rated = [
            rate if variable is inner._learning_rate else value
            for variable, value in zip(self.variables, slots, strict=True)
        ]
        changed, slots = self.keras.stateless_apply(rated, list(gradients), list(weights))
        return list(changed), list(slots)
