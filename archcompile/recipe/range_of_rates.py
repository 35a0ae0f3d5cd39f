"""What a range test says of a learning rate: losses of steps whose rate grows from step to step.

Smith 2017, section 3.3; growing exponentially and smoothed, with a tenth of the rate of the least
loss as the suggestion, as in Howard and Gugger 2020, "fastai: a layered API", section 4.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

FIRST, LAST, STEPS = 1e-6, 10.0, 150
KEPT = 0.9  # of the smoothed loss in a step
DIVERGED = 4.0  # times the least smoothed loss, from which on a test has nothing more to say
UNSURE = 10  # steps at the beginning, whose smoothed losses are of too few
FELL = 0.05  # of the first smoothed loss, by which the least must be lower to say anything


def growing_rates() -> list[float]:
    """The learning rates of a test, one a step."""
    growth = (LAST / FIRST) ** (1 / (STEPS - 1))
    return [FIRST * growth**step for step in range(STEPS)]


@dataclass(frozen=True, kw_only=True)
class RateRange:
    """A range test: the rate and the loss of each step, and the losses smoothed.

    `lowest` is the rate of the least smoothed loss, None where it does not fall.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    lowest: float | None

    @property
    def suggestion(self) -> float | None:
        """A rate to train with, if there is one."""
        return None if self.lowest is None else self.lowest / 10


def rate_range(rates: Sequence[float], losses: Sequence[float]) -> RateRange:
    """What the losses of the first steps at these rates say; there may be fewer losses."""
    smoothed = smooth(losses)
    tried = tuple(rates[: len(smoothed)])
    return RateRange(
        rates=tried,
        losses=tuple(losses[: len(smoothed)]),
        smoothed=tuple(smoothed),
        lowest=_lowest(tried, smoothed),
    )


def has_diverged(losses: Sequence[float]) -> bool:
    """Whether further steps would show nothing."""
    if not losses:
        return False
    if not isfinite(losses[-1]):
        return True
    smoothed = smooth(losses)
    return len(losses) > UNSURE and smoothed[-1] > DIVERGED * min(smoothed[UNSURE:])


def smooth(losses: Sequence[float]) -> list[float]:
    """A moving average without its bias to zero, up to the first loss that is no number."""
    average, result = 0.0, []
    for number, loss in enumerate(losses, 1):
        if not isfinite(loss):
            break
        average = KEPT * average + (1 - KEPT) * loss
        result.append(average / (1 - KEPT**number))
    return result


def _lowest(rates: Sequence[float], smoothed: Sequence[float]) -> float | None:
    """The rate of the least smoothed loss, None where that is not below the first."""
    points = list(zip(smoothed, rates, strict=True))[UNSURE:]
    loss, rate = min(points, default=(0.0, 0.0))
    return rate if points and loss < (1 - FELL) * points[0][0] else None
