"""Python text as `ruff format` leaves it: 88 columns, double quotes, an argument a line where a
call does not fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from archcompile.ops import Call

WIDTH = 88  # ruff's default
INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What stands between brackets, with what goes before and behind: `layers.Conv2D(`, arguments,
    `)`, and perhaps `(x)`.

    An item is a prefix (`name=`, or nothing) and what follows it.
    """

    head: str
    items: tuple[tuple[str, "Expr"], ...]
    tail: str
    then: "Group | None" = None


@dataclass(frozen=True, slots=True)
class Choice:
    """`first if test else rest`."""

    first: str
    test: str
    rest: str


Expr = str | Group | Choice


@dataclass(frozen=True, slots=True)
class Written:
    """A setting that is text already."""

    text: Expr


def flat(expr: Expr) -> str:
    """An expression on one line."""
    if isinstance(expr, str):
        return expr
    if isinstance(expr, Choice):
        return f"{expr.first} if {expr.test} else {expr.rest}"
    whole = expr.head + ", ".join(prefix + flat(item) for prefix, item in expr.items) + expr.tail
    return whole + flat(expr.then) if expr.then else whole


def lines(expr: Expr, depth: int, prefix: str = "", *, suffix: str = "") -> list[str]:
    """An expression at an indentation, on one line where it fits, else an item a line."""
    start = INDENT * depth
    whole = start + prefix + flat(expr) + suffix
    if isinstance(expr, str) or len(whole) <= WIDTH:
        return [whole]
    if isinstance(expr, Choice):
        return [
            f"{start}{prefix}{expr.first}",
            f"{start}if {expr.test}",
            f"{start}else {expr.rest}{suffix}",
        ]
    if not expr.items:
        return [whole]
    inner = [line for name, item in expr.items for line in lines(item, depth + 1, name, suffix=",")]
    end = (
        [start + expr.tail + suffix]
        if expr.then is None
        else lines(expr.then, depth, expr.tail, suffix=suffix)
    )
    return [start + prefix + expr.head, *inner, *end]


def statement(
    expr: Expr, depth: int, prefix: str = "", *, comment: str = "", suffix: str = ""
) -> list[str]:
    """The same with a comment: behind it where that fits, else above."""
    found = lines(expr, depth, prefix, suffix=suffix)
    if not comment:
        return found
    if len(found) == 1 and len(f"{found[0]}  # {comment}") <= WIDTH:
        return [f"{found[0]}  # {comment}"]
    return [f"{INDENT * depth}# {comment}", *found]


def literal(value: Any) -> Expr:
    """A setting as Python writes it; a `Call` becomes a call under `keras`."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, Call):
        return apply(f"keras.{value.path}", value.kwargs.items())
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, tuple | list):
        inner = ", ".join(flat(literal(item)) for item in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def apply(function: str, settings: Iterable[tuple[str, Any]]) -> Group:
    """A call with named arguments, whose values are plain data."""
    return Group(
        head=f"{function}(",
        items=tuple((f"{key}=", literal(value)) for key, value in settings),
        tail=")",
    )


def quoted(text: str) -> str:
    """Text as a literal: double quotes, unless single ones need fewer escapes. Whatever cannot be
    printed is escaped.
    """
    inner = "".join(_escaped(c) for c in text)
    if text.count('"') > text.count("'"):
        return "'" + inner.replace("'", "\\'") + "'"
    return '"' + inner.replace('"', '\\"') + '"'


def _escaped(char: str) -> str:
    if char == "\\":
        return "\\\\"
    return char if char.isprintable() else char.encode("unicode_escape").decode()
