"""The facts: names that expressions see besides variables and arguments.

`name_hints` says where each is known.
"""

UNIT_FACTS = ("index", "repeat", "unit_index", "unit_count")
TURN_FACTS = ("turn", "turns")
RULE_FACTS = ("out_channels", "stride", "shape_changes")


def shape_facts(point: str) -> tuple[str, str, str]:
    """The facts of the shape at a point: `in` for where a list starts, or an input's name."""
    return f"{point}_height", f"{point}_width", f"{point}_channels"


SHAPE_FACTS = shape_facts("in")
