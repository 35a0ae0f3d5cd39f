"""Whether a run ends early: a pure function of its history, so that there is nothing to save."""

from collections.abc import Iterable

from archcompile.recipe.monitors import is_minimised
from archcompile.recipe.sections import EarlyStop


def is_stopped(values: Iterable[float], rule: EarlyStop) -> bool:
    """Whether the rule has ended a run whose monitor had these values, one an epoch."""
    sign = -1.0 if is_minimised(rule.monitor) else 1.0
    best, wait = float("-inf"), 0
    for value in values:
        if sign * value > best + rule.min_delta:
            best, wait = sign * value, 0
        else:
            wait += 1
        if wait == rule.patience:
            return True
    return False
