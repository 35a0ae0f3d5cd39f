"""Rows of stages: a block and its arguments, repeated."""

from typing import Any

from ..language.errors import IllFormed
from ..language.scope import Place, facts_of_shape
from ..language.spec import write_stage
from .calls import Roles, Setting, draw_arguments, draw_choice, draw_defaults, draw_operands
from .draw import Draw, whole
from .lists import leave_out
from .live import undone_if_ill_formed


def draw_row(
    draw: Draw, place: Place, setting: Setting, *, blocks: dict[str, Roles], choice: Any
) -> tuple[Any, str] | None:
    """A row that is well-formed here, and where it ends."""
    block = draw.choose(list(blocks))
    roles = blocks[block]
    shape = place.shape(place.start)
    if len(shape) != 3:
        return None
    count = draw.choose([1, 1, 2, 2, 3])
    unit = {
        "index": 1,
        "repeat": count,
        **({"unit_index": 1, "unit_count": 9} if roles.joins else {}),
    }
    scope = {**facts_of_shape(shape), **unit, **place.names}
    row: dict[str, Any] = draw_arguments(draw, roles, scope, shape=shape)
    leave_out(draw, block, row, place=place)
    if roles.further:
        row["with"] = draw_operands(draw, roles, [*place.points, "input", "previous"])
    if count > 1 or draw.chance(0.5):
        row["repeat"] = whole(draw, count, place.names)
    for end in ("first", "last"):
        if draw.chance(0.25):
            changes = draw_arguments(draw, roles, scope, shape=shape)
            row[end] = {key: changes[key] for key in draw.some(list(changes), draw.between(1, 2))}
            if draw.chance(
                0.4 if roles.joins else 0.1
            ):  # a block may join in blocks that it uses as steps
                row[end]["shortcut"] = draw_choice(draw, setting, {**unit, **place.names})
    if draw.chance(0.6 if roles.joins else 0.3):
        row["shortcut"] = draw_choice(draw, setting, {**unit, **place.names})
    if draw.chance(0.15):
        row["defaults"] = draw_defaults(draw, place.names, small=True)
        if draw.chance(0.3):
            row["defaults"] = {
                **row["defaults"],
                block: some_arguments(draw, roles, place, shape=shape),
            }
    if draw.chance(0.03):
        row["allow"] = ["bias-before-bn"]
    row = {"block": block, **{key: value for key, value in row.items() if value != {}}}
    end = undone_if_ill_formed(place, lambda: write(row, place, choice, roles=roles))
    return None if end is None else (row, end)


def some_arguments(draw: Draw, roles: Roles, place: Place, *, shape: Any) -> dict[str, Any]:
    drawn = draw_arguments(draw, roles, place.names, shape=shape)
    return {key: drawn[key] for key in draw.some(list(drawn), 1)}


def write(row: Any, place: Place, choice: Any, *, roles: Roles) -> str:
    end = write_stage(
        row, place, choice=choice, numbers={"unit_index": 0, "unit_count": 9} if roles.joins else {}
    )
    shape = place.shape(end)
    if len(shape) == 3 and (min(shape[:2]) < 1 or shape[2] > 64 or max(shape[:2]) > 40):
        raise IllFormed("larger than the tests need")
    return end
