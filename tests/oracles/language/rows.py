"""Rows and steps as they are written: their arguments, defaults and choices of shortcut
(docs/language.md, sections 4 and 5).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .arguments import arguments_and_steps, check_type
from .errors import IllFormed
from .ops import OPS
from .scope import Choice, Library, Place
from .values import worked_out

ROW_KEYS = {"first", "last", "shortcut", "defaults"}
Step = Any


def parts_of(step: Step) -> tuple[str, dict[str, Any]]:
    if isinstance(step, str):
        return step, {}
    if not isinstance(step, dict) or len(step) != 1:
        raise IllFormed(f"a step: expected a word or a map with one key, got {step!r}")
    ((kind, settings),) = step.items()
    return kind, settings or {}


def need_kind(kind: str, library: Library) -> None:
    if kind not in OPS and kind not in library.blocks:
        raise IllFormed(f"no op or block is called {kind!r}")


def ends_of(row: Mapping[str, Any], turn: int, turns: int) -> dict[str, Any]:
    """What `first` and `last` say about this turn."""
    first = (row.get("first") or {}) if turn == 1 else {}
    last = (row.get("last") or {}) if turn == turns else {}
    if any(first[key] != last[key] for key in set(first) & set(last)):
        raise IllFormed("the one unit is both first and last, which disagree")
    return {**first, **last}


def unit_arguments(
    row: Mapping[str, Any], turn: int, turns: int, *, scope: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments that a row or a step gives to one unit."""
    written = {**row, **ends_of(row, turn, turns)}
    return {key: worked_out(value, scope) for key, value in written.items() if key not in ROW_KEYS}


def check_replaced(row: Mapping[str, Any], block: str, place: Place, *, scope: Any) -> None:
    """An argument that `first` and `last` replace in every unit must be valid all the same."""
    declarations, _ = arguments_and_steps(place.library.blocks[block])
    for key in {*(row.get("first") or {}), *(row.get("last") or {})} & set(row) & set(declarations):
        check_type(key, declarations[key], worked_out(row[key], scope))


def nearer_defaults(
    row: Mapping[str, Any], place: Place, scope: Mapping[str, Any]
) -> tuple[Mapping[str, Any], ...]:
    """The defaults of a row or step, in front of those around it."""
    if "defaults" not in row:
        return place.defaults
    for kind in row["defaults"]:
        need_kind(kind, place.library)
    return (worked_out(row["defaults"], scope), *place.defaults)


def nearer_choices(
    row: Mapping[str, Any],
    turn: int,
    turns: int,
    *,
    place: Place,
    scope: Mapping[str, Any],
    stage: str = "",
) -> tuple[Choice, ...]:
    """What a row or step chooses for one unit, in front of what is chosen around it; `scope` is
    what its arguments see.
    """
    near = []
    levels = {"first": turn == 1, "last": turn == turns}
    for level, written in (
        *((name, row.get(name) or {}) for name, holds in levels.items() if holds),
        ("", row),
    ):
        if "shortcut" in written:
            near.append((written["shortcut"], scope, (stage, level) if stage else ()))
    return (*near, *place.choices)


def rule_and_arguments(choice: Any, scope: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The rule and its arguments."""
    if isinstance(choice, str):
        return choice, {}
    ((rule, arguments),) = choice.items()
    return rule, {key: worked_out(value, scope) for key, value in (arguments or {}).items()}


def asks_for_a_rule(steps: Sequence[Any], library: Library) -> bool:
    """Whether a list, its branches or the blocks that it uses have a `shortcut` step."""
    for kind, settings in map(parts_of, steps):
        inner = arguments_and_steps(library.blocks[kind])[1] if kind in library.blocks else []
        branches = settings.get("branches", {}).values()
        if kind == "shortcut" or any(asks_for_a_rule(part, library) for part in (inner, *branches)):
            return True
    return False
