"""The source as a tree: expressions and statements. `printer` turns them into text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from archcompile.ops import Call

# ---- expressions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A bracketed list: `layers.Conv2D(`, the arguments, `)`, and perhaps `(x)` behind it.

    An item is a prefix (`name=`, or nothing) and the expression that follows it.
    """

    head: str
    items: tuple[tuple[str, "Expr"], ...]
    tail: str
    then: "Group | None" = None


@dataclass(frozen=True, slots=True)
class CodeChoice:
    """`first if test else rest`."""

    first: str
    test: str
    rest: str


Expr = str | Group | CodeChoice


@dataclass(frozen=True, slots=True)
class Written:
    """A setting of a call that is an expression already."""

    text: Expr


# ---- statements ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """Text that is printed as it is: an import, a comment, an empty line."""

    text: str


@dataclass(frozen=True, slots=True)
class Assign:
    """`target = value`; a comment stands behind it where it fits, else above."""

    target: str
    value: Expr
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """`return value`."""

    value: Expr
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression for what it does; a comment stands behind it where it fits, else above."""

    value: Expr
    comment: str = ""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A heading that ends in a colon, and what stands indented below it: `if`, `for` or `def`."""

    heading: Expr
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class TableLoop:
    """`for variables in [`, a row with a comment on each line, `]:` and the body."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Expr, str], ...]
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLoop:
    """`for unit, variables in enumerate([`, the rows, `], start=…):` and the body."""

    variables: tuple[str, ...]
    rows: tuple[Expr, ...]
    start: int
    body: tuple["Statement", ...]


Statement = Line | Assign | Return | Evaluate | CodeBlock | TableLoop | UnitLoop
EMPTY = Line("")


def apart(definition: Statement) -> tuple[Statement, ...]:
    """A definition behind the two empty lines that belong before it."""
    return EMPTY, EMPTY, definition


# ---- building expressions ------------------------------------------------------------------------


def bracket(head: str, items: Iterable[Expr], tail: str) -> Group:
    """Items without prefixes between brackets."""
    return Group(head=head, items=tuple(("", item) for item in items), tail=tail)


def one_line(expr: Expr) -> str:
    """An expression on one line."""
    if isinstance(expr, str):
        return expr
    if isinstance(expr, CodeChoice):
        return f"{expr.first} if {expr.test} else {expr.rest}"
    items = ", ".join(prefix + one_line(item) for prefix, item in expr.items)
    return expr.head + items + expr.tail + (one_line(expr.then) if expr.then else "")


def literal(value: Any) -> Expr:
    """A setting as Python writes it; a `Call` becomes a call under `keras`."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, Call):
        return apply(f"keras.{value.path}", value.kwargs.items())
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, tuple | list):
        inner = ", ".join(one_line(literal(item)) for item in value)
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


def quote(text: str) -> str:
    """Text as a literal, with what cannot be printed escaped.

    It has double quotes, unless single ones need fewer escapes.
    """
    inner = "".join(_escape(c) for c in text)
    if text.count('"') > text.count("'"):
        return "'" + inner.replace("'", "\\'") + "'"
    return '"' + inner.replace('"', '\\"') + '"'


def _escape(char: str) -> str:
    if char == "\\":
        return "\\\\"
    return char if char.isprintable() else char.encode("unicode_escape").decode()
