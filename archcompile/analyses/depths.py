"""Depth, measured on the graph: the most weighted layers on a path from the input to an output."""

from archcompile.graph import LayerGraph, Node


def depth(graph: LayerGraph) -> int:
    """Weighted layers (convs of every kind, dense) on the longest path; a gate is not a path.

    See docs/language.md, section 7.
    """
    depths: dict[str, int] = {}
    for node in graph:
        depths[node.name] = (
            max((depths[i] for i in carriers(graph, node)), default=0) + node.op.depth
        )
    return max(depths[name] for name in graph.outputs.values())


def carriers(graph: LayerGraph, node: Node) -> tuple[str, ...]:
    """The inputs that carry the signal: a sigmoid that scales another tensor does not."""
    if not node.op.is_scaling:
        return node.inputs
    return tuple(i for i in node.inputs if not _is_gate(graph, graph.nodes[i])) or node.inputs


def _is_gate(graph: LayerGraph, node: Node) -> bool:
    """Whether a node is a gate, or the other side of one, 1 - gate."""
    while node.op.is_mirror:
        node = graph.nodes[node.inputs[0]]
    return node.op.is_gate
