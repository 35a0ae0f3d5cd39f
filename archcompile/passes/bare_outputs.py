"""A network without the softmax or sigmoid in which its outputs end.

Where one output is nearly 1 and all others are nearly 0, a softmax hides what is wrong in front of
it; losses are computed from logits, too.
"""

from dataclasses import replace
from typing import TypeVar

from archcompile.graph import LayerGraph, check
from archcompile.ops import Kernelled
from archcompile.passes.rewrite import replace_nodes

SHARES = ("softmax", "sigmoid")
Graph = TypeVar("Graph", bound=LayerGraph)


def logits(graph: Graph) -> Graph:
    """The graph with bare outputs and the same weights; itself where its outputs are bare.

    A softmax that something else reads, too, or that a view stands behind, stays.
    """
    ends = [graph.nodes[name] for name in dict.fromkeys(graph.outputs.values())]
    is_read = {name for node in graph for name in node.inputs}
    start = next(iter(graph.nodes))
    bare = [node for node in ends if node.name not in is_read]
    gone = {
        node.name: node.inputs[0]
        for node in bare
        if node.op.kind in SHARES and node.inputs[0] != start
    }
    changed = [
        replace(node, op=node.op.model_copy(update={"activation": None}))
        for node in bare
        if isinstance(node.op, Kernelled) and node.op.activation in SHARES
    ]
    if not gone and not changed:
        return graph
    result = replace_nodes(graph, gone, changed)
    check(result)
    return result
