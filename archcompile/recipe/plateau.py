"""A lower rate where nothing improves: Keras' ReduceLROnPlateau as plain data to resume from."""

from dataclasses import dataclass, replace
from typing import Self

from archcompile.recipe.sections import Plateau


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateauState:
    """The `best` value, epochs waited since, epochs of cooldown left, and the rate in force.

    A `rate` of None is the recipe's.
    """

    best: float | None = None
    wait: int = 0
    cooldown: int = 0
    rate: float | None = None

    def after(self, value: float, rate: float, rule: Plateau, *, minimised: bool) -> Self:
        """After an epoch at `rate` that ended with `value`."""
        cooldown, wait = (self.cooldown - 1, 0) if self.cooldown else (0, self.wait)
        if self.best is None:
            return replace(self, best=value, wait=0, cooldown=cooldown)
        gain = self.best - value if minimised else value - self.best
        if gain > rule.min_delta:
            return replace(self, best=value, wait=0, cooldown=cooldown)
        if cooldown:
            return replace(self, wait=wait, cooldown=cooldown)
        if wait + 1 < rule.patience or rate <= rule.min_rate:
            return replace(self, wait=wait + 1, cooldown=0)
        lower = max(rate * rule.factor, rule.min_rate)
        return replace(self, wait=0, cooldown=rule.cooldown, rate=lower)
