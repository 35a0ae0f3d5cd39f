"""What may be called how (docs/language-details.md, section 8)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .arguments import arguments_and_steps, inputs_of
from .errors import IllFormed
from .expressions import FUNCTION_NAMES, WORDS
from .ops import OPS
from .rows import asks_for_a_rule, parts_of
from .scope import Library

FACTS = {
    "in_height",
    "in_width",
    "in_channels",
    "index",
    "repeat",
    "unit_index",
    "unit_count",
    "turn",
    "turns",
}
RULE_FACTS = {"out_channels", "stride", "shape_changes"}
KEYS = {
    "archc",
    "name",
    "about",
    "extends",
    "uses",
    "remove",
    "vars",
    "input",
    "defaults",
    "blocks",
    "shortcuts",
    "shortcut",
    "stem",
    "stages",
    "head",
    "outputs",
    "expect",
    "train",
    "allow",
}
LATER = {"after", "steps"}
POINTS = {"input", "block_input", "branch", "previous", "none"}
EXPRESSIONS = WORDS | FUNCTION_NAMES
STEP_KEYS = {
    "name",
    "from",
    "with",
    "branches",
    "if",
    "repeat",
    "allow",
    "block",
    "first",
    "last",
    "shortcut",
    "defaults",
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
UNIT = re.compile(r"b[0-9]+")


def check_names(spec: Mapping[str, Any], library: Library) -> None:
    need_free(
        spec.get("vars") or {}, FACTS | RULE_FACTS | KEYS | LATER | {"block_input"} | EXPRESSIONS
    )
    definitions = STEP_KEYS | POINTS | LATER | set(OPS) | {"split"}
    for bodies, facts in ((library.blocks, FACTS), (library.rules, FACTS | RULE_FACTS)):
        need_free(bodies, definitions, automatic=[""])
        for body in bodies.values():
            arguments, steps = arguments_and_steps(body)
            inputs = inputs_of(body)
            seen = {f"{name}_{side}" for name in inputs for side in ("height", "width", "channels")}
            need_free(arguments, facts | seen | EXPRESSIONS | STEP_KEYS | POINTS | LATER)
            need_free(inputs, set(OPS) | POINTS | LATER, automatic=["", *OPS, "shortcut"])
            check_steps(steps, library, set(inputs))
    stages = spec.get("stages") or {}
    need_free(stages, POINTS | {"stem", "head"})
    need_free(spec.get("outputs") or {}, set())
    parts = {part for part in ("stem", "head") if part in spec} | set(stages)
    for steps in (spec.get("stem"), spec.get("head"), *stages.values()):
        if isinstance(steps, list):
            check_steps(steps, library, parts)


def check_steps(steps: list[Any], library: Library, parts: set[str]) -> None:
    kinds = [*OPS, "shortcut"]
    taken = set(OPS) | POINTS | LATER | set(library.blocks) | parts
    for kind, settings in map(parts_of, steps):
        need_asked(kind, settings, library)
        need_free(settings.get("parts") or [], taken, automatic=["", *kinds])
        need_free([settings["name"]] if "name" in settings else [], taken, automatic=["", *kinds])
        need_free(settings.get("branches") or {}, set())
        for branch in (settings.get("branches") or {}).values():
            check_steps(branch, library, parts)


def need_asked(kind: str, settings: Mapping[str, Any], library: Library) -> None:
    """A block step chooses a rule only where its block, or one within, has a `shortcut` step."""
    levels = (settings, settings.get("first") or {}, settings.get("last") or {})
    chooses = kind in library.blocks and any("shortcut" in level for level in levels)
    if chooses and not asks_for_a_rule(arguments_and_steps(library.blocks[kind])[1], library):
        raise IllFormed(
            f"{kind!r} has no `shortcut` step, so nothing asks for the rule that is chosen"
        )


def need_free(names: Iterable[str], taken: set[str], automatic: Iterable[str] = ()) -> None:
    """Names of the right form that are not taken; `automatic` are kinds that numbers are put
    behind, "" for units.
    """
    for name in names:
        word = name.rstrip("0123456789")
        counted = word != name and (
            (word in automatic and word) or ("" in automatic and UNIT.fullmatch(name))
        )
        if not NAME.fullmatch(name) or name in taken or counted:
            raise IllFormed(f"{name!r} is no name that is free")
