"""A whole spec, of one file or merged from several, as a net (docs/language.md, sections 1, 4 and
7).
"""

from collections.abc import Mapping
from typing import Any

from .arguments import arguments_and_steps
from .errors import IllFormed
from .naming import check_names
from .net import Net, Node
from .rows import (
    check_replaced,
    nearer_choices,
    nearer_defaults,
    need_kind,
    parts_of,
    unit_arguments,
)
from .scope import Library, Place, facts_of_shape
from .steps import further_sources, write_list, write_unit
from .values import whole, worked_out

ROW_OF_ITS_OWN = {"block", "with", "repeat", "allow", "after", "steps"}


def interpret(spec: Mapping[str, Any], library: Library) -> Net:
    """The net of a spec; `library` holds all blocks and rules in scope, the spec's included."""
    check_names(spec, library)
    net = build(spec, library)
    for where in unasked_choices(spec, net):
        raise IllFormed(f"no join asks for the shortcut that is chosen at {where}")
    for name in net.lost():
        raise IllFormed(f"{name} reaches no output")
    for name in net.uncovered_pools():
        raise IllFormed(f"{name} does not cover the map that is then flattened")
    return net


def build(spec: Mapping[str, Any], library: Library) -> Net:
    """The net before it is asked whether all that is written serves for something."""
    variables: dict[str, Any] = {}
    for name, value in (spec.get("vars") or {}).items():
        variables[name] = worked_out(value, variables)
    net = Net()
    shape = tuple(whole(size, 1) for size in worked_out(spec["input"], variables))
    net.nodes["input"] = Node(
        name="input", kind="input", attributes={"dims": shape}, inputs=(), shape=shape, weights=()
    )
    defaults = worked_out(spec.get("defaults") or {}, variables)
    for kind in defaults:
        need_kind(kind, library)
    place = Place(
        net=net,
        library=library,
        prefix="",
        start="input",
        block_start="input",
        names=variables,
        unit={},
        defaults=(defaults,),
        choices=(),
        allowed=frozenset(spec.get("allow") or []),
        plain=spec.get("shortcut") == "none",
    )
    parts = write_parts(spec, place)
    if not parts:
        raise IllFormed("a spec needs a stem, stages or a head")
    net.outputs.update(outputs_of(spec, parts))
    return net


def unasked_choices(spec: Mapping[str, Any], net: Net) -> list[tuple[str, ...]]:
    """Where the spec and its rows choose a rule that no join asks for, which is a mistake there."""
    places: list[tuple[str, ...]] = [("spec",)] if "shortcut" in spec else []
    for name, row in (spec.get("stages") or {}).items():
        if isinstance(row, dict):
            levels = {"": row, "first": row.get("first") or {}, "last": row.get("last") or {}}
            places += [(name, level) for level, written in levels.items() if "shortcut" in written]
    return [place for place in places if place not in net.asked]


Parts = dict[str, tuple[str, Mapping[str, str]]]  # where each ends, and its named points


def write_parts(spec: Mapping[str, Any], place: Place) -> Parts:
    parts: Parts = {}
    current = "input"
    choice = spec.get("shortcut")
    units = count_of_all(spec, place)
    before = 0
    above = current  # where the unit above starts
    for name, steps in rows_of(spec).items():
        ends = {part: end for part, (end, _) in parts.items()}
        inner = place.at(prefix=name, start=current, block_start=current, points=dict(ends))
        if isinstance(steps, list):
            if choice is not None:
                inner = inner.at(choices=((choice, inner.names, ("spec",)),))
            above, current = current, write_list(steps, inner)
            parts[name] = (
                current,
                {key: end for key, end in inner.points.items() if key not in ends},
            )
        else:
            numbers = {"unit_index": before, **units} if joins(steps, place.library) else {}
            before += whole(worked_out(steps.get("repeat", 1), inner.scope()), 1) if numbers else 0
            inner.points["previous"] = above
            current = write_stage(steps, inner, choice=choice, numbers=numbers)
            above = inner.points["previous"]
            parts[name] = current, {}
    return parts


