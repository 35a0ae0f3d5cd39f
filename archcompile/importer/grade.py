"""A number that rises evenly from unit to unit, as the rate of stochastic depth does, as an expression over `unit_index`."""

from collections.abc import Iterator, Sequence
from typing import Any

from archcompile.spec.expr import parse

LEAST = 3  # different values that make a rule of it
DIGITS = 6  # of the factor that an author has written
NEAR = range(-2, 4)  # whose count the author divided by may differ from ours by so much


def grade(values: Sequence[Any], places: Sequence[int], count: int) -> str | None:
    """An expression that gives each unit its value to the last bit; `places` are what `unit_index` is there."""
    if not all(isinstance(value, float) for value in values) or len(set(values)) < LEAST:
        return None
    return next((text for text in _expressions(values, places, count) if _holds(text, values, places, count)), None)


def _expressions(values: Sequence[float], places: Sequence[int], count: int) -> Iterator[str]:
    for before, words in ((0, "unit_index"), (1, "(unit_index - 1)")):
        if places[-1] > before:
            slope = values[-1] / (places[-1] - before)
            yield f"$({round(slope * count, DIGITS)!r} * {words} / unit_count)"
            yield from (f"$({round(slope * (count + more), DIGITS)!r} * {words} / {count + more})" for more in NEAR)


def _holds(text: str, values: Sequence[float], places: Sequence[int], count: int) -> bool:
    expression = parse(text)
    return all(float(expression({"unit_index": place, "unit_count": count})) == value
               for place, value in zip(places, values, strict=True))  # fmt: skip
