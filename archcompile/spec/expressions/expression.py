"""The expressions of the language: `$name` and `$(...)`, a small closed grammar without `eval`.

    value   = "$" NAME | "$(" expr ")" ;
    expr    = or [ "if" or "else" expr ] ;
    or      = and { "or" and } ;      and  = not { "and" not } ;      not = "not" not | compare ;
    compare = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) sum ] ;
    sum     = term { ( "+" | "-" ) term } ;
    term    = factor { ( "*" | "/" | "//" | "%" ) factor } ;
    factor  = "-" factor | atom ;
    atom    = NUMBER | "'" text "'" | "true" | "false" | NAME
            | FUNC "(" expr { "," expr } ")" | "(" expr ")" ;

Arithmetic on whole numbers is exact: 7 / 2 is the fraction 7/2. `if`, `and`, `or` evaluate only the
side they expect.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archcompile.limits import MAX_EXPRESSION_DEPTH, MAX_NUMBER, MAX_TOKENS
from archcompile.spec.expressions.arithmetic import (
    ARITHMETIC,
    FUNCTIONS,
    Env,
    ExpressionError,
    Value,
    apply,
    check_bounds,
    holds,
    numeric,
    value_words,
)
from archcompile.spec.expressions.name_hints import function_hint, name_hint

Tree = tuple[Any, ...]  # (operator, operand, …)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: nested tuples (operator, operand, …), and the names it refers to."""

    text: str
    tree: Tree
    names: frozenset[str]

    def __call__(self, env: Env) -> Value:
        """The value under `env`. Raises ExpressionError."""
        return check_bounds(_evaluate(self.tree, env))


def is_expression(value: object) -> bool:
    return isinstance(value, str) and value.startswith("$")


