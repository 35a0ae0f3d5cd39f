"""The words of the language: which steps may be written, and which names are taken."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from archcompile.ops import REGISTRY
from archcompile.spec.expressions import (
    RULE_FACTS,
    SHAPE_FACTS,
    TURN_FACTS,
    UNIT_FACTS,
    shape_facts,
)
from archcompile.spec.language import ROW_KEYS, SPLIT

ANY_STEP = ("name", "from", "if", "allow")
OP_ONLY = ("with", "branches", "repeat")  # `with` and `repeat` are those of a row, too
BLOCK_KEYS = ("about", "label", "inputs", "changes_shape", "args", "body", "allow")
POINTS = (
    "input",
    "block_input",
    "branch",
    "previous",
    "none",
)  # what may name no step and no stage
PLACE_KEYS = ("after", "steps")  # of a stage that a child puts in its place
RESERVED = (*POINTS, *ANY_STEP, *OP_ONLY, *ROW_KEYS, *PLACE_KEYS, "block")
UNIT_NAMES = "`b` and a number name the units of a stage; choose another name"
TYPES = ("int", "float", "bool", "str", "pair")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The steps that may be written: ops, the blocks in scope, and (in block bodies) `shortcut`."""

    blocks: Collection[str]
    is_in_block: bool = False
    is_in_rule: bool = False
    inputs: tuple[str, ...] = ()  # of the block whose body is read

    def all(self) -> list[str]:
        return [*REGISTRY, SPLIT, *self.blocks, *(["shortcut"] if self.is_in_block else [])]


def is_unit_name(name: str) -> bool:
    """Whether a name is that of a unit of a stage."""
    return re.fullmatch(r"b\d+", name) is not None


def facts_of(words: Words) -> tuple[str, ...]:
    """The facts a body sees, which no argument may be called like."""
    shapes = [fact for name in words.inputs for fact in shape_facts(name)]
    of_rules = RULE_FACTS if words.is_in_rule else ()
    return (*SHAPE_FACTS, *shapes, *UNIT_FACTS, *TURN_FACTS, *of_rules)
