"""Expressions: values, errors with their codes, limits, and a comparison with Python's own
arithmetic.
"""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcompile.limits import MAX_EXPRESSION_DEPTH, MAX_TOKENS
from archcompile.spec.expressions.arithmetic import Choice, ExpressionError
from archcompile.spec.expressions.expression import is_expression, parse

ENV: dict[str, Any] = {
    "a": 7,
    "b": 2,
    "x": 0.5,
    "yes": True,
    "no": False,
    "word": "relu",
    "third": Fraction(1, 3),
    "act": Choice("relu", ("relu", "tanh")),
    "nothing": None,
    "list": [1, 2],
}

VALUES: dict[str, Any] = {
    "$a": 7, "$(a)": 7, "$( a )": 7, "$(a + b)": 9, "$(a-b)": 5, "$(a * b)": 14,
    "$(a / b)": Fraction(7, 2), "$(a // b)": 3,
    "$(a % b)": 1, "$(-a // b)": -4, "$(-a % b)": 1, "$(6 / 3)": 2, "$(1 / 3 * 3)": 1,
    "$(1 / 3 + 2 / 3)": 1,
    "$(2 + 3 * 4)": 14, "$((2 + 3) * 4)": 20, "$(10 - 3 - 2)": 5, "$(100 / 10 / 2)": 5, "$(--a)": 7,
    "$(- - -a)": -7,
    "$(a - -b)": 9, "$(1e-4)": 1e-4, "$(1e3)": 1000.0, "$(.5 + 1.)": 1.5, "$(x * a)": 3.5,
    "$(a / x)": 14.0, "$(07)": 7,
    "$(a > b)": True, "$(a == 7.0)": True, "$(a / b == 3.5)": True,
    "$(a != b and b < a or no)": True, "$(not yes)": False,
    "$(not not yes)": True, "$(not a > b)": False, "$(yes == not no)": ExpressionError,
    "$(true)": True, "$(false)": False,
    "$(1 if yes else 2)": 1, "$(1 if no else 2 if no else 3)": 3, "$((1 if no else 2) + 1)": 3,
    "$(word)": "relu", "$('a b')": "a b", "$(word == 'relu')": True, "$(act == 'tanh')": False,
    "$(act != 'tanh')": True,
    "$(a >= 7)": True, "$(a >= 8)": False, "$(a > 7)": False, "$(a > 6)": True, "$(a <= 7)": True,
    "$(a <= 6)": False, "$(a < 7)": False,
    "$(a < 8)": True, "$(yes != no)": True, "$(min(a, b))": 2, "$(max(a, b, 9))": 9,
    "$(floor(7 / 2))": 3, "$(ceil(7 / 2))": 4,
    "$(floor(-7 / 2))": -4, "$(ceil(2.0))": 2, "$(max(third, 1 / 4))": Fraction(1, 3),
    "$(min(1, 2) + max(3, 4))": 5,
    # lazily: the side that is not needed may be nonsense
    "$(1 if yes else 1 / 0)": 1, "$(no and 1 / 0)": False, "$(yes or unknown)": True,
    # the rounding of MobileNet: nearest, halves up, at least k, a step up where more than 10 % are
    # lost
    "$(make_divisible(33, 8))": 32, "$(make_divisible(36, 8))": 40, "$(make_divisible(35, 8))": 32,
    "$(make_divisible(3, 8))": 8, "$(make_divisible(0, 8))": 8, "$(make_divisible(17, 8))": 16,
    "$(make_divisible(11, 8))": 16,
    "$(make_divisible(16 * 0.75, 8))": 16, "$(make_divisible(1280 * 1.4, 8))": 1792,
    "$(make_divisible(7 / 2, 1))": 4,
    "$(round(7 / 2))": 4, "$(round(-7 / 2))": -3, "$(round(2.49))": 2, "$(round(2.5))": 3,
    "$(sqrt(49))": 7, "$(sqrt(9 / 4))": Fraction(3, 2), "$(sqrt(2))": math.sqrt(2),
    "$(sqrt(6.25))": 2.5, "$(sqrt(0))": 0,
    "$(pow(2, 10))": 1024, "$(pow(2, -1))": Fraction(1, 2), "$(pow(1 / 2, 2))": Fraction(1, 4),
    "$(pow(2.0, 3))": 8.0, "$(pow(4, 0.5))": 2.0, "$(pow(4, 1 / 2))": 2.0, "$(pow(0, 0))": 1,
    "$(pick(1, a, b))": 7, "$(pick(b, a, b))": 2, "$(pick(1, word, 1 / 0))": "relu",
    "$(pick(2.0, 1 / 0, true, 'x'))": True,
    "$(1 < b < a)": True, "$(1 < a < b)": False, "$(b < a == a >= 7)": True,
    "$(a < b < 1 / 0)": False, "$(not 1 < b < a)": False,
}  # fmt: skip