def is_function(word: str) -> bool:
    """Whether an expression may call something by this name."""
    return word in FUNCTIONS


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Parse a scalar that starts with `$`.

    Raises ExpressionError (bad-expression, unquoted-comma, unknown-function).
    """
    if re.fullmatch(r"\$[A-Za-z_][A-Za-z0-9_]*", text):
        return Expression(text, ("name", text[1:]), frozenset((text[1:],)))
    if not text.startswith("$("):
        raise ExpressionError(
            "bad-expression",
            f"'{text}' is not an expression",
            "write `$name` or `$(…)`, alone in its value",
        )
    if text.count("(") != text.count(")"):
        if text.count("(") > text.count(")"):
            raise ExpressionError(
                "unquoted-comma",
                f"the parentheses of '{text}' do not balance",
                'inside { } or [ ] an expression with a comma needs quotes: "$(max(1, n))"',
            )
        raise ExpressionError("bad-expression", f"the parentheses of '{text}' do not balance")
    if not text.endswith(")"):
        raise ExpressionError(
            "bad-expression",
            f"there is text after the expression '{text}'",
            "an expression is always the whole value",
        )
    parser = _Parser(_tokens(text[2:-1], text), text)
    return Expression(text, parser.whole(), frozenset(parser.names))


_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+(?:[eE][-+]?\d+)?)"
    r"|(?P<word>[A-Za-z_]\w*)|'(?P<text>[^']*)'|(?P<sign>//|==|!=|<=|>=|[-+*/%<>(),]))",
    re.ASCII,
)
_KEYWORDS = ("if", "else", "and", "or", "not")
# what can name no variable and no argument
EXPRESSION_WORDS = (
    *_KEYWORDS,
    "true",
    "false",
    *FUNCTIONS,
)
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_NO_POWER = "there is no power operator: write `a * a`"
_NO_SIGNS = {  # what other languages have
    "$": "inside `$(…)` names are written without `$`",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    "~": "write `not`",
    "=": "equality is `==`",
    "^": _NO_POWER,
    "[": "there are no lists",
    '"': "strings are written in single quotes: 'relu'",
    "?": "write `a if condition else b`",
    ":": "write `a if condition else b`",
    ".": "names have no parts: there are only variables, arguments and facts",
}


def _tokens(text: str, whole: str) -> list[tuple[str, str]]:
    """The numbers, words, texts and signs of an expression, each with its kind."""
    tokens: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if not match:
            rest = text[position:].strip()
            hint = next((hint for sign, hint in _NO_SIGNS.items() if rest.startswith(sign)), None)
            raise ExpressionError(
                "bad-expression", f"'{rest[:20]}' is not part of the expression {whole}", hint
            )
        kind = match.lastgroup or "sign"
        tokens.append((kind, match.group(kind)))
        position = match.end()
        if len(tokens) > MAX_TOKENS:
            raise ExpressionError(
                "bad-expression", f"an expression of more than {MAX_TOKENS} parts"
            )
    return tokens


class _Parser:
    """Recursive descent over at most MAX_TOKENS tokens."""

    def __init__(self, tokens: list[tuple[str, str]], text: str):
        self.tokens, self.text = tokens, text
        self.at = self.depth = 0
        self.names: set[str] = set()

    def whole(self) -> Tree:
        tree = self.expression()
        if self.at < len(self.tokens):
            raise self.wrong(f"did not expect '{self.tokens[self.at][1]}'")
        return tree

    def wrong(self, message: str, hint: str | None = None) -> ExpressionError:
        return ExpressionError("bad-expression", f"{message} in {self.text}", hint)

    def take(self, *signs: str) -> str | None:
        if self.at < len(self.tokens):
            kind, value = self.tokens[self.at]
            if value in signs and (kind == "sign" or (kind == "word" and value in _KEYWORDS)):
                self.at += 1
                return value
        return None

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise self.wrong(f"expected '{sign}'")

    def expression(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_EXPRESSION_DEPTH:
            raise ExpressionError(
                "bad-expression", f"an expression nested deeper than {MAX_EXPRESSION_DEPTH}"
            )
        value = self.chain(("or",), lambda: self.chain(("and",), self.negation))
        if self.take("if"):
            condition = self.chain(("or",), lambda: self.chain(("and",), self.negation))
            self.expect("else")
            value = ("if", condition, value, self.expression())
        self.depth -= 1
        return value

    def chain(self, signs: tuple[str, ...], operand: Callable[[], Tree]) -> Tree:
        value = operand()
        while sign := self.take(*signs):
            value = (sign, value, operand())
        return value

    def negation(self) -> Tree:
        count = 0
        while self.take("not"):
            count += 1
        value = self.comparison()
        if count == 0:
            return value
        negated = ("not", value)
        return negated if count % 2 else ("not", negated)

    def comparison(self) -> Tree:
        value = self.sum()
        sign = self.take(*_COMPARISONS)
        compared = (sign, value, self.sum()) if sign else value
        if sign and self.take(*_COMPARISONS):
            raise self.wrong(
                "a comparison of more than two values", "compare two at a time: `a < b and b < c`"
            )
        return compared

    def sum(self) -> Tree:
        return self.chain(("+", "-"), lambda: self.chain(("*", "/", "//", "%"), self.factor))

    def factor(self) -> Tree:
        negative = False
        while self.take("-"):
            negative = not negative
        return ("negative", self.atom()) if negative else self.atom()

    def atom(self) -> Tree:
        if self.take("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if self.at >= len(self.tokens):
            raise self.wrong("a value is missing at the end")
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return ("value", _number(value))
        if kind == "text":
            return ("value", value)
        if kind == "sign" or value in _KEYWORDS:
            is_power = value == "*" and self.at >= 2 and self.tokens[self.at - 2][1] == "*"
            raise self.wrong(f"did not expect '{value}'", _NO_POWER if is_power else None)
        if value in ("true", "false"):
            return ("value", value == "true")
        if self.take("("):
            return self.function(value)
        self.names.add(value)
        return ("name", value)

    def function(self, name: str) -> Tree:
        if name not in FUNCTIONS:
            raise ExpressionError(
                "unknown-function", f"there is no function '{name}'", function_hint(name, FUNCTIONS)
            )
        arguments = [self.expression()]
        while self.take(","):
            arguments.append(self.expression())
        self.expect(")")
        least, most = FUNCTIONS[name][1]
        if not least <= len(arguments) <= most:
            expected = f"{least}" if least == most else f"{least} or more"
            values = "value" if most == 1 else "values"
            raise self.wrong(f"{name}: expected {expected} {values}, got {len(arguments)},")
        return ("call", name, tuple(arguments))


def _number(text: str) -> int | float:
    value = float(text)
    if value > MAX_NUMBER:
        raise ExpressionError("out-of-range", f"the number {text[:20]} is beyond 1e15")
    # Python refuses to read thousands of zeros
    return int(text.lstrip("0") or "0") if text.isdigit() else value


# ---- evaluation ----------------------------------------------------------------------------------


def _evaluate(tree: Tree, env: Env) -> Value:
    """The value of a parsed expression."""
    operator, *operands = tree
    match operator:
        case "value":
            value: Value = operands[0]
            return value
        case "name":
            if operands[0] not in env:
                raise ExpressionError(
                    "unknown-name",
                    f"'{operands[0]}' is not known here",
                    name_hint(operands[0], env),
                )
            named: Value = env[operands[0]]
            return named
        case "if":
            return _evaluate(operands[1] if _is_true(operands[0], env, "if") else operands[2], env)
        case "and":
            return _is_true(operands[0], env, "and") and _is_true(operands[1], env, "and")
        case "or":
            return _is_true(operands[0], env, "or") or _is_true(operands[1], env, "or")
        case "not":
            return not _is_true(operands[0], env, "not")
        case "negative":
            negated: Value = -numeric(_evaluate(operands[0], env), "-")
            return negated
        case "call":
            function, _ = FUNCTIONS[operands[0]]
            values = [numeric(_evaluate(argument, env), operands[0]) for argument in operands[1]]
            return apply(lambda: function(*values))
        case "==" | "!=" | "<" | "<=" | ">" | ">=":
            return holds(operator, _evaluate(operands[0], env), _evaluate(operands[1], env))
    left, right = (numeric(_evaluate(operand, env), operator) for operand in operands)
    return check_bounds(apply(lambda: ARITHMETIC[operator](left, right)))


def _is_true(tree: Tree, env: Env, operator: str) -> bool:
    """Whether an operand of `operator` is true. Raises ExpressionError where it is a number."""
    value = _evaluate(tree, env)
    if not isinstance(value, bool):
        raise ExpressionError(
            "bad-expression", f"`{operator}`: expected true or false, got {value_words(value)}"
        )
    return value