def rows_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Stem, stages and head, each as its list of steps or its row."""
    rows: dict[str, Any] = {"stem": spec["stem"]} if "stem" in spec else {}
    for name, row in (spec.get("stages") or {}).items():
        if isinstance(row, dict) and "steps" in row and "after" not in row:
            raise IllFormed("`steps` stands beside `after`")
        rows[name] = row["steps"] if isinstance(row, dict) and "steps" in row else row
        if not isinstance(rows[name], list) and "block" not in rows[name]:
            raise IllFormed(f"{name} is neither a list of steps nor the row of a block")
    if "head" in spec:
        rows["head"] = spec["head"]
    for part in ("stem", "head"):
        if not isinstance(rows.get(part, []), list):
            raise IllFormed(f"{part} is no list")
    return rows


def count_of_all(spec: Mapping[str, Any], place: Place) -> dict[str, int]:
    """`unit_count`; it is not known where the `repeat` of a stage that is counted speaks of
    shapes.
    """
    count = 0
    for row in (spec.get("stages") or {}).values():
        if joins(row, place.library):
            try:
                count += whole(worked_out(row.get("repeat", 1), place.names), 1)
            except IllFormed:
                return {}
    return {"unit_count": count}


def joins(row: Any, library: Library) -> bool:
    """Whether the block of a stage has a `shortcut` step of its own, in a branch perhaps."""
    if isinstance(row, list) or "steps" in row:
        return False
    if row["block"] not in library.blocks:
        raise IllFormed(f"no block is called {row['block']!r}")
    return has_shortcut(arguments_and_steps(library.blocks[row["block"]])[1])


def has_shortcut(steps: list[Any]) -> bool:
    for kind, settings in map(parts_of, steps):
        if kind == "shortcut" or any(
            has_shortcut(branch) for branch in settings.get("branches", {}).values()
        ):
            return True
    return False


def write_stage(
    row: Mapping[str, Any], place: Place, *, choice: Any, numbers: Mapping[str, int]
) -> str:
    count = whole(worked_out(row.get("repeat", 1), place.scope()), 1)
    row_of_block = {key: value for key, value in row.items() if key not in ROW_OF_ITS_OWN}
    current = place.start
    for index in range(1, count + 1):
        unit = {"index": index, "repeat": count}
        if numbers:
            unit |= {**numbers, "unit_index": numbers["unit_index"] + index}
        inner = place.at(
            prefix=f"{place.prefix}_b{index}", start=current, block_start=current, unit=unit
        )
        if choice is not None:
            inner = inner.at(choices=((choice, {**unit, **place.names}, ("spec",)),))
        scope = {**facts_of_shape(place.shape(current)), **unit, **place.names}
        if index == 1:
            check_replaced(row_of_block, row["block"], place, scope=scope)
        arguments = unit_arguments(row_of_block, index, count, scope=scope)
        inner = inner.at(
            allowed=place.allowed | set(row.get("allow", [])),
            defaults=nearer_defaults(row, place, place.names),
            choices=nearer_choices(
                row_of_block,
                index,
                count,
                place=inner,
                scope={**unit, **place.names},
                stage=place.prefix,
            ),
        )
        sources = [current, *further_sources(row["block"], row, place)]
        place.points["previous"] = current
        current = write_unit(row["block"], arguments, sources=sources, place=inner)
    return current


def outputs_of(spec: Mapping[str, Any], parts: Parts) -> dict[str, str]:
    if not spec.get("outputs"):
        return {"output": list(parts.values())[-1][0]}
    return {label: output(target, parts) for label, target in spec["outputs"].items()}


def output(target: str, parts: Parts) -> str:
    part, _, point = target.partition(".")
    if part not in parts or (point and point not in parts[part][1]):
        raise IllFormed(f"there is no {target!r} to put out")
    return parts[part][1][point] if point else parts[part][0]
