"""What shortcut rules do: the one question every drawing asks of a graph."""

from archcompile.graph.ir import LayerGraph, Node


def changing(graph: LayerGraph) -> frozenset[str]:
    """Nodes of shortcut rules from which on a shortcut carries weights or has another shape: a projection.

    A rule's join is not among them, nor is what a rule does to the branch without weights (stochastic depth).
    """
    found: set[str] = set()
    for node in graph:
        if node.origin.rule is None or not node.inputs:
            continue
        if (len(node.inputs) == 1 and node.inputs[0] in found) or _changes(graph, node):
            found.add(node.name)
    return frozenset(found)


def _changes(graph: LayerGraph, node: Node) -> bool:
    return bool(graph.weights(node)) or node.shape not in graph.input_shapes(node)


def carried(graph: LayerGraph, join: str) -> list[Node]:
    """The nodes of a join's rule that have weights or change the shape, first to last."""
    return [node for node in _before(graph, join) if _changes(graph, node)]


def named(graph: LayerGraph, join: str) -> str:
    """The rule of a join; `identity` where all that it did here is to add, whatever it does elsewhere."""
    adds = graph.nodes[join].op.kind == "add" and not _before(graph, join)
    return "identity" if adds else str(graph.nodes[join].origin.rule)


def identities(graph: LayerGraph, changes: frozenset[str]) -> bool:
    """Whether shortcuts are projections or identities throughout: beside what is among `changes` rules only add, and no
    other merge does anything else to what comes past layers, as gates do."""
    merges = (node for node in graph if node.origin.rule or (node.op.role == "merge" and node.op.kind != "concat"))
    return all(node.op.kind == "add" for node in merges if node.name not in changes)


def _before(graph: LayerGraph, join: str) -> list[Node]:
    """The other nodes of the rule that ends in a join, first to last."""
    found: dict[str, Node] = {}
    waiting = list(graph.nodes[join].inputs)
    while waiting:
        node = graph.nodes[waiting.pop()]
        if node.origin.rule and node.name not in graph.joins and node.name not in found:
            found[node.name] = node
            waiting += node.inputs
    return list(found.values())[::-1]
