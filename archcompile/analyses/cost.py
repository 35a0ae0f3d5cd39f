"""What a network costs: parameters and multiply-adds, per layer, per part and in all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from archcompile.analyses.depths import depth
from archcompile.graph import LayerGraph, semantic_hash
from archcompile.ops import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Parameters as Keras counts them, and multiply-adds per image.

    `macs` are those of conv and dense layers, the projections of attention among them;
    `attention_macs` those of queries with keys, and of shares with values.
    """

    trainable: int
    non_trainable: int
    macs: int
    attention_macs: int

    @property
    def params(self) -> int:
        return self.trainable + self.non_trainable


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCost(Totals):
    """One layer, with its output shape without the batch."""

    name: str
    kind: str
    part: str
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCost:
    """The stem, a stage or the head: its units, shortcut joins, final shape and sums.

    `ends` are the shapes of the outputs that lie in it, and that of its last layer if it is none.
    """

    name: str
    units: int | None
    block: str | None
    joins: int
    rules: tuple[str, ...]
    shape: Shape
    ends: tuple[Shape, ...]
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCost(Totals):
    """A whole network: its sums, depth and hash, and shapes without the batch.

    `joins` and `layers` are how many it has.
    """

    name: str
    depth: int
    input_shape: Shape
    output_shapes: Mapping[str, Shape]
    joins: int
    layers: int
    hash: str

    def record(self) -> dict[str, Any]:
        """The figures as plain data: what `build --json` and `cost --json` print."""
        shapes = {label: list(shape) for label, shape in self.output_shapes.items()}
        return {
            "name": self.name,
            "depth": self.depth,
            "params": {
                "total": self.params,
                "trainable": self.trainable,
                "non_trainable": self.non_trainable,
            },
            "macs": self.macs,
            "attention_macs": self.attention_macs,
            "input_shape": list(self.input_shape),
            "output_shape": shapes if len(shapes) > 1 else next(iter(shapes.values())),
            "joins": self.joins,
            "nodes": self.layers,
            "hash": self.hash,
        }


def layers(graph: LayerGraph) -> list[LayerCost]:
    """The cost of each layer, in order."""
    costs = []
    for node in graph:
        sizes = [(prod(w.shape), w.trainable) for w in graph.weights(node)]
        costs.append(
            LayerCost(
                trainable=sum(size for size, trainable in sizes if trainable),
                non_trainable=sum(size for size, trainable in sizes if not trainable),
                macs=node.op.macs(*graph.input_shapes(node)),
                attention_macs=node.op.attention_macs(*graph.input_shapes(node)),
                name=node.name,
                kind=node.op.kind,
                part=node.origin.part,
                shape=node.shape,
            )
        )
    return costs


def totals(costs: Iterable[LayerCost]) -> Totals:
    rows = list(costs)
    return Totals(
        trainable=sum(r.trainable for r in rows),
        non_trainable=sum(r.non_trainable for r in rows),
        macs=sum(r.macs for r in rows),
        attention_macs=sum(r.attention_macs for r in rows),
    )


def parts(graph: LayerGraph) -> list[PartCost]:
    """One row for the stem, each stage and the head."""
    costs = layers(graph)
    rows = []
    for name, last in graph.parts.items():
        nodes = [node for node in graph if node.origin.part == name]
        units = {node.origin.unit for node in nodes if node.origin.unit is not None}
        joins = [graph.nodes[j] for j in graph.joins if graph.nodes[j].origin.part == name]
        within = {node.name for node in nodes}
        ends = dict.fromkeys((*(n for n in graph.outputs.values() if n in within), last))
        rows.append(
            PartCost(
                name=name,
                units=len(units) or None,
                block=nodes[0].origin.row if units else None,
                joins=len(joins),
                rules=tuple(dict.fromkeys(j.origin.rule for j in joins if j.origin.rule)),
                shape=graph.nodes[last].shape,
                ends=tuple(graph.nodes[end].shape for end in ends),
                totals=totals(c for c in costs if c.part == name),
            )
        )
    return rows


def network_cost(graph: LayerGraph) -> NetworkCost:
    sums = totals(layers(graph))
    return NetworkCost(
        trainable=sums.trainable,
        non_trainable=sums.non_trainable,
        macs=sums.macs,
        attention_macs=sums.attention_macs,
        name=graph.name,
        depth=depth(graph),
        input_shape=graph.input_shape,
        output_shapes=graph.output_shapes,
        joins=len(graph.joins),
        layers=len(graph),
        hash=semantic_hash(graph),
    )


def summary(graph: LayerGraph) -> dict[str, Any]:
    """The figures of a network as plain data, see docs/python.md."""
    return network_cost(graph).record()
