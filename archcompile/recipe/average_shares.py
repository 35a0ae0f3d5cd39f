"""How much of the average of weights each step's weights become: a pure function of the step."""

from math import ceil

from archcompile.recipe.averaging import Exponential, Uniform
from archcompile.recipe.rates import Pace

ROUNDING = 1e-9  # of epochs, which 0.29 of 100 must not be short of 29


def average_share(rule: Exponential | Uniform, step: int, pace: Pace) -> float:
    """The share of the weights after a step, counted from 0; the rest of the average stays.

    It is 1 where the average begins, so that what was there before does not count.
    """
    if isinstance(rule, Exponential):
        return 1.0 if pace.at(step) <= rule.start else 1.0 - rule.decay
    if (step + 1) % pace.epoch and step + 1 != pace.total:
        return 0.0
    count = _epochs_counted(rule, step + 1, pace)
    return 1.0 / count if count > 0 else 0.0


def has_average(rule: Exponential | Uniform, steps: int, pace: Pace) -> bool:
    """Whether so many steps have an average."""
    if isinstance(rule, Exponential):
        return steps > 0
    ended = steps if steps == pace.total else steps - steps % pace.epoch
    return _epochs_counted(rule, ended, pace) > 0


def _epochs_counted(rule: Uniform, steps: int, pace: Pace) -> int:
    """The epochs among so many steps whose ends count, the one that these steps end in as well."""
    return ceil(steps / pace.epoch) - _epochs_before(rule, pace)


def _epochs_before(rule: Uniform, pace: Pace) -> int:
    """The epochs whose ends do not count."""
    epochs = pace.total / pace.epoch
    return min(int(rule.start * epochs + ROUNDING), ceil(epochs) - 1)
