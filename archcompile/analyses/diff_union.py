"""Two networks as one graph, for a drawing: the layers of both, and which of them and of their edges is whose."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from archcompile.analyses.diff import Difference
from archcompile.analyses.diff_groups import Sign, part_order
from archcompile.graph.ir import LayerGraph, Node

QUIET = ("norm", "act", "tensor")  # roles that are left out where nothing happened to them

Edge = tuple[str, str]  # source and target


@dataclass(frozen=True)
class Union:
    """`layers` and `edges` hold what is not the same in both, each with its sign.

    `left_out` counts edges of the first network that run against the order of the second: they might close a circle.
    """

    graph: LayerGraph
    layers: Mapping[str, Sign]
    edges: Mapping[Edge, Sign]
    left_out: int


def union(found: Difference) -> Union:
    """All layers that came, went or changed, and of the others those that a paper's figure has."""
    layers: dict[str, Sign] = {node.name: "-" for node in found.removed}
    layers |= {node.name: "+" for node in found.added}
    layers |= {change.before.name: "~" for change in found.changed}
    kept = {node.name for graph in (found.a, found.b) for node in graph if node.name in layers or _stays(graph, node)}
    before, after = _edges(found.a, kept), _edges(found.b, kept)
    rank = _ranks(found)
    gone = [edge for edge in before if edge not in after]
    drawn = [edge for edge in gone if rank[edge[0]] < rank[edge[1]]]
    signs: dict[Edge, Sign] = {edge: "-" for edge in drawn}
    signs |= {edge: "+" for edge in after if edge not in before}
    names = sorted(kept, key=rank.__getitem__)
    return Union(_graph(found, names, [*after, *drawn]), layers, signs, len(gone) - len(drawn))


def _stays(graph: LayerGraph, node: Node) -> bool:
    """Whether a layer to which nothing happened is drawn. One that is not leaves the shape as it is."""
    quiet = node.op.role in QUIET and len(node.inputs) == 1 and graph.input_shapes(node) == (node.shape,)
    return not quiet or node.name in graph.outputs.values()


def _edges(graph: LayerGraph, kept: set[str]) -> dict[Edge, None]:
    """The edges between layers that are drawn, in order; layers that are not drawn are edges."""
    stands_for: dict[str, str] = {}
    found: dict[Edge, None] = {}
    for node in graph:
        stands_for[node.name] = node.name if node.name in kept else stands_for[node.inputs[0]]
        if node.name in kept:
            found.update(((stands_for[name], node.name), None) for name in node.inputs)
    return found


def _ranks(found: Difference) -> dict[str, tuple[int, int]]:
    """An order of the layers of both: that of b; what only a has follows what it follows there."""
    ranks = {name: (place, 0) for place, name in enumerate(found.b.nodes)}
    at = (-1, 0)
    for name in found.a.nodes:
        at = ranks.setdefault(name, (at[0], at[1] + 1))
    return ranks


def _graph(found: Difference, names: list[str], edges: list[Edge]) -> LayerGraph:
    """The graph of what is drawn. A layer reads what it reads in either network, so it may have more inputs than its op takes."""
    into: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        into[target].append(source)
    both = {**found.a.nodes, **found.b.nodes}
    nodes = {name: replace(both[name], inputs=tuple(into[name])) for name in names}
    last = {node.origin.part: node.name for node in nodes.values()}
    parts = {part: last[part] for part in part_order(found) if part in last and part != "input"}
    joins = tuple(name for name in names if name in found.a.joins or name in found.b.joins)
    return LayerGraph(found.b.name, nodes, found.b.outputs, parts, joins)
