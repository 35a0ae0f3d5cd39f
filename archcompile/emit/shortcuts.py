"""Which nodes make a shortcut more than an identity: the one question every drawing asks of a graph."""

from archcompile.graph.ir import LayerGraph


def changing(graph: LayerGraph) -> frozenset[str]:
    """Nodes of shortcut rules from which on a shortcut carries weights or has another shape: a projection.

    A rule's join is not among them, nor is what a rule does to the branch without weights (stochastic depth).
    """
    found: set[str] = set()
    for node in graph:
        if node.origin.rule is None or not node.inputs:
            continue
        follows = len(node.inputs) == 1 and node.inputs[0] in found
        if follows or graph.weights(node) or node.shape not in graph.input_shapes(node):
            found.add(node.name)
    return frozenset(found)


def carried(graph: LayerGraph, join: str, changes: frozenset[str]) -> list[str]:
    """The nodes among `changes` that lead into a join, first to last; none where its shortcut is an identity."""
    found: list[str] = []
    waiting = list(graph.nodes[join].inputs)
    while waiting:
        name = waiting.pop()
        if name in changes and name not in found:
            found.append(name)
            waiting += graph.nodes[name].inputs
    return found[::-1]
