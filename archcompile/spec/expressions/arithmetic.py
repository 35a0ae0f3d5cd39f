"""What expressions compute with: exact numbers, texts, truth values, and a few functions."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from archcompile.errors import list_known
from archcompile.limits import MAX_EXPONENT, MAX_NUMBER

Value = int | float | bool | str | Fraction
Env = Mapping[str, Value]


class ExpressionError(Exception):
    """A mistake in an expression; becomes a diagnostic where the place is known."""

    def __init__(self, code: str, message: str, hint: str | None = None):
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


class Choice(str):
    """The value of a choice argument, which knows what else it could have been."""

    options: tuple[str, ...]

    def __new__(cls, value: str, options: tuple[str, ...]) -> "Choice":
        self = super().__new__(cls, value)
        self.options = options
        return self


def make_divisible(value: float | Fraction, divisor: int) -> int:
    """The nearest multiple of `divisor`, halves up, at least `divisor`.

    It is one step higher where rounding would lose over 10 %.

    The rounding of MobileNet and EfficientNet (Sandler et al. 2018, in the authors' code).
    """
    if not isinstance(divisor, int) or divisor < 1:
        raise ExpressionError(
            "bad-expression",
            f"make_divisible: expected a whole divisor of at least 1, got {value_words(divisor)}",
        )
    rounded = max(divisor, (value + divisor / 2) // divisor * divisor)
    return int(rounded + divisor if rounded < 0.9 * value else rounded)


def square_root(value: Any) -> Any:
    """Exact where the number is a square of whole numbers or their quotients."""
    if value < 0:
        raise ExpressionError(
            "bad-expression", f"sqrt: expected a number of at least 0, got {value_words(value)}"
        )
    if isinstance(value, float):
        return math.sqrt(value)
    exact = Fraction(value)
    root = Fraction(math.isqrt(exact.numerator), math.isqrt(exact.denominator))
    return root if root * root == exact else math.sqrt(exact)


def power(base: Any, exponent: Any) -> Any:
    """Exact for numbers without a point and whole exponents."""
    if abs(exponent) > MAX_EXPONENT:
        raise ExpressionError(
            "out-of-range",
            f"pow: expected an exponent of at most {MAX_EXPONENT}, got {value_words(exponent)}",
        )
    is_exact = not isinstance(base, float) and Fraction(exponent).denominator == 1
    result = Fraction(base) ** int(exponent) if is_exact else float(base) ** float(exponent)
    if isinstance(result, complex):
        raise ExpressionError(
            "bad-expression",
            f"pow: expected a base of at least 0 for the exponent {value_words(exponent)}, got "
            f"{value_words(base)}",
        )
    return result


def round_half_up(value: float | Fraction) -> int:
    """The nearest whole number, halves up, as `make_divisible` rounds."""
    return math.floor(Fraction(value) + Fraction(1, 2))


def pick(place: Any, *values: Any) -> Any:
    """The value at a place, counted from 1 as `index` and `turn` are."""
    if place not in range(1, len(values) + 1):
        raise ExpressionError(
            "bad-expression",
            f"pick: expected a place from 1 to {len(values)}, got {value_words(place)}",
            "places count from 1, as `index` and `turn` do",
        )
    return values[int(place) - 1]


FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[int, float]]] = {
    "min": (min, (2, math.inf)),
    "max": (max, (2, math.inf)),
    "floor": (math.floor, (1, 1)),
    "ceil": (math.ceil, (1, 1)),
    "round": (round_half_up, (1, 1)),
    "sqrt": (square_root, (1, 1)),
    "pow": (power, (2, 2)),
    "make_divisible": (make_divisible, (2, 2)),
    "pick": (pick, (2, math.inf)),
}
# their values after the first may be anything, and are worked out only where they are chosen
LAZY = ("pick",)


def value_words(value: Value | None) -> str:
    """A value in words for a message: fractions as mixed numbers."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction) and value.denominator != 1:
        whole, rest = divmod(abs(value.numerator), value.denominator)
        sign = "-" if value < 0 else ""
        fraction = f"{rest}/{value.denominator}"
        return f"{sign}{whole} {fraction}" if whole else f"{sign}{fraction}"
    return f"'{value}'" if isinstance(value, str) else str(value)


def check_bounds(value: Value) -> Value:
    if isinstance(value, Fraction):
        if value.denominator > MAX_NUMBER:
            raise ExpressionError("out-of-range", "the value is a fraction finer than 1e-15")
        value = int(value) if value.denominator == 1 else value
    if (
        isinstance(value, int | float | Fraction)
        and not isinstance(value, bool)
        and not abs(float(value)) <= MAX_NUMBER
    ):
        raise ExpressionError("out-of-range", "the value is beyond 1e15")
    return value


def apply(compute: Callable[[], Value]) -> Value:
    try:
        return compute()
    except ZeroDivisionError:
        raise ExpressionError("bad-expression", "a division by zero") from None
    except OverflowError:
        raise ExpressionError("out-of-range", "the value is beyond 1e15") from None


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    return Fraction(left) / Fraction(right)


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def numeric(value: Value, operator: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        raise ExpressionError(
            "bad-expression", f"`{operator}`: expected numbers, got {value_words(value)}"
        )
    return value


def holds(operator: str, left: Value, right: Value) -> bool:
    """Whether a comparison holds. Raises ExpressionError for values that cannot be compared."""
    texts = isinstance(left, str), isinstance(right, str)
    bools = isinstance(left, bool), isinstance(right, bool)
    if (
        texts[0] != texts[1]
        or bools[0] != bools[1]
        or (operator not in ("==", "!=") and (texts[0] or bools[0]))
    ):
        raise ExpressionError(
            "bad-expression",
            f"`{operator}` cannot compare {value_words(left)} with {value_words(right)}",
        )
    for choice, value in ((left, right), (right, left)):
        if isinstance(choice, Choice) and str(value) not in choice.options:
            raise ExpressionError(
                "wrong-type",
                f"the value is never '{value}'",
                list_known(choice.options, "it is one of"),
            )
    return _COMPARE[operator](left, right)
