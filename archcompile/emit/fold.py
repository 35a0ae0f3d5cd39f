"""Runs of units that are alike: how a drawing says `x18` instead of eighteen times the same."""

from collections.abc import Hashable
from dataclasses import dataclass

from archcompile.graph.ir import LayerGraph, Node


@dataclass(frozen=True, slots=True)
class Group:
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


def fold(graph: LayerGraph) -> list[Group]:
    """The units and the parts without units in order, neighbours that are alike in one group."""
    units: dict[tuple[str, int | None], list[Node]] = {}
    for node in graph:
        units.setdefault((node.origin.part, node.origin.unit), []).append(node)
    runs: list[tuple[str, list[tuple[Node, ...]]]] = []
    before = ""
    form_before: tuple[Hashable, ...] = ()
    for (part, unit), nodes in units.items():
        form = _form(nodes, before)
        if unit is not None and runs and runs[-1][0] == part and form == form_before:
            runs[-1][1].append(tuple(nodes))
        else:
            runs.append((part, [tuple(nodes)]))
        before, form_before = nodes[-1].name, form
    return [Group(part, tuple(run)) for part, run in runs]


def _form(nodes: list[Node], before: str) -> tuple[Hashable, ...]:
    """What two units must share to be alike: ops, settings, wiring, shapes and shortcut rules, not names.

    `before` is the last node of what precedes the unit.
    """
    places = {node.name: place for place, node in enumerate(nodes)} | {before: -1}
    return tuple((node.op.kind, repr(node.op.settings()), tuple(places.get(i, i) for i in node.inputs), node.shape,
                  node.origin.rule) for node in nodes)  # fmt: skip
