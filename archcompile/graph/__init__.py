"""The layer graph: the one form that costs, diagrams, models and training are made from."""

from archcompile.graph.ir import LayerGraph, Node, Origin
from archcompile.graph.lowering import lower

__all__ = ["LayerGraph", "Node", "Origin", "lower"]
