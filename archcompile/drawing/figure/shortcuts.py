"""What shortcut rules do, as every drawing asks it of a graph."""

from collections.abc import Collection, Iterator, Mapping
from heapq import heappop, heappush

from archcompile.graph import LayerGraph, Node


def projection_nodes(graph: LayerGraph) -> frozenset[str]:
    """Nodes of shortcut rules from which on a shortcut is a projection.

    That is, it carries weights or has another shape.

    A rule's join is not among them, nor is what a rule does to the branch without weights
    (stochastic depth).
    """
    projections: set[str] = set()
    for node in graph:
        if node.origin.rule is None or not node.inputs:
            continue
        continues = len(node.inputs) == 1 and node.inputs[0] in projections
        if continues or _changes(graph, node):
            projections.add(node.name)
    return frozenset(projections)


def _changes(graph: LayerGraph, node: Node) -> bool:
    return bool(graph.weights(node)) or node.shape not in graph.input_shapes(node)


def changing_layers(graph: LayerGraph, join: str) -> list[Node]:
    """The nodes of a join's rule that have weights or change the shape, first to last."""
    return [node for node in _rule_nodes(graph, join) if _changes(graph, node)]


def rule_name(graph: LayerGraph, join: str) -> str:
    """The rule of a join; `identity` where the rule only adds at this join."""
    adds = graph.nodes[join].op.kind == "add" and not _rule_nodes(graph, join)
    return "identity" if adds else str(graph.nodes[join].origin.rule)


def has_only_identities(graph: LayerGraph, changes: frozenset[str]) -> bool:
    """Whether every shortcut is a projection or an identity.

    Apart from `changes`, rules may only add, and no merge may do more to a shortcut, as gates do.
    """
    merges = (
        node
        for node in graph
        if node.origin.rule or (node.op.role == "merge" and node.op.kind != "concat")
    )
    return all(node.op.kind == "add" for node in merges if node.name not in changes)


def fork_of(
    graph: LayerGraph, merge: Node, inside: Collection[str], *, places: Mapping[str, int]
) -> str | None:
    """The last node from which several inputs of a merge come through nodes `inside`, or None.

    It may be one of the inputs itself, or lie just outside. `places` is the order of the graph's
    nodes.
    """
    reached: dict[str, set[int]] = {}
    waiting: list[tuple[int, str]] = []

    def reach(name: str, sides: set[int]) -> None:
        if name not in reached:
            heappush(waiting, (-places[name], name))
        reached.setdefault(name, set()).update(sides)

    for side, name in enumerate(dict.fromkeys(merge.inputs)):
        reach(name, {side})
    while waiting:
        _, name = heappop(waiting)
        if len(reached[name]) > 1:
            return name
        for source in graph.nodes[name].inputs if name in inside else ():
            reach(source, reached[name])
    return None


def unchanged_chain(graph: LayerGraph, name: str) -> Iterator[str]:
    """A node and those before it whose value reaches it unchanged in shape, last to first."""
    node = graph.nodes[name]
    yield name
    while len(node.inputs) == 1 and not _changes(graph, node):
        node = graph.nodes[node.inputs[0]]
        yield node.name


def _rule_nodes(graph: LayerGraph, join: str) -> list[Node]:
    """The other nodes of the rule that ends in a join, first to last."""
    nodes: dict[str, Node] = {}
    waiting = list(graph.nodes[join].inputs)
    while waiting:
        node = graph.nodes[waiting.pop()]
        if node.origin.rule and node.name not in graph.joins and node.name not in nodes:
            nodes[node.name] = node
            waiting += node.inputs
    return list(nodes.values())[::-1]
