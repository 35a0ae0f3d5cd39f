"""Runs of units that are alike: how a drawing says `x18` instead of eighteen times the same."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from archcompile.graph import LayerGraph, Node

NOTED = 3  # differences between units that are alike, before the rest is only counted
RANGE = " to "
_Place = tuple[str, int | None]  # a part and, in a stage of units, the unit


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units of a stage that follow one another and are alike, or one part without units.

    `units` holds the nodes of each.
    """

    part: str
    units: tuple[tuple[Node, ...], ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of the first unit, which stands for all."""
        return self.units[0]

    @property
    def block(self) -> str | None:
        """The block type that the stage names; None for a list of steps."""
        return self.nodes[0].origin.row


def units(graph: LayerGraph) -> dict[_Place, list[Node]]:
    """The nodes of each unit, and of each part without units, in order."""
    listed: dict[_Place, list[Node]] = {}
    for node in graph:
        listed.setdefault(node.origin.place, []).append(node)
    return listed


def exact_form(node: Node) -> Hashable:
    """Op, settings and shape."""
    return node.op.kind, repr(node.op.settings()), node.shape


def fold(graph: LayerGraph, node_form: Callable[[Node], Hashable] = exact_form) -> list[UnitGroup]:
    """The units and the parts without units in order, neighbours that are alike in one group.

    Units are alike if their nodes have the same form, wiring and rules; names do not count. A unit
    that feeds more than the one behind it stands at the end of its group, so that a folded drawing
    has every edge.
    """
    listed = units(graph)
    tapped = _tapped_units(graph, listed)
    runs: list[tuple[str, list[tuple[Node, ...]]]] = []
    before = ""
    form_before: tuple[Hashable, ...] = ()
    open_run = False
    for (part, unit), nodes in listed.items():
        form = unit_form(nodes, before, node_form)
        if open_run and unit is not None and runs[-1][0] == part and form == form_before:
            runs[-1][1].append(tuple(nodes))
        else:
            runs.append((part, [tuple(nodes)]))
        before, form_before, open_run = nodes[-1].name, form, (part, unit) not in tapped
    return [UnitGroup(part, tuple(run)) for part, run in runs]


def _tapped_units(graph: LayerGraph, units: Iterable[_Place]) -> set[_Place]:
    """The units that feed an output, or anything but themselves and the unit that comes next."""
    following = dict(pairwise(units))
    tapped = {graph.nodes[name].origin.place for name in graph.outputs.values()}
    for node in graph:
        place = node.origin.place
        sources = {graph.nodes[i].origin.place for i in node.inputs}
        tapped |= {source for source in sources if place not in (source, following.get(source))}
    return tapped


def unit_form(
    nodes: Sequence[Node], before: str, node_form: Callable[[Node], Hashable] = exact_form
) -> tuple[Hashable, ...]:
    """What two units must share to be alike; `before` is the last node of what precedes them."""
    places = {node.name: place for place, node in enumerate(nodes)} | {before: -1}

    def form(node: Node) -> Hashable:
        inputs = tuple(places.get(i, i) for i in node.inputs)
        return node_form(node), inputs, node.origin.rule

    return tuple(map(form, nodes))


def differences(group: UnitGroup, graph: LayerGraph) -> tuple[str, ...]:
    """In what the units of a group differ: `drop path 0.01 to 0.5`, `36 to 216 channels`."""
    notes: list[str] = []
    for nodes in zip(*group.units, strict=True):
        first, last = nodes[0], nodes[-1]
        if len({node.op.label() for node in nodes}) > 1:
            notes.append(_range_words(first.op.label(), last.op.label()))
        elif len({repr(node.op.settings()) for node in nodes}) > 1:
            notes += _setting_words(nodes)
    starts = [graph.input_shapes(unit[0])[0][-1] for unit in group.units if unit[0].inputs]
    ends = [unit[-1].shape[-1] for unit in group.units]
    if len(set(ends)) > 1:
        notes.append(f"{ends[0]}{RANGE}{ends[-1]} channels")
    elif len(set(starts)) > 1:
        notes.append(f"from {starts[0]}{RANGE}{starts[-1]} channels")
    listed = list(dict.fromkeys(notes))
    hidden = len(listed) - NOTED
    return tuple(listed if hidden <= 0 else [*listed[:NOTED], f"and {hidden} more"])


def _range_words(first: str, last: str) -> str:
    """Two labels as one, `dropout 0.1 to 0.4`, where only their last words differ."""
    if first == last:
        return f"{first} in some"
    (*start, _), (*same_start, end) = first.split(), last.split()
    return first + RANGE + (end if start == same_start else last)


def _setting_words(nodes: Sequence[Node]) -> list[str]:
    """`bn epsilon 0.001 to 1e-05`: the settings that differ between nodes of one label."""
    listed = [node.op.settings() for node in nodes]
    kind = nodes[0].op.kind.replace("_", " ")
    names = (name for name in listed[0] if _differs(name, listed))
    return [f"{kind} {name} {listed[0][name]}{RANGE}{listed[-1].get(name)}" for name in names]


def _differs(name: str, settings: Sequence[Mapping[str, Any]]) -> bool:
    return len({repr(values.get(name)) for values in settings}) > 1
