"""What a network costs as a table, a row for each stage, block (unit of a stage) or layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from archcompile.analyses.cost import LayerCost, Totals, layers, totals
from archcompile.analyses.memory import activations
from archcompile.analyses.receptive_fields import Receptive, receptive
from archcompile.choices import Level, Precision
from archcompile.graph import LayerGraph, Node
from archcompile.ops import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow(Totals):
    """The sums over some layers, and the shape and receptive field that the last of them ends in.

    `what` is the op of a layer, else the block; `unit` the place of the one unit the row stands
    for; `units` how many units a stage has; `activations` the bytes of its tensors that training
    holds for one image.
    """

    name: str
    what: str
    part: str
    unit: int | None
    units: int | None
    shape: Shape
    activations: int
    field: Receptive


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """What tables of any level are summed from, by the names of layers."""

    costs: Mapping[str, LayerCost]
    fields: Mapping[str, Receptive]
    held: Mapping[str, int]  # bytes for one image


def layer_figures(graph: LayerGraph, precision: Precision = "float32") -> LayerFigures:
    """Costs, receptive fields, and what training in this precision holds."""
    costs = {cost.name: cost for cost in layers(graph)}
    return LayerFigures(costs, receptive(graph), activations(graph, precision))


def cost_rows(graph: LayerGraph, level: Level, figures: LayerFigures) -> list[CostRow]:
    """The table, in order; its columns sum to the network's totals."""
    table = []
    for name, nodes in _groups(graph, level):
        last, origin = nodes[-1], nodes[-1].origin
        sums = totals(figures.costs[node.name] for node in nodes)
        units = len({node.origin.unit for node in nodes} - {None})
        block = (origin.row or "") if units else ""
        row = CostRow(
            trainable=sums.trainable,
            non_trainable=sums.non_trainable,
            macs=sums.macs,
            attention_macs=sums.attention_macs,
            name=name,
            what=last.op.kind if level == "layer" else block,
            part=origin.part,
            unit=origin.unit if level != "stage" else None,
            units=units if level == "stage" and units else None,
            shape=last.shape,
            activations=sum(figures.held[node.name] for node in nodes),
            field=figures.fields[last.name],
        )
        table.append(row)
    return table


def _groups(graph: LayerGraph, level: Level) -> list[tuple[str, list[Node]]]:
    """Layers that belong together, by the name of what they make up."""
    if level == "layer":
        return [(node.name, [node]) for node in graph]
    if level == "stage":
        return [
            (part, list(nodes)) for part, nodes in groupby(graph, key=lambda node: node.origin.part)
        ]
    return [
        (part if unit is None else f"{part}_b{unit}", list(nodes))
        for (part, unit), nodes in groupby(graph, key=lambda node: node.origin.place)
    ]
