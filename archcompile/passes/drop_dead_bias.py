"""Biases that batch normalisation takes away again: what is added to a channel, its mean takes along."""

from dataclasses import replace

from archcompile.graph.ir import LayerGraph
from archcompile.ops.conv import Kernelled
from archcompile.ops.norm import BatchNorm
from archcompile.passes.rewrite import Rewrite, Weights, only_reader, without


def drop_dead_bias(graph: LayerGraph) -> Rewrite:
    """Layers whose bias only a batch norm reads lose it; the norm's moving mean becomes smaller by it.

    The network computes the same in inference and in training.
    """
    reader = only_reader(graph)
    dead = {}  # layer -> norm
    for node in graph:
        norm = graph.nodes.get(reader.get(node.name, ""))
        has_bias = isinstance(node.op, Kernelled) and node.op.bias and node.op.activation is None
        if has_bias and norm is not None and isinstance(norm.op, BatchNorm):
            dead[node.name] = norm.name
    changed = [replace(graph.nodes[name], op=graph.nodes[name].op.model_copy(update={"bias": False, "bias_init": 0.0}))
               for name in dead]  # fmt: skip

    def carry(weights: Weights) -> Weights:
        found = dict(weights)
        for layer, norm in dead.items():
            found[f"{norm}/moving_mean"] = found[f"{norm}/moving_mean"] - found.pop(f"{layer}/bias")
        return found

    return Rewrite(without(graph, {}, changed), carry, tuple(dead))
