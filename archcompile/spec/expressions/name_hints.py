"""Hints for names in expressions: facts not known there, hidden variables, foreign functions."""

from collections.abc import Collection

from archcompile.errors import did_you_mean, list_known, nearest

_IN_RULES = "it is known in shortcut rules; a block has what its `args` name"
_IN_UNITS = (
    "it is that of a stage's unit, and there is none here; the values of a step see its "
    "repetition as `turn` of `turns`, which a block used as a step gets as arguments"
)
_IN_STEPS = (
    "it is known in the values of a step, not in its `if` and `repeat`; a block gets it as an "
    "argument, and a stage's unit is `index` of `repeat`"
)
_JOINING = "it is known in stages whose block has a `shortcut` step"
_OF_MAPS = (
    "it is known where the input is a map; after `flatten` or a global pool there are only channels"
)
_OF_SHAPES = "variables, `input`, `defaults` and the choice of a rule do not see shapes"

FACT_LIKE = 0.85  # how like a fact a word must be: `width` is no typo of `in_width`
WHERE_FACTS_ARE = {
    "in_height": _OF_MAPS,
    "in_width": _OF_MAPS,
    "in_channels": _OF_SHAPES,
    "index": _IN_UNITS,
    "repeat": _IN_UNITS,
    "unit_index": _JOINING,
    "unit_count": _JOINING,
    "turn": _IN_STEPS,
    "turns": _IN_STEPS,
    "out_channels": _IN_RULES,
    "stride": _IN_RULES,
    "shape_changes": _IN_RULES,
}

FUNCTIONS_ELSEWHERE = {
    "int": "`floor`, `ceil` and `round` make whole numbers",
    "trunc": "`floor`, `ceil` and `round` make whole numbers",
    "abs": "write `max(x, -x)`",
    "sum": "write `a + b`",
    "exp": "there is `pow(a, b)`",
    "log": "there are no logarithms",
    "log2": "there are no logarithms",
    "float": "omit it: numbers are exact, and whole ones may stand for others",
    "len": "there are no lists",
    "range": "there are no lists: `index` and `repeat` count the units of a stage, `turn` and "
    "`turns` a step's repetitions",
}


def name_hint(name: str, known: Collection[str]) -> str:
    """For a name that is not known where it stands: where a fact is known, else the nearest."""
    if name in WHERE_FACTS_ARE:
        return WHERE_FACTS_ARE[name]
    if name.lower() in ("true", "false"):
        return f"write `{name.lower()}`"
    given = [word for word in known if word not in WHERE_FACTS_ARE]
    near = nearest(name, given) or nearest(name, known, FACT_LIKE)
    return f"did you mean `{near}`?" if near else list_known(known, "known here")


def function_hint(name: str, known: Collection[str]) -> str:
    return FUNCTIONS_ELSEWHERE.get(name) or did_you_mean(name, known)


def hand_over_hint(name: str, kind: str, block: str, *, is_rule: bool) -> str:
    """How a block or rule gets the value of a variable, which it does not see.

    `kind` is the type of the argument.
    """
    owner, use = "block", f"`{name}: ${name}` in the row"
    if is_rule:
        owner, use = "rule", f"`shortcut: {{{block}: {{{name}: ${name}}}}}`"
    return f"pass it on: `args: {{{name}: {kind}}}` in the {owner}, and {use}"
