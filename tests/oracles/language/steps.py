"""Steps of a list, written out: ops, blocks and shortcuts (docs/language.md, sections 2, 4, 5 and
8).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .arguments import arguments_and_steps, bind, inputs_of
from .errors import IllFormed
from .ops import MERGES, OPS, attributes
from .rows import (
    Step,
    check_replaced,
    nearer_choices,
    nearer_defaults,
    need_kind,
    parts_of,
    rule_and_arguments,
    unit_arguments,
)
from .scope import Place, facts_of_rule, facts_of_shape
from .values import truth, whole, worked_out

MODIFIERS = {"name", "from", "with", "branches", "if", "repeat", "allow"}


def write_list(steps: Sequence[Step], place: Place) -> str:
    """Writes out the steps one behind the other; the point where the list ends."""
    counts: Counter[str] = Counter()
    current = place.start
    for step in steps:
        kind, settings = parts_of(step)
        current = write_step(kind, settings, current=current, place=place, counts=counts)
    return current


def write_step(
    kind: str, settings: dict[str, Any], *, current: str, place: Place, counts: Counter[str]
) -> str:
    if kind == "split":
        return write_split(settings, current=current, place=place)
    is_op = kind in OPS
    # a step that is left out may be repeated no time
    is_active = truth(worked_out(settings.get("if", True), place.scope()))
    repeat = whole(worked_out(settings.get("repeat", 1), place.scope()), int(is_active))
    # Every turn of an op counts, a block or a shortcut once; a step that is left out counts as if
    # it were there.
    first = counts[kind] + 1
    counts[kind] += repeat if is_op else 1
    start = point(settings["from"], place) if "from" in settings and kind != "shortcut" else current
    if is_active:
        if is_op:
            end = write_op(
                kind, settings, start=start, place=place, numbers=range(first, first + repeat)
            )
        elif kind == "shortcut":
            end = write_shortcut(settings, branch=start, place=place, number=first)
        else:
            end = write_block(kind, settings, start=start, place=place, number=first)
    else:
        end = start
    if "name" in settings:
        name_point(settings["name"], end, place.points)
    return end


def write_split(settings: dict[str, Any], *, current: str, place: Place) -> str:
    """The parts one behind the other along the channels; the list goes on with the last."""
    start = point(settings["from"], place) if "from" in settings else current
    parts = settings["parts"]
    if len(parts) < 2:
        raise IllFormed("a split needs two parts")
    is_there = truth(worked_out(settings.get("if", True), place.scope()))
    channels = place.shape(start)[-1]
    sizes = [channels // len(parts)] * len(parts)
    if isinstance(parts, dict) and is_there:
        sizes = [whole(worked_out(size, place.scope()), 1) for size in parts.values()]
    if is_there and sum(sizes) != channels:
        raise IllFormed(f"the parts do not make up {channels} channels")
    allowed = place.allowed | set(settings.get("allow", []))
    end, first = start, 0
    for name, size in zip(parts, sizes, strict=True):
        if is_there:
            values = attributes("slice_channels", {"start": first, "channels": size})
            node = f"{place.prefix}_{name}"
            end = place.net.put(node, "slice_channels", values, inputs=(start,), allowed=allowed)
        name_point(name, end, place.points)
        first += size
    return end


def name_point(name: str, end: str, points: dict[str, str]) -> None:
    if name in points:
        raise IllFormed(f"two steps are called {name!r}")
    points[name] = end


def point(name: str, place: Place) -> str:
    if name == "input":
        return place.start
    if name == "block_input":
        return place.block_start
    if name not in place.points:
        raise IllFormed(f"no point here is named {name!r}")
    return place.points[name]


# ---- ops -----------------------------------------------------------------------------------------


def write_op(
    kind: str, settings: dict[str, Any], *, start: str, place: Place, numbers: range
) -> str:
    current = start
    allowed = place.allowed | set(settings.get("allow", []))
    before = dict(place.points)
    for turn, number in enumerate(numbers, 1):
        label = settings.get("name", kind)
        suffix: Any = number
        if "name" in settings:  # it stands alone where there is one turn
            suffix = "" if len(numbers) == 1 else turn
        node = f"{place.prefix}_{label}{suffix}"
        scope = {**place.scope(), "turn": turn, "turns": len(numbers)}
        written = {key: value for key, value in settings.items() if key not in MODIFIERS}
        joined = {key: worked_out(value, scope) for key, value in written.items()}
        for level in place.defaults:
            for key, value in (level.get(kind) or {}).items():
                joined.setdefault(key, value)
        inner = place.at(points=dict(before))
        if kind in SIZED and "with" in settings:
            joined[SIZED[kind]] = size_at(kind, settings, inner)
        operands = operands_of(kind, settings, start=current, place=inner, node=node)
        place.points.update(inner.points)
        current = place.net.put(
            node, kind, attributes(kind, joined), inputs=operands, allowed=allowed
        )
    return current


SIZED = {"resize": "to", "map": "size"}  # the attribute that `with` may stand for


def size_at(kind: str, settings: dict[str, Any], place: Place) -> list[int]:
    """The size that a step takes from a point."""
    if SIZED[kind] in settings:
        raise IllFormed(f"{kind} takes either `{SIZED[kind]}` or `with`")
    names = settings["with"] if isinstance(settings["with"], list) else [settings["with"]]
    shapes = [place.shape(point(name, place)) for name in names]
    if len(shapes) != 1 or len(shapes[0]) != 3:
        raise IllFormed(f"resize takes the size of one map, got {shapes}")
    return list(shapes[0][:2])


def operands_of(
    kind: str, settings: dict[str, Any], *, start: str, place: Place, node: str
) -> tuple[str, ...]:
    if kind not in MERGES:
        return (start,)
    if ("with" in settings) == ("branches" in settings):
        raise IllFormed(f"{kind} needs either `with` or `branches`")
    if "with" in settings:
        others = settings["with"] if isinstance(settings["with"], list) else [settings["with"]]
        return (start, *(point(name, place) for name in others))
    return write_branches(settings["branches"], start=start, place=place, node=node)


def write_branches(
    branches: Mapping[str, list[Step]], *, start: str, place: Place, node: str
) -> tuple[str, ...]:
    """Each a list like any other; what they name is seen below the merge, not in the branches
    beside.
    """
    ends: list[str] = []
    named: dict[str, str] = {}
    for name, steps in branches.items():
        branch = place.at(prefix=f"{node}_{name}", start=start, points=dict(place.points))
        ends.append(write_list(steps, branch))
        for key, end in branch.points.items():
            if key not in place.points:
                name_point(key, end, named)
    place.points.update(named)
    return tuple(ends)


# ---- blocks --------------------------------------------------------------------------------------


def write_block(
    kind: str, settings: dict[str, Any], *, start: str, place: Place, number: int
) -> str:
    need_kind(kind, place.library)
    turns = whole(worked_out(settings.get("repeat", 1), place.scope()), 1)
    prefix = f"{place.prefix}_{settings.get('name', f'{kind}{number}')}"
    row = {key: value for key, value in settings.items() if key not in MODIFIERS}
    current = start
    for turn in range(1, turns + 1):
        scope = {**place.scope(), "turn": turn, "turns": turns}
        inner = place.at(
            prefix=f"{prefix}_b{turn}" if "repeat" in settings else prefix,
            defaults=nearer_defaults(row, place, scope),
            choices=nearer_choices(row, turn, turns, place=place, scope=scope),
            allowed=place.allowed | set(settings.get("allow", [])),
        )
        if turn == 1:
            check_replaced(row, kind, place, scope=scope)
        current = write_unit(
            kind,
            unit_arguments(row, turn, turns, scope=scope),
            sources=[current, *further_sources(kind, settings, place)],
            place=inner,
        )
    return current


def further_sources(block: str, settings: Mapping[str, Any], place: Place) -> list[str]:
    """The points that `with` names, one for each of the block's inputs but the first."""
    written = settings.get("with", [])
    names = written if isinstance(written, list) else [written]
    if len(names) != len(inputs_of(place.library.blocks[block])[1:]):
        raise IllFormed(f"{block!r} has other inputs than `with` names")
    return [point(name, place) for name in names]


