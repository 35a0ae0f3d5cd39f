"""The facts: names that expressions see besides variables and arguments, and what each means.

`name_hints` says where each is known.
"""

from collections.abc import Mapping

UNIT_FACTS = ("index", "repeat", "unit_index", "unit_count")
TURN_FACTS = ("turn", "turns")
RULE_FACTS = ("out_channels", "stride", "shape_changes")


def shape_facts(point: str) -> tuple[str, str, str]:
    """The facts of the shape at a point: `in` for where a list starts, or an input's name."""
    return f"{point}_height", f"{point}_width", f"{point}_channels"


SHAPE_FACTS = shape_facts("in")

FACT_MEANINGS: Mapping[str, str] = {
    "in_height": "the height of the map at the start of this list or unit",
    "in_width": "the width of the map at the start of this list or unit",
    "in_channels": "the channels at the start of this list or unit",
    "index": "this unit's place in its stage, from 1",
    "repeat": "the number of units in this stage",
    "unit_index": "this unit's place among those of all stages that join, from 1",
    "unit_count": "the number of units in all stages that join",
    "turn": "which repetition of this step it is, from 1",
    "turns": "the number of repetitions of this step",
    "out_channels": "the channels at the end of the branch that is joined",
    "stride": "by how much the map shrinks from the start of the branch to its end",
    "shape_changes": "whether the branch ends in another shape than it started from",
}
