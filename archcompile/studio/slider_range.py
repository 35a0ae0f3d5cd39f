"""How far a slider goes for a number, and which of its values are tried; its field takes any."""

from collections.abc import Iterator

STEPS = 12  # to either side that are tried for a value which makes a network


def slider_range(value: int | float) -> tuple[float, float, float]:
    """Least, greatest and step of a slider for a number like this."""
    if isinstance(value, int):
        return min(value, 1), max(2 * value, value + 10), 1
    reach = max(abs(value) * 2, 1.0)
    return min(0.0, 2 * value), reach, reach / 100


def values_beyond(
    value: int | float, before: int | float, ends: tuple[float, float, float]
) -> Iterator[int | float]:
    """A slider's value and further ones the way that it went from `before`, then those behind."""
    low, high, step = ends
    way = step if value >= before else -step
    yield value
    for direction in (way, -way):
        for steps in range(1, STEPS + 1):
            further = round(value + steps * direction, 10)
            if low <= further <= high:
                yield further