def write_unit(
    block: str, arguments: dict[str, Any], *, sources: Sequence[str], place: Place
) -> str:
    """The body of a block, once, from the points at its inputs; `place` has the prefix, the
    defaults and the choices that hold for it.
    """
    start = sources[0]
    declarations, steps = arguments_and_steps(place.library.blocks[block])
    place.net.used.add(block)
    for level in place.defaults:
        for key, value in (level.get(block) or {}).items():
            arguments.setdefault(key, value)
    definition = place.library.blocks[block]
    named = dict(zip(inputs_of(definition), sources, strict=False))
    further: dict[str, int] = {}
    for name in inputs_of(definition)[1:]:
        further |= facts_of_shape(place.shape(named[name]), name)
    facts = {**facts_of_shape(place.shape(start)), **further, **place.unit}
    names = bind(declarations, arguments, facts)
    allowed = place.allowed | set(
        definition.get("allow", []) if isinstance(definition, dict) else []
    )
    return write_list(
        steps,
        place.at(
            start=start,
            block_start=start,
            names=names,
            facts=further,
            points=named,
            allowed=allowed,
        ),
    )


# ---- shortcuts -----------------------------------------------------------------------------------


def write_shortcut(settings: dict[str, Any], *, branch: str, place: Place, number: int) -> str:
    choices = place.choices
    if "rule" in settings:
        choices = (*choices, (settings["rule"], {**place.scope(), "turn": 1, "turns": 1}, ()))
    if not choices:
        raise IllFormed("no rule is chosen for this shortcut")
    place.net.asked.update(where for _, _, where in choices)
    if place.plain or choices[0][0] == "none":
        return branch
    rule, arguments = rule_and_arguments(*choices[0][:2])
    if rule not in place.library.rules:
        raise IllFormed(f"no rule is called {rule!r}")
    declarations, steps = arguments_and_steps(place.library.rules[rule])
    start = point(settings["from"], place) if "from" in settings else place.block_start
    shapes = place.shape(start), place.shape(branch)
    facts = facts_of_rule(*shapes)
    names = bind(declarations, arguments, {**facts_of_shape(shapes[0]), **place.unit, **facts})
    label = settings.get("name", "shortcut" if number == 1 else f"shortcut{number}")
    inner = place.at(
        prefix=f"{place.prefix}_{label}",
        start=start,
        names=names,
        facts=facts,
        points={**place.points, "branch": branch},
    )
    end = write_list(steps, inner)
    if end == branch or branch not in ancestors(end, place, branch):
        raise IllFormed(f"{rule} drops the branch")
    definition = place.library.rules[rule]
    may_change = isinstance(definition, dict) and definition.get("changes_shape", False)
    if place.shape(end) != place.shape(branch) and not may_change:
        raise IllFormed(f"{rule} ends in {place.shape(end)}, the branch is {place.shape(branch)}")
    place.net.joins.append(end)
    place.net.used.add(rule)
    return end


def ancestors(end: str, place: Place, branch: str) -> set[str]:
    """The nodes that `end` is made from."""
    reached, open_points = set(), [end]
    while open_points:
        node = open_points.pop()
        if node not in reached:
            reached.add(node)
            open_points += place.net.nodes[node].inputs if node != branch else ()
    return reached
