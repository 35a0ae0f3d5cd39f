"""The L2 that a spec gives to its layers, which a recipe keeps or replaces."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph, Node


def spec_l2(graph: "LayerGraph") -> "dict[float, list[Node]]":
    """The layers of a network by the L2 of their kernels (a weight decay of twice that)."""
    by_l2: dict[float, list[Node]] = {}
    for node in graph:
        l2: float = getattr(node.op, "l2", 0.0)
        if l2:
            by_l2.setdefault(l2, []).append(node)
    return by_l2


def layer_count(nodes: "list[Node]") -> str:
    return "1 layer" if len(nodes) == 1 else f"{len(nodes)} layers"
