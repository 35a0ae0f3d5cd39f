"""Runs of units that are alike: how a drawing says `x18` instead of eighteen times the same."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from archcompile.graph import LayerGraph, Node

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


def fold(graph: LayerGraph) -> list[UnitGroup]:
    """The units and the parts without units in order, neighbours that are alike in one group.

    A unit that feeds more than the one behind it stands at the end of its group, so that a folded
    drawing has every edge.
    """
    units: dict[_Place, list[Node]] = {}
    for node in graph:
        units.setdefault(node.origin.place, []).append(node)
    tapped = _tapped_units(graph, units)
    runs: list[tuple[str, list[tuple[Node, ...]]]] = []
    before = ""
    form_before: tuple[Hashable, ...] = ()
    open_run = False
    for (part, unit), nodes in units.items():
        form = _form(nodes, before)
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


def _form(nodes: list[Node], before: str) -> tuple[Hashable, ...]:
    """What two units must share to be alike: ops, settings, wiring, shapes and rules, not names.

    `before` is the last node of what precedes the unit.
    """
    places = {node.name: place for place, node in enumerate(nodes)} | {before: -1}

    def node_form(node: Node) -> Hashable:
        inputs = tuple(places.get(i, i) for i in node.inputs)
        return node.op.kind, repr(node.op.settings()), inputs, node.shape, node.origin.rule

    return tuple(node_form(node) for node in nodes)
