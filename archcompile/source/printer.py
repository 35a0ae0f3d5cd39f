"""Prints the tree as `ruff format` would.

88 columns, double quotes, and one argument a line where a call does not fit.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from archcompile.source.syntax import (
    Assign,
    CodeBlock,
    CodeChoice,
    Evaluate,
    Expr,
    Group,
    Line,
    Return,
    Statement,
    TableLoop,
    UnitLoop,
    bracket,
    one_line,
)

WIDTH = 88  # ruff's default
INDENT = "    "


def print_statements(statements: Iterable[Statement], depth: int = 0) -> list[str]:
    """The lines of statements at an indentation."""
    return list(chain.from_iterable(_print_statement(each, depth) for each in statements))


def _print_statement(statement: Statement, depth: int) -> list[str]:
    match statement:
        case Line(text):
            return [INDENT * depth + text if text else ""]
        case Assign(target, value, comment):
            return _print_commented(value, depth, f"{target} = ", comment=comment)
        case Return(value, comment):
            return _print_commented(value, depth, "return ", comment=comment)
        case Evaluate(value, comment):
            return _print_commented(value, depth, comment=comment)
        case CodeBlock(heading, body):
            return [*print_expression(heading, depth), *print_statements(body, depth + 1)]
        case TableLoop():
            return _print_table_loop(statement, depth)
        case UnitLoop():
            return _print_unit_loop(statement, depth)


def _print_table_loop(loop: TableLoop, depth: int) -> list[str]:
    heading = f"{INDENT * depth}for {', '.join(loop.variables)} in ["
    if len(heading) <= WIDTH:
        text = [heading]
    else:
        text = print_expression(bracket("(", loop.variables, ") in ["), depth, "for ")
    for row, comment in loop.rows:
        text += _print_commented(row, depth + 1, comment=comment, suffix=",")
    return [*text, f"{INDENT * depth}]:", *print_statements(loop.body, depth + 1)]


def _print_unit_loop(loop: UnitLoop, depth: int) -> list[str]:
    values = Group(
        head="enumerate(",
        items=(("", bracket("[", loop.rows, "]")), ("start=", str(loop.start))),
        tail="):",
    )
    heading = f"for unit, {', '.join(loop.variables)} in "
    if len(loop.variables) > 1:
        heading = f"for unit, ({', '.join(loop.variables)}) in "
    if len(INDENT * depth + heading + values.head) <= WIDTH:
        text = print_expression(values, depth, heading)
    else:
        variables = bracket("for unit, (", loop.variables, ") in ")
        text = print_expression(replace(variables, then=values), depth)
    return [*text, *print_statements(loop.body, depth + 1)]


def print_expression(expr: Expr, depth: int, prefix: str = "", *, suffix: str = "") -> list[str]:
    """An expression at an indentation, on one line where it fits, else one item a line."""
    start = INDENT * depth
    whole = start + prefix + one_line(expr) + suffix
    if isinstance(expr, str) or len(whole) <= WIDTH:
        return [whole]
    if isinstance(expr, CodeChoice):
        return [
            f"{start}{prefix}{expr.first}",
            f"{start}if {expr.test}",
            f"{start}else {expr.rest}{suffix}",
        ]
    if not expr.items:
        return [whole]
    text = [start + prefix + expr.head]
    for name, item in expr.items:
        text += print_expression(item, depth + 1, name, suffix=",")
    if expr.then is None:
        return [*text, start + expr.tail + suffix]
    return [*text, *print_expression(expr.then, depth, expr.tail, suffix=suffix)]


def _print_commented(
    expr: Expr, depth: int, prefix: str = "", *, comment: str, suffix: str = ""
) -> list[str]:
    """An expression with a comment: behind it where that fits, else above."""
    text = print_expression(expr, depth, prefix, suffix=suffix)
    if not comment:
        return text
    if len(text) == 1 and len(f"{text[0]}  # {comment}") <= WIDTH:
        return [f"{text[0]}  # {comment}"]
    return [f"{INDENT * depth}# {comment}", *text]
