"""The learning rate as a pure function of the step: nothing to save, nothing a resumed run could get wrong."""

from bisect import bisect_right
from dataclasses import dataclass
from math import ceil, cos, pi

from archcompile.recipe.model import Recipe
from archcompile.recipe.schedules import Cosine, OneCycle, Piecewise


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a step is into its run: `total` steps, of which an epoch has `epoch`.

    A run that is fitted to a time limit changes its total on the way: from `step` on, where `progress` (0 to 1) had been
    reached, progress grows evenly to 1 at `total`.
    """

    epoch: int
    total: int
    step: int = 0
    progress: float = 0.0

    def at(self, step: int) -> float:
        """The part of the run that is over before a step, counted from 0."""
        left = self.total - self.step
        return self.progress + (1.0 - self.progress) * (step - self.step) / left if left else 1.0


def pace(recipe: Recipe, pictures: int) -> Pace:
    """The pace of a run on so many training pictures."""
    per_epoch = ceil(pictures / recipe.batch_size)
    return Pace(per_epoch, recipe.steps or (recipe.epochs or 0) * per_epoch)


def rate(recipe: Recipe, step: int, pace: Pace) -> float:
    """The learning rate of a step, counted from 0, before a plateau rule."""
    base = recipe.optimizer.learning_rate * _factor(recipe, step, pace)
    warmup = recipe.warmup
    if warmup is None or step >= warmup.steps:
        return base
    return base * (warmup.factor + (1 - warmup.factor) * step / warmup.steps if warmup.rise else warmup.factor)


def _factor(recipe: Recipe, step: int, pace: Pace) -> float:
    schedule = recipe.schedule
    if isinstance(schedule, Piecewise):
        passed = bisect_right(schedule.boundaries, step if schedule.unit == "steps" else step // pace.epoch)
        return schedule.factors[passed - 1] if passed else 1.0
    if isinstance(schedule, OneCycle):
        done, up = pace.at(step), schedule.peak
        low, part = (schedule.start, done / up) if done < up else (schedule.end, (1 - done) / (1 - up))
        return low + (1 - low) * part
    if isinstance(schedule, Cosine):
        return schedule.end + (1 - schedule.end) * (1 + cos(pi * pace.at(step))) / 2
    return 1.0
