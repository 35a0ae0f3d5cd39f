"""The optimizer a recipe asks for, as a function from one state to the next."""

from collections.abc import Sequence
from typing import Any

from archcompile.engine import make_optimizer, weight_factors
from archcompile.engine.jax.stacks import Stacks
from archcompile.recipe import Recipe

Array = Any


class Optimizer:
    """A Keras optimizer without a state of its own; `slots` are the values of its variables.

    It works on arrays of weights as `stacks` has them. `variables` are those that it has for
    weights one by one, as in a checkpoint; `stacks_of_slots` says which of them are one array.
    """

    def __init__(self, recipe: Recipe, weights: Sequence[Any], stacks: Stacks) -> None:
        factors = [weight_factors(weight, recipe) for weight in weights]
        self.keras = make_optimizer(recipe, stacks.stand_ins(weights), stacks.first_of(factors))
        is_stacked = len(stacks.groups) < stacks.count
        single = make_optimizer(recipe, weights) if is_stacked else self.keras
        self.variables: list[Any] = list(single.variables)
        self.stacks_of_slots = _stacks_of_slots(
            stacks, len(self.variables), len(self.keras.variables)
        )

    def loss_scale(self, slots: Sequence[Array]) -> Array | float:
        """What the loss is multiplied with in float16, else 1."""
        if not hasattr(self.keras, "dynamic_scale"):
            return 1.0
        scale = self.keras.dynamic_scale
        pairs = zip(self.keras.variables, slots, strict=True)
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
            for variable, value in zip(self.keras.variables, slots, strict=True)
        ]
        changed, slots = self.keras.stateless_apply(rated, list(gradients), list(weights))
        return list(changed), list(slots)


def _stacks_of_slots(stacks: Stacks, single: int, stacked: int) -> Stacks:
    """Those of slots, of which there are `single` for weights one by one and `stacked` for stacks.

    Keras has its counters first, then the same number of slots for each weight, weight by weight.
    """
    saved = stacks.count - len(stacks.groups)
    each = (single - stacked) // saved if saved else 0
    counters = single - each * stacks.count
    columns = []
    for group in stacks.groups:
        for kind in range(each):
            columns.append([counters + each * place + kind for place in group])
    return Stacks.of(columns, single)
