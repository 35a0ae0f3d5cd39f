"""Differences between groups of seeds, and how far they can be trusted: Welch's interval."""

from dataclasses import dataclass
from math import atan, cos, exp, lgamma, pi, sqrt

from archcompile.report.groups import Comparison, SeedGroup

CONFIDENCE = 0.95
SLICES = 200  # of Simpson's rule
HALVINGS = 60


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """How much better the test accuracy of a group is than that of `baseline`."""

    group: SeedGroup
    baseline: SeedGroup
    difference: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.difference:+.4f} ({self.low:+.4f} … {self.high:+.4f})"


def contrasts(comparison: Comparison) -> list[Contrast]:
    """Each group of several seeds beside the best of them; nothing on different images."""
    measured = [group for group in comparison.groups if group.figures]
    if not comparison.has_same_images:
        return []
    return [_contrast(group, measured[0]) for group in measured[1:]]


def _contrast(group: SeedGroup, baseline: SeedGroup) -> Contrast:
    """Welch's: the deviations need not be alike, and the seeds are not paired."""
    sides = [(side.figures["test_accuracy"], len(side.runs)) for side in (group, baseline)]
    difference = sides[0][0].mean - sides[1][0].mean
    variances = [spread.std**2 / count for spread, count in sides]
    error = sqrt(sum(variances))
    margin = 0.0
    if error:
        parts = (v**2 / (count - 1) for v, (_, count) in zip(variances, sides, strict=True))
        margin = error * t_quantile((1 + CONFIDENCE) / 2, sum(variances) ** 2 / sum(parts))
    return Contrast(
        group=group,
        baseline=baseline,
        difference=difference,
        low=difference - margin,
        high=difference + margin,
    )


def t_quantile(probability: float, freedom: float) -> float:
    """The value that Student's t stays below with a probability above one half."""
    low, high = 0.0, 1.0
    while _t_probability(high, freedom) < probability:
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_below = _t_probability(middle, freedom) < probability
        low, high = (middle, high) if is_below else (low, middle)
    return (low + high) / 2


def _t_probability(value: float, freedom: float) -> float:
    """By Simpson's rule over the angle whose tangent, times the root of `freedom`, is the value."""
    logarithm = lgamma((freedom + 1) / 2) - lgamma(freedom / 2)
    scale = exp(logarithm) / sqrt(pi)

    def density(angle: float) -> float:
        return scale * float(cos(angle) ** (freedom - 1))

    end = atan(value / sqrt(freedom))
    step = end / SLICES
    inner = sum((4 if i % 2 else 2) * density(i * step) for i in range(1, SLICES))
    return 0.5 + step / 3 * (density(0.0) + inner + density(end))
