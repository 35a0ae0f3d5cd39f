"""What the figures of a graph have in common: its layers as boxes, and which of them are drawn."""

from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property

from archcompile.analyses import LayerCost, layers
from archcompile.drawing.figure.boxes import (
    Box,
    Edge,
    Form,
    Line,
    Size,
    Style,
    map_size,
)
from archcompile.drawing.figure.called_blocks import Calls, called_blocks
from archcompile.drawing.figure.captions import (
    facts,
    node_label,
    tip,
)
from archcompile.drawing.figure.contraction import (
    DROPPED,
    drawn_nodes,
    pads_by_reader,
    wires,
)
from archcompile.drawing.figure.repeats import UnitGroup, fold, units
from archcompile.drawing.figure.shortcuts import (
    projection_nodes,
)
from archcompile.graph import LayerGraph, Node
from archcompile.ops import show


class DrawnLayers:
    """What all figures of a graph need: costs, groups, projections."""

    def __init__(self, graph: LayerGraph, shown: Sequence[str] = ()):
        self.graph, self.shown = graph, shown
        self.costs: dict[str, LayerCost] = {cost.name: cost for cost in layers(graph)}
        self.projections = projection_nodes(graph)
        self.joins = frozenset(graph.joins)
        self.places = {name: place for place, name in enumerate(graph.nodes)}

    @cached_property
    def groups(self) -> list[UnitGroup]:
        """Units that are alike in all that is drawn of them."""
        return fold(self.graph, self._drawn_form)

    def _drawn_form(self, node: Node) -> Hashable:
        """What must be equal for two nodes to be drawn alike, but for their wiring."""
        size = node.shape[:2] if len(node.shape) == 3 else ()
        is_shown = node.name in self.drawn_names
        words = [self.label(node)] if is_shown else []
        if is_shown and self.shown:
            words += [
                line.words for line in facts(self.costs_of([node]), show(node.shape), self.shown)
            ]
        return node.op.kind, size, *words

    @cached_property
    def drawn_names(self) -> frozenset[str]:
        """The nodes that count for blocks and stages: those of the style `paper`.

        Of a unit that would have none, all nodes.
        """
        drawn = set(self.of_style("paper"))
        for unit in units(self.graph).values():
            names = {node.name for node in unit}
            if not names & drawn:
                drawn |= names
        return frozenset(drawn)

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes of maps, in order, without the input's if nothing else has it."""
        _, *nodes = self.graph
        shown = self.of_style("paper")
        return tuple(dict.fromkeys(map_size(n.shape) for n in nodes if n.name in shown))

    @cached_property
    def pads(self) -> dict[str, Node]:
        return pads_by_reader(self.graph)

    def of_style(self, style: Style) -> frozenset[str]:
        """The nodes that a style draws."""
        return drawn_nodes(self.graph, style)

    @cached_property
    def calls(self) -> Calls:
        """The blocks within blocks that boxes call by name."""
        return called_blocks(self.graph, self.drawn_names)

    # ---- layers ----------------------------------------------------------------------------------

    def layers(
        self, nodes: Iterable[Node], style: Style
    ) -> tuple[dict[str, Box], tuple[Edge, ...]]:
        """Boxes and edges of the level `layer`."""
        listed = list(nodes)
        drawn = self.of_style(style) & {node.name for node in listed}
        boxes = {node.name: self.layer_of(node, style) for node in listed if node.name in drawn}
        return boxes, wires(listed, drawn, self.projections, same={}).edges

    def layer_of(self, node: Node, style: Style) -> Box:
        """The box of one layer, in the style `paper` with the pad in front of it."""
        pads = [self.pads[node.name]] if style == "paper" and node.name in self.pads else []
        return self.layer(node, *pads)

    def label(self, node: Node, with_pad: bool = True) -> str:
        """The words for a layer, with those for the pad in front of it."""
        pad = self.pads.get(node.name) if with_pad else None
        return ", ".join([node_label(self.graph, node), *([pad.op.label()] if pad else [])])

    def layer(self, node: Node, *also: Node) -> Box:
        """The box of one layer; it may also stand for others, not drawn, such as its pad."""
        has_pad = node.name in self.pads and self.pads[node.name] in also
        label, shape = self.label(node, has_pad), show(node.shape)
        form = _form(node, label)
        fact_lines: list[Line] = []
        if form not in ("join", "input"):
            fact_lines = facts(self.costs_of([node, *also]), shape, self.shown)
        words = tip(f"{node.name}\n{node.op.label()}", shape, self.costs[node.name].params)
        names = (node.name, *(n.name for n in also))
        return Box(
            name=node.name,
            lines=(Line(label), *fact_lines),
            form=form,
            part=node.origin.part,
            unit=node.origin.unit,
            tip=words,
            shape=node.shape,
            nodes=names,
            is_ordered=node.op.kind == "concat",
        )

    def costs_of(self, nodes: Iterable[Node]) -> list[LayerCost]:
        return [self.costs[node.name] for node in nodes]


def _form(node: Node, label: str) -> Form:
    if node.op.role == "input":
        return "input"
    if node.op.role == "merge" and len(label) == 1:
        return "join"
    if node.op.is_weighted:
        return "layer"
    return "step" if node.op.role in DROPPED else "plain"