@pytest.mark.parametrize("text", [t for t, v in VALUES.items() if v is not ExpressionError])
def test_values(text: str) -> None:
    actual = parse(text)(ENV)
    assert actual == VALUES[text] and type(actual) in (type(VALUES[text]), Choice)


ERRORS: dict[str, str] = {  # text -> code
    "$": "bad-expression", "$()": "bad-expression", "$(": "unquoted-comma", "$(a": "unquoted-comma",
    "$(max(1": "unquoted-comma",
    "$a)": "bad-expression", "$(a))": "bad-expression", "$a b": "bad-expression",
    "$a.b": "bad-expression", "$1": "bad-expression",
    "$(a) + 1": "bad-expression", "$(a) + (b)": "bad-expression", "${a}": "bad-expression",
    "$$a": "bad-expression",
    "$(a b)": "bad-expression", "$(a +)": "bad-expression", "$(+ a)": "bad-expression",
    "$(* a)": "bad-expression",
    "$(2 ** 3)": "bad-expression", "$(a = 7)": "bad-expression", "$(a & b)": "bad-expression",
    "$(a | b)": "bad-expression",
    "$(!yes)": "bad-expression", "$(if yes)": "bad-expression",
    "$(1 if yes)": "bad-expression",
    "$(and)": "bad-expression", "$(yes == not no)": "bad-expression", "$(a.b)": "bad-expression",
    "$(a[0])": "bad-expression",
    "$(a; b)": "bad-expression", "$(\"a\")": "bad-expression", "$('a)": "bad-expression",
    "$(0x10)": "bad-expression",
    "$(1_000)": "bad-expression", "$(1e)": "bad-expression", "$(lambda: 1)": "bad-expression",
    "$(é)": "bad-expression",
    "$(٣)": "bad-expression", "$(a, b)": "bad-expression", "$(min(1))": "bad-expression",
    "$(floor(1, 2))": "bad-expression",
    "$(min())": "bad-expression", "$(make_divisible(1))": "bad-expression",
    "$(1 / 0)": "bad-expression", "$(1 // 0)": "bad-expression", "$(1 % 0)": "bad-expression",
    "$(1.0 / 0)": "bad-expression",
    "$(make_divisible(5, 0))": "bad-expression", "$(make_divisible(5, 2.5))": "bad-expression",
    "$(make_divisible(5, -8))": "bad-expression",
    "$(sqrt(-1))": "bad-expression", "$(pow(-2, 0.5))": "bad-expression",
    "$(pow(0, -1))": "bad-expression", "$(pow(2, 101))": "out-of-range",
    "$(pow(10, 16))": "out-of-range", "$(pow(1e10, 100))": "out-of-range",
    "$(pick(0, 1, 2))": "bad-expression", "$(pick(3, 1, 2))": "bad-expression",
    "$(pick(3 / 2, 1, 2))": "bad-expression", "$(pick(word, 1, 2))": "bad-expression",
    "$(pick(1))": "bad-expression", "$(a < word < 3)": "bad-expression",
    "$(yes + 1)": "bad-expression", "$(word + 1)": "bad-expression", "$(-yes)": "bad-expression",
    "$(nothing + 1)": "bad-expression",
    "$(list + 1)": "bad-expression", "$(min(yes, 1))": "bad-expression",
    "$(floor(word))": "bad-expression",
    "$(1 if a else 2)": "bad-expression", "$(a and yes)": "bad-expression",
    "$(no or 1)": "bad-expression", "$(not 1)": "bad-expression",
    "$(word == 1)": "bad-expression", "$(yes == 1)": "bad-expression",
    "$(word < 'x')": "bad-expression", "$(yes < no)": "bad-expression",
    "$(act == 'gelu')": "wrong-type", "$('gelu' != act)": "wrong-type",
    "$(unknown)": "unknown-name", "$unknown": "unknown-name", "$(__import__)": "unknown-name",
    "$(no or unknown)": "unknown-name",
    "$(log(1))": "unknown-function", "$(__import__('os'))": "unknown-function",
    "$(a(1))": "unknown-function",
    "$(1e16)": "out-of-range", "$(1e999)": "out-of-range", f"$({'9' * 30})": "out-of-range",
    "$(1e15 * 2)": "out-of-range",
    "$(1e15 * 1e15 - 1e15 * 1e15)": "out-of-range", "$(-1e15 - 1)": "out-of-range",
    "$(1 / 999999999999999 / 3)": "out-of-range",
}  # fmt: skip


