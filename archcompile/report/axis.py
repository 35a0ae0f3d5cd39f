"""What an axis of a chart spans, where its ticks stand, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

STEPS = (1, 2, 2.5, 5, 10)  # a tick stands at each multiple of one of these, times a power of ten
LOG_STEPS = (1, 2, 5)  # where an axis of powers may end
MOST = 6  # steps between the ticks of an axis
ROOM = 1.04  # times the highest value, so that a line does not lie on the frame
LOG_ROOM = 1.1  # the same on a logarithmic scale, at both ends
WIDE = 20  # from so many times the least value on, a scale is logarithmic where it may be
DECADES = 3.0  # from so many powers of ten on, only they have ticks
SMALLEST, LARGEST = 1e-4, 1e6  # between these a number is written without a power of ten
CLOSE = 1e-9  # of a step: numbers that differ by less are the same


@dataclass(frozen=True, kw_only=True)
class Axis:
    low: float
    high: float
    ticks: Sequence[float]
    is_log: bool = False

    def share(self, value: float) -> float:
        """How far along the axis a value lies: 0 at its start, 1 at its end."""
        low, high, at = (log10(v) if self.is_log else v for v in (self.low, self.high, value))
        return (at - low) / (high - low)


def value_axis(
    values: Sequence[float],
    *,
    top: float | None = None,
    is_log: bool = False,
    is_from_zero: bool = True,
) -> Axis:
    """An axis over finite values; `top` ends it, or bounds it where it does not start at zero.

    With `is_log` it is logarithmic, where all values are above zero and far apart.
    """
    least, most = min(values), max(values)
    if is_log and least > 0 and most >= WIDE * least:
        return _log_axis(least, most)
    if not is_from_zero and most > least:
        return _fitted_axis(least, most, top)
    high = top or _multiple(ROOM * most) or 1.0
    return Axis(low=0.0, high=high, ticks=_multiples(0.0, high))


def epoch_axis(first: float, last: float) -> Axis:
    """An axis from the first to the last epoch; of a single one, with room on both sides."""
    low, high = float(floor(first + CLOSE)), float(ceil(last - CLOSE))
    if low == high:
        low, high = low - 1, high + 1
    return Axis(low=low, high=high, ticks=[at for at in _multiples(low, high) if at == int(at)])


def scaled_axis(axis: Axis, factor: float) -> Axis:
    """The same stretch in other units, of which `factor` make one of the axis."""
    low, high = axis.low * factor, axis.high * factor
    return Axis(low=low, high=high, ticks=[at for at in _multiples(low, high) if at == int(at)])


def tick_words(value: float) -> str:
    """`0.05`, `20,000`, `1e-5`."""
    if value == 0 or SMALLEST <= abs(value) < LARGEST:
        return f"{value:,g}"
    mantissa, power = f"{value:.3e}".split("e")
    return f"{float(mantissa):g}e{int(power)}"


def finite(values: Sequence[float]) -> list[float]:
    return [value for value in values if isfinite(value)]


def _fitted_axis(least: float, most: float, top: float | None) -> Axis:
    margin = (ROOM - 1) * (most - least)
    step = _step(most - least)
    low = max(floor((least - margin) / step), 0) * step
    high = ceil((most + margin) / step) * step
    high = min(high, top) if top else high
    return Axis(low=low, high=high, ticks=_multiples(low, high, step))


def _log_axis(least: float, most: float) -> Axis:
    least, most = least / LOG_ROOM, most * LOG_ROOM
    first, last = floor(log10(least)), ceil(log10(most))
    marks = [step * 10.0**power for power in range(first, last + 1) for step in LOG_STEPS]
    low = max(mark for mark in marks if mark <= least * (1 + CLOSE))
    high = min(mark for mark in marks if mark >= most * (1 - CLOSE))
    inside = [mark for mark in marks if low <= mark <= high]
    if log10(high / low) > DECADES:
        powers = range(ceil(log10(low) - CLOSE), floor(log10(high) + CLOSE) + 1)
        inside = [10.0**power for power in powers[:: ceil(len(powers) / MOST)]]
    return Axis(low=low, high=high, ticks=inside, is_log=True)


def _multiple(value: float) -> float:
    """The first multiple of a step that is no less."""
    step = _step(value)
    return ceil(value / step - CLOSE) * step if step else 0.0


def _multiples(low: float, high: float, step: float | None = None) -> list[float]:
    step = step or _step(high - low)
    return [i * step for i in range(ceil(low / step - CLOSE), floor(high / step + CLOSE) + 1)]


def _step(extent: float) -> float:
    """The distance of ticks so that not more than so many fit."""
    if extent <= 0:
        return 0.0
    power = 10.0 ** floor(log10(extent / MOST))
    return next(step * power for step in STEPS if step * power * MOST >= extent * (1 - CLOSE))
