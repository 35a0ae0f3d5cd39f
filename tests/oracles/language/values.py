"""Values as written: with expressions in them, or of a certain kind."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .errors import IllFormed
from .expressions import evaluate, is_expression


def worked_out(value: Any, scope: Mapping[str, Any]) -> Any:
    """The value with every expression in it replaced by what it comes to."""
    if is_expression(value):
        return evaluate(value, scope)
    if isinstance(value, list):
        return [worked_out(item, scope) for item in value]
    if isinstance(value, dict):
        return {key: worked_out(item, scope) for key, item in value.items()}
    return value


def whole(value: Any, least: int | None = None) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | Fraction)
        or value != int(value)
    ):
        raise IllFormed(f"{value!r} is not a whole number")
    if least is not None and value < least:
        raise IllFormed(f"{value!r} is less than {least}")
    return int(value)


def number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        raise IllFormed(f"{value!r} is not a number")
    return float(value)


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise IllFormed(f"{value!r} is neither true nor false")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise IllFormed(f"{value!r} is not text")
    return value


def pair(value: Any, least: int = 1) -> tuple[int, int]:
    """n or [height, width]."""
    if not isinstance(value, list):
        return (whole(value, least),) * 2
    if len(value) != 2:
        raise IllFormed(f"{value!r} must be n or [height, width]")
    return whole(value[0], least), whole(value[1], least)


def whole_or_two(value: Any) -> Any:
    """A whole number, or a list of two, as it is given."""
    if not isinstance(value, list):
        return whole(value)
    if len(value) != 2:
        raise IllFormed(f"{value!r} is neither a whole number nor two")
    return [whole(item) for item in value]


def border(value: Any) -> tuple[int, int, int, int]:
    """n on every side, or [top, bottom, left, right]."""
    if not isinstance(value, list):
        value = [value] * 4
    if len(value) != 4:
        raise IllFormed(f"{value!r} must be n or [top, bottom, left, right]")
    top, bottom, left, right = (whole(item, 0) for item in value)
    return top, bottom, left, right
