"""What drawings call a block that stands within another: its label, or its name and arguments."""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from archcompile.spec.expansion.node import InnerBlock
from archcompile.spec.expressions import Env, evaluate
from archcompile.spec.language import Block
from archcompile.spec.yaml import Scalar

WIDE, ELLIPSIS = 40, "\N{HORIZONTAL ELLIPSIS}"  # characters, before arguments are left out
# `$name`, or `$(…)` with at most one more level of parentheses
_PIECE = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\((?:[^()]|\([^()]*\))*\))")


def inner_block(block: Block, place: str, given: Iterable[str], *, env: Env) -> InnerBlock:
    """A block in its place within another one, which sees `env`; `given` names arguments.

    Raises SpecError where its label cannot be evaluated.
    """
    if block.label is not None:
        return InnerBlock(name=place, words=_fill(block.label, env), is_labelled=True)
    values = [f"{name} {_value_words(env[name])}" for name in given if name in block.arguments]
    words = [block.name]
    for value in values:
        words.append(value if len(", ".join([*words, value])) <= WIDE else ELLIPSIS)
        if words[-1] == ELLIPSIS:
            break
    return InnerBlock(name=place, words=", ".join(words), is_labelled=False)


def _fill(label: Scalar, env: Env) -> str:
    def value(piece: re.Match[str]) -> str:
        return _value_words(evaluate(Scalar(piece.group(), label.at), env))

    return _PIECE.sub(value, str(label.value))


def _value_words(value: Any) -> str:
    """A value as labels of ops write it: `0.25`, `3,1`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Fraction):
        return f"{float(value):.4g}" if value != int(value) else str(int(value))
    return ",".join(map(_value_words, value)) if isinstance(value, list) else str(value)
