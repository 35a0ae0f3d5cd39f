"""The facts: names that expressions see besides variables and arguments, and what to write where one is not known."""

from collections.abc import Container

SHAPE_FACTS = ("in_height", "in_width", "in_channels")
UNIT_FACTS = ("index", "repeat", "unit_index", "unit_count")
TURN_FACTS = ("turn", "turns")
RULE_FACTS = ("out_channels", "stride", "shape_changes")


def fact_hint(name: str, known: Container[str]) -> str | None:
    """Why a fact has no value where the names `known` have one; None for other names."""
    if name in ("index", "repeat"):
        return ("`index` and `repeat` are those of a stage's unit, and there is none here; "
                "the values of a step see its own repetition as `turn` of `turns`")  # fmt: skip
    if name in TURN_FACTS:
        return ("`turn` and `turns` are known in the values of a step alone, not in its `if` and `repeat`; "
                "a block gets them as arguments, and a stage's unit is `index` of `repeat`")  # fmt: skip
    if name in ("unit_index", "unit_count"):
        return f"`{name}` counts the units of stages whose block has a `shortcut` step"
    if name in ("in_height", "in_width") and "in_channels" in known:
        return "a vector has `in_channels` alone"
    return None
