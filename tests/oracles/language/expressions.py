"""Expressions of the language: `$name` and `$(…)`, by recursive descent (docs/language.md, section
3).

Whole numbers and their quotients are exact; a number with a point or an exponent is a float, and so
is what is computed with it.
"""

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .errors import IllFormed

TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)
           |(?P<name>[A-Za-z_]\w*)
           |(?P<text>'[^']*')
           |(?P<sign>==|!=|<=|>=|//|[-+*/%<>(),]))""",
    re.VERBOSE,
)
WORDS = {"and", "or", "not", "if", "else", "true", "false"}
COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$")


def evaluate(text: str, scope: Mapping[str, Any]) -> Any:
    """The value of an expression. Its names must be known even where they are not computed."""
    value, names = understood(text)
    for name in names:
        if name not in scope:
            raise IllFormed(f"{name!r} is not known here")
    return value(scope)


@lru_cache(maxsize=4096)
def understood(text: str) -> tuple["Thunk", tuple[str, ...]]:
    """An expression as a function of what it sees, and the names in it."""
    body = text[1:]
    if body.startswith("("):
        if not body.endswith(")"):
            raise IllFormed(f"{text}: the parenthesis does not close")
        body = body[1:-1]
    elif not re.fullmatch(r"[A-Za-z_]\w*", body):
        raise IllFormed(f"{text}: neither $name nor $(…)")
    reader = Reader(split(body))
    value = reader.choice()
    if reader.rest():
        raise IllFormed(f"{text}: did not expect {reader.rest()[0]}")
    return value, tuple(reader.names)