@pytest.mark.parametrize("text", ERRORS)
def test_errors(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)(ENV)
    assert caught.value.code == ERRORS[text]
    assert len(caught.value.message) > 10


def test_unknown_names_are_named_with_the_nearest() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("$(widht + 1)")({"width": 3})
    assert (caught.value.message, caught.value.hint) == (
        "'widht' is not known here",
        "did you mean `width`?",
    )


def test_a_choice_says_what_it_is_one_of() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("$(act == 'rleu')")(ENV)
    assert "rleu" in caught.value.message and caught.value.hint == "it is one of: relu, tanh"


def test_names() -> None:
    assert parse("$(a + max(b, c) if d == 'e' else not f)").names == {"a", "b", "c", "d", "f"}
    assert [is_expression(v) for v in ("$a", "a", "a$", 3, None)] == [
        True,
        False,
        False,
        False,
        False,
    ]


def test_limits() -> None:
    assert parse("$(" + "+".join("1" * (MAX_TOKENS // 2)) + ")")({}) == MAX_TOKENS // 2
    deep = MAX_EXPRESSION_DEPTH - 1
    assert parse("$(" + "(" * deep + "1" + ")" * deep + ")")({}) == 1
    for text in (
        "+".join("1" * (MAX_TOKENS // 2 + 1)),
        "(" * 40 + "1" + ")" * 40,
        "min(1, " * 40 + "1" + ")" * 40,
        "1 if true else " * 40 + "1",
        "-" * 300 + "1",
        "not " * 300 + "true",
    ):
        with pytest.raises(ExpressionError) as caught:
            parse(f"$({text})")
        assert caught.value.code == "bad-expression"
    assert parse("$(" + "-" * 150 + "1)")({}) == 1
    assert parse("$(" + "not " * 151 + "true)")({}) is False


# ---- against Python ------------------------------------------------------------------------------

NAMES = {"p": 3, "q": -5, "r": 12}


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(
        lambda t: f"({t[0]} {t[1]} {t[2]})"
    )
    loose = st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(" ".join)
    calls = st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
        lambda t: f"{t[0]}({t[1]}, {t[2]})"
    )
    chosen = st.tuples(
        inner, inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner
    ).map(lambda t: f"({t[0]} if {t[1]} {t[2]} {t[3]} else {t[4]})")
    return st.one_of(
        binary,
        loose,
        calls,
        chosen,
        inner.map(lambda t: f"-{t}"),
        inner.map(lambda t: f"floor({t})"),
    )


FORMULAS = st.recursive(
    st.one_of(st.integers(0, 50).map(str), st.sampled_from(sorted(NAMES))), grow, max_leaves=12
)


@given(FORMULAS)
def test_arithmetic_is_pythons_on_fractions(text: str) -> None:
    import math
    import re

    exact = re.sub(r"\d+", lambda m: f"F({m[0]})", text)
    try:
        expected = eval(
            exact,
            {"F": Fraction, "floor": lambda v: Fraction(math.floor(v))},
            {k: Fraction(v) for k, v in NAMES.items()},
        )
    except ZeroDivisionError:
        expected = None
    try:
        actual = parse(f"$({text})")(NAMES)
    except ExpressionError as error:
        assert expected is None or error.code == "out-of-range" or "nested deeper" in error.message
    else:
        assert actual == expected
        assert isinstance(actual, int) == (Fraction(expected).denominator == 1), (
            "whole values are whole numbers"
        )
