"""What a drawing shows, before anything has a place: boxes with a few words, and the edges between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from archcompile.analyses.cost import LayerCost, layers, totals
from archcompile.analyses.depth import depth
from archcompile.emit.shortcuts import changing, identities
from archcompile.graph.ir import LayerGraph, Node
from archcompile.ops import show

Style = Literal["paper", "full"]
Form = Literal["input", "layer", "plain", "step", "join"]  # `layer` has weights, `plain` is a pool or a merge
DROPPED = {"norm", "act", "tensor"}  # the roles that the style `paper` leaves out


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn: `form` is its look, `tip` what it says when pointed at, one fact a line."""

    name: str
    label: str
    form: Form
    part: str
    unit: int | None
    tip: str


@dataclass(frozen=True, slots=True)
class Edge:
    """One argument of one node; `dashed` on a shortcut that carries weights or changes the shape."""

    source: str
    target: str
    dashed: bool


@dataclass(frozen=True)
class Figure:
    """A drawing without places. `boxes` is in topological order; `parts` maps parts to the words for their shape.

    `identities` says that every shortcut without weights is an identity.
    """

    title: str
    subtitle: str
    boxes: Mapping[str, Box]
    edges: tuple[Edge, ...]
    parts: Mapping[str, str]
    joins: int
    identities: bool


def figure(graph: LayerGraph, style: Style = "paper") -> Figure:
    """The figure of a graph: every node (`full`), or weight layers, pools, merges and outputs (`paper`)."""
    kept = {node.name for node in graph if style == "full" or _stays(graph, node)}
    projections = changing(graph)
    stands_for: dict[str, str] = {}  # each node's nearest kept node on the way back: one pass, linear in the graph
    dashed: dict[str, bool] = {}
    edges: list[Edge] = []
    for node in graph:
        dashed[node.name] = node.name in projections or (node.name not in kept and dashed[node.inputs[0]])
        if node.name in kept:
            stands_for[node.name] = node.name
            edges += [Edge(stands_for[i], node.name, dashed[i] or dashed[node.name]) for i in node.inputs]
        else:
            stands_for[node.name] = stands_for[node.inputs[0]]
    return Figure(
        title=graph.name,
        subtitle=headline(graph),
        boxes={cost.name: _box(graph, cost) for cost in layers(graph) if cost.name in kept},
        edges=tuple(edges),
        parts={part: part_shape(graph, part) for part in graph.parts},
        joins=len(graph.joins),
        identities=identities(graph, projections),
    )


def part_shape(graph: LayerGraph, part: str) -> str:
    """The shape (H, W, C) that a part ends in, `16x16x32`; `4 outputs` where so many outputs lie in it."""
    own = sum(graph.nodes[name].origin.part == part for name in graph.outputs.values())
    return f"{own} outputs" if own > 1 else show(graph.nodes[graph.parts[part]].shape)


def headline(graph: LayerGraph) -> str:
    """`32x32x3 -> 10, depth 20, 274,442 parameters`."""
    shapes = [show(shape) for shape in graph.output_shapes.values()]
    ends = ", ".join(shapes) if len(shapes) <= 4 else f"{len(shapes)} outputs"
    total = totals(layers(graph)).params
    return f"{show(graph.input_shape)} \N{RIGHTWARDS ARROW} {ends}, depth {depth(graph)}, {total:,} parameters"


def _stays(graph: LayerGraph, node: Node) -> bool:
    return node.op.role not in DROPPED or len(node.inputs) != 1 or node.name in graph.outputs.values()


def _box(graph: LayerGraph, cost: LayerCost) -> Box:
    node = graph.nodes[cost.name]
    ends = [label for label, name in graph.outputs.items() if name == node.name and len(graph.outputs) > 1]
    label = " \N{RIGHTWARDS ARROW} ".join([node.op.label(), *ends])
    tip = [node.name, node.op.label(), show(node.shape), *([f"{cost.params:,} parameters"] if cost.params else [])]
    return Box(node.name, label, _form(node, label), node.origin.part, node.origin.unit, "\n".join(tip))


def _form(node: Node, label: str) -> Form:
    if node.op.role == "input":
        return "input"
    if node.op.role == "merge" and len(label) == 1:
        return "join"
    if node.op.weighted:
        return "layer"
    return "step" if node.op.role in DROPPED else "plain"
