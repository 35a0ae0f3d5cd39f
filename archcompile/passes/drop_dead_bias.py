"""Biases that have no effect, as the mean of a batch norm behind them takes them away again."""

from collections.abc import Mapping
from dataclasses import replace

from archcompile.graph import LayerGraph
from archcompile.ops import BatchNorm, Kernelled
from archcompile.passes.rewrite import Rewrite, Weights, only_reader, replace_nodes


def dead_biases(graph: LayerGraph) -> Mapping[str, str]:
    """The layers whose bias only a batch norm reads, each with that norm."""
    reader = only_reader(graph)
    dead = {}
    for node in graph:
        norm = graph.nodes.get(reader.get(node.name, ""))
        has_bias = isinstance(node.op, Kernelled) and node.op.bias and node.op.activation is None
        if has_bias and norm is not None and isinstance(norm.op, BatchNorm):
            dead[node.name] = norm.name
    return dead


def drop_dead_bias(graph: LayerGraph) -> Rewrite:
    """Drops biases that only a batch norm reads; its moving mean becomes smaller by them.

    The network computes the same in inference and in training.
    """
    dead = dead_biases(graph)
    changed = [
        replace(
            graph.nodes[name],
            op=graph.nodes[name].op.model_copy(update={"bias": False, "bias_init": 0.0}),
        )
        for name in dead
    ]

    def carry(weights: Weights) -> Weights:
        carried = dict(weights)
        for layer, norm in dead.items():
            carried[f"{norm}/moving_mean"] = carried[f"{norm}/moving_mean"] - carried.pop(
                f"{layer}/bias"
            )
        return carried

    return Rewrite(replace_nodes(graph, {}, changed), carry, tuple(dead))
