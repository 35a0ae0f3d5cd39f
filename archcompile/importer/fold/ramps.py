"""A number that rises evenly from unit to unit, as an expression over `unit_index`.

The rate of stochastic depth is one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from archcompile.spec.expressions import parse

LEAST = 2  # different values; fewer make no rule
DIGITS = 3  # of the factor that an author has written
NEAR = range(-2, 4)  # how far the count that the author divided by may differ from ours
SHIFT = 8  # how far the place of a unit may


def ramp_of(values: Sequence[Any], places: Sequence[int], count: int) -> str | None:
    """An expression that gives each unit its value to the last bit.

    `places` are the values of `unit_index`.
    """
    if not all(isinstance(value, float) for value in values) or len(set(values)) < LEAST:
        return None
    for text in _expressions(values, places, count):
        if _holds(text, values, places, count=count):
            return text
    return None


def _expressions(values: Sequence[float], places: Sequence[int], count: int) -> Iterator[str]:
    slope = (values[-1] - values[0]) / (places[-1] - places[0])
    shift = round(values[0] / slope) - places[0] if slope else SHIFT + 1
    if abs(shift) > SHIFT:
        return
    place = "unit_index"
    if shift:
        place = f"(unit_index {'+' if shift > 0 else '-'} {abs(shift)})"
    yield f"$({round(slope * count, DIGITS)!r} * {place} / unit_count)"
    yield from (
        f"$({round(slope * (count + more), DIGITS)!r} * {place} / {count + more})"
        for more in NEAR
        if count + more > 0
    )


def _holds(text: str, values: Sequence[float], places: Sequence[int], *, count: int) -> bool:
    expression = parse(text)
    return all(
        float(expression({"unit_index": place, "unit_count": count})) == value
        for place, value in zip(places, values, strict=True)
    )
