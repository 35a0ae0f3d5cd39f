"""The facts: names that expressions see besides variables and arguments.

`name_hints` says where each is known.
"""

SHAPE_FACTS = ("in_height", "in_width", "in_channels")
UNIT_FACTS = ("index", "repeat", "unit_index", "unit_count")
TURN_FACTS = ("turn", "turns")
RULE_FACTS = ("out_channels", "stride", "shape_changes")
