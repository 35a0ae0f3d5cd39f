"""A lower rate where nothing improves, as a state machine of plain data: Keras' ReduceLROnPlateau,
which can be resumed.
"""

from dataclasses import dataclass, replace
from typing import Self

from archcompile.recipe.sections import Plateau


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """`best` value seen, epochs `wait`ed since, epochs of `cooldown` left, and the `rate` in force
    (None: the recipe's).
    """

    best: float | None = None
    wait: int = 0
    cooldown: int = 0
    rate: float | None = None

    def after(self, value: float, rate: float, rule: Plateau, *, minimised: bool) -> Self:
        """After an epoch at `rate` that ended with `value`."""
        cooldown, wait = (self.cooldown - 1, 0) if self.cooldown else (0, self.wait)
        gain = (
            0.0 if self.best is None else (self.best - value) if minimised else (value - self.best)
        )
        if self.best is None or gain > rule.min_delta:
            return replace(self, best=value, wait=0, cooldown=cooldown)
        if cooldown:
            return replace(self, wait=wait, cooldown=cooldown)
        if wait + 1 < rule.patience or rate <= rule.min_rate:
            return replace(self, wait=wait + 1, cooldown=0)
        return replace(
            self, wait=0, cooldown=rule.cooldown, rate=max(rate * rule.factor, rule.min_rate)
        )
