"""Optimizers whose weights have learning rates of their own."""

from collections.abc import Sequence
from typing import Any

from archcompile.engine.lamb import Lamb

Tensor = Any


def with_part_rates(kind: Any, rates: Sequence[float]) -> Any:
    """A kind of optimizer whose weights take steps at these multiples of the rate, one for each.

    A decoupled decay is part of the step, as in PyTorch's parameter groups.
    """

    class PartRates(kind):  # type: ignore[misc]  # Keras has no types
        def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
            rate = learning_rate * rates[self._get_variable_index(variable)]
            super().update_step(gradient, variable, rate)

        def _apply_weight_decay(self, variables: Sequence[Any]) -> None:
            if self.weight_decay is None or isinstance(self, Lamb):  # whose step has it within
                return
            for variable in variables:
                if self._use_weight_decay(variable):
                    factor = self.weight_decay * rates[self._get_variable_index(variable)]
                    variable.assign(variable - variable * factor * self.learning_rate)

    return PartRates