def split(body: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    body = body.rstrip()
    while at < len(body):
        match = TOKEN.match(body, at)
        if match is None:
            raise IllFormed(f"{body[at:]!r} does not belong in an expression")
        kind = match.lastgroup or ""
        tokens.append((kind, match.group(kind)))
        at = match.end()
    return tokens


def tidy(value: Any) -> Any:
    """A quotient that comes out whole is a whole number."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def numbers(sign: str, *values: Any) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
            raise IllFormed(f"`{sign}` needs numbers, got {value!r}")


def truth(word: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise IllFormed(f"`{word}` needs true or false, got {value!r}")
    return value


def divide(first: Any, second: Any) -> Any:
    if isinstance(first, float) or isinstance(second, float):
        return first / second
    return tidy(Fraction(first) / Fraction(second))


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: tidy(a + b),
    "-": lambda a, b: tidy(a - b),
    "*": lambda a, b: tidy(a * b),
    "/": divide,
    "//": lambda a, b: tidy(a // b),
    "%": lambda a, b: tidy(a % b),
}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def make_divisible(number: Any, divisor: Any) -> Any:
    """The nearest multiple, at least one, and none that is more than ten per cent below (as in the
    MobileNets' code).
    """
    nearest = max(divisor, (number + divide(divisor, 2)) // divisor * divisor)
    if (
        nearest < Fraction(9, 10) * number
        if not isinstance(number, float)
        else nearest < 0.9 * number
    ):
        nearest += divisor
    return tidy(int(nearest) if isinstance(nearest, float) else nearest)


def root(number: Any) -> Any:
    """The exact root where there is one."""
    if number < 0:
        raise IllFormed("sqrt of a negative number")
    if not isinstance(number, float):
        exact = Fraction(number)
        parts = [math.isqrt(part) for part in (exact.numerator, exact.denominator)]
        if Fraction(*parts) ** 2 == exact:
            return Fraction(*parts)
    return math.sqrt(number)


def raise_to(number: Any, exponent: Any) -> Any:
    if abs(exponent) > 100:
        raise IllFormed("pow: an exponent over 100")
    if isinstance(number, float) or exponent != int(exponent):
        if number < 0 and exponent != int(exponent):
            raise IllFormed("pow: a root of a negative number")
        return float(number) ** float(exponent)
    return Fraction(number) ** int(exponent)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": lambda number: math.floor(Fraction(number) + Fraction(1, 2)),
    "sqrt": root,
    "pow": raise_to,
    "make_divisible": make_divisible,
}

FUNCTION_NAMES = {*FUNCTIONS, "pick"}  # which does not work all of its values out

Thunk = Callable[[Mapping[str, Any]], Any]


class Reader:
    """Reads tokens into functions, so that the side of a condition that is not taken is not
    computed.
    """

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at = tokens, 0
        self.names: list[str] = []

    def rest(self) -> list[str]:
        return [text for _, text in self.tokens[self.at :]]

    def sees(self, *texts: str) -> bool:
        return (
            self.at < len(self.tokens)
            and self.tokens[self.at][0] != "text"
            and self.tokens[self.at][1] in texts
        )

    def take(self, *texts: str) -> str:
        if not self.sees(*texts):
            raise IllFormed(f"expected one of {texts}, got {self.rest()[:1]}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def choice(self) -> Thunk:
        value = self.either()
        if not self.sees("if"):
            return value
        self.take("if")
        condition = self.either()
        self.take("else")
        otherwise = self.choice()
        return lambda scope: value(scope) if truth("if", condition(scope)) else otherwise(scope)

    def either(self) -> Thunk:
        value = self.both()
        while self.sees("or"):
            self.take("or")
            value = self.connect("or", value, self.both())
        return value

    def both(self) -> Thunk:
        value = self.negation()
        while self.sees("and"):
            self.take("and")
            value = self.connect("and", value, self.negation())
        return value

    @staticmethod
    def connect(word: str, first: Thunk, second: Thunk) -> Thunk:
        def run(scope: Mapping[str, Any]) -> bool:
            decided = truth(word, first(scope)) == (word == "or")
            return word == "or" if decided else truth(word, second(scope))

        return run

    def negation(self) -> Thunk:
        if not self.sees("not"):
            return self.comparison()
        self.take("not")
        value = self.negation()
        return lambda scope: not truth("not", value(scope))

    def comparison(self) -> Thunk:
        values, signs = [self.sum()], []
        while self.sees(*COMPARISONS):
            signs.append(self.take(*COMPARISONS))
            values.append(self.sum())
        if not signs:
            return values[0]

        def run(scope: Mapping[str, Any]) -> bool:
            links = zip(signs, values, values[1:], strict=False)
            return all(self.compare(sign, a(scope), b(scope)) for sign, a, b in links)

        return run

    @staticmethod
    def compare(sign: str, first: Any, second: Any) -> bool:
        if sign in ORDER:
            numbers(sign, first, second)
            return ORDER[sign](first, second)
        kinds = [isinstance(value, bool | str) and type(value) for value in (first, second)]
        if kinds[0] != kinds[1]:
            raise IllFormed(f"{first!r} is never {second!r}")
        return (first == second) == (sign == "==")

    def sum(self) -> Thunk:
        return self.chain(("+", "-"), self.product)

    def product(self) -> Thunk:
        return self.chain(("*", "/", "//", "%"), self.sign)

    def chain(self, signs: tuple[str, ...], operand: Callable[[], Thunk]) -> Thunk:
        value = operand()
        while self.sees(*signs):
            value = self.operate(self.take(*signs), value, operand())
        return value

    @staticmethod
    def operate(sign: str, first: Thunk, second: Thunk) -> Thunk:
        def run(scope: Mapping[str, Any]) -> Any:
            left, right = first(scope), second(scope)
            numbers(sign, left, right)
            try:
                return ARITHMETIC[sign](left, right)
            except ZeroDivisionError:
                raise IllFormed("division by zero") from None

        return run

    def sign(self) -> Thunk:
        if not self.sees("-"):
            return self.atom()
        self.take("-")
        value = self.sign()

        def run(scope: Mapping[str, Any]) -> Any:
            number = value(scope)
            numbers("-", number)
            return -number

        return run

    def atom(self) -> Thunk:
        if self.at >= len(self.tokens):
            raise IllFormed("the expression ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            number = int(text) if text.isdigit() else float(text)
            return lambda scope: number
        if kind == "text":
            return lambda scope: text[1:-1]
        if text == "(":
            value = self.choice()
            self.take(")")
            return value
        if kind != "name" or text in WORDS - {"true", "false"}:
            raise IllFormed(f"did not expect {text!r}")
        if text in ("true", "false"):
            return lambda scope: text == "true"
        return self.call(text) if self.sees("(") else self.look_up(text)

    def call(self, name: str) -> Thunk:
        if name not in FUNCTION_NAMES:
            raise IllFormed(f"there is no function {name!r}")
        self.take("(")
        values = [self.choice()]
        while self.sees(","):
            self.take(",")
            values.append(self.choice())
        self.take(")")

        def run(scope: Mapping[str, Any]) -> Any:
            if name == "pick":
                return self.pick(values[0](scope), values[1:])(scope)
            given = [value(scope) for value in values]
            numbers(name, *given)
            try:
                return tidy(FUNCTIONS[name](*given))
            except TypeError:
                raise IllFormed(f"{name} takes another number of values") from None

        return run

    @staticmethod
    def pick(place: Any, values: list[Thunk]) -> Thunk:
        """Places count from 1; the other values are not worked out."""
        numbers("pick", place)
        if place not in range(1, len(values) + 1):
            raise IllFormed(f"pick: there is no place {place}")
        return values[int(place) - 1]

    def look_up(self, name: str) -> Thunk:
        self.names.append(name)

        def run(scope: Mapping[str, Any]) -> Any:
            if scope[name] is None:
                raise IllFormed(f"{name!r} has no value here")
            return scope[name]

        return run
