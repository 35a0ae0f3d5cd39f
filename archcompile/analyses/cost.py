"""What a network costs: parameters and multiply-adds, per layer, per part and in all."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any

from archcompile.analyses.depths import depth
from archcompile.graph import LayerGraph, semantic_hash
from archcompile.ops import Shape


@dataclass(frozen=True, slots=True)
class Totals:
    """Parameters as Keras counts them, and multiply-adds of conv and dense layers per image."""

    trainable: int
    non_trainable: int
    macs: int

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
    """The stem, a stage or the head: its units, shortcut joins, final shape and sums."""

    name: str
    units: int | None
    block: str | None
    joins: int
    rules: tuple[str, ...]
    shape: Shape
    totals: Totals


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
        sum(r.trainable for r in rows),
        sum(r.non_trainable for r in rows),
        sum(r.macs for r in rows),
    )


def parts(graph: LayerGraph) -> list[PartCost]:
    """One row for the stem, each stage and the head."""
    costs = layers(graph)
    rows = []
    for name, last in graph.parts.items():
        nodes = [node for node in graph if node.origin.part == name]
        units = {node.origin.unit for node in nodes if node.origin.unit is not None}
        joins = [graph.nodes[j] for j in graph.joins if graph.nodes[j].origin.part == name]
        rows.append(
            PartCost(
                name=name,
                units=len(units) or None,
                block=nodes[0].origin.row if units else None,
                joins=len(joins),
                rules=tuple(dict.fromkeys(j.origin.rule for j in joins if j.origin.rule)),
                shape=graph.nodes[last].shape,
                totals=totals(c for c in costs if c.part == name),
            )
        )
    return rows


def summary(graph: LayerGraph) -> dict[str, Any]:
    """The figures of a network as plain data: what `build --json` and `cost --json` print."""
    sums = totals(layers(graph))
    shapes = {label: list(shape) for label, shape in graph.output_shapes.items()}
    return {
        "name": graph.name,
        "depth": depth(graph),
        "params": {
            "total": sums.params,
            "trainable": sums.trainable,
            "non_trainable": sums.non_trainable,
        },
        "macs": sums.macs,
        "input_shape": list(graph.input_shape),
        "output_shape": shapes if len(shapes) > 1 else next(iter(shapes.values())),
        "joins": len(graph.joins),
        "nodes": len(graph),
        "hash": semantic_hash(graph),
    }
