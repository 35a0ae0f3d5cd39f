"""The learning rate as a pure function of the epoch: nothing to save, nothing a resumed run could get wrong."""

from bisect import bisect_right

from archcompile.train.recipe import Schedule


def learning_rate(base: float, schedule: Schedule | None, epoch: int) -> float:
    """The rate used throughout an epoch, counted from 0: `base` times the factor of the last boundary passed."""
    if schedule is None:
        return base
    passed = bisect_right(schedule.boundaries, epoch)
    return base * schedule.factors[passed - 1] if passed else base
