"""The layer graph: what a spec means, node by node.

Everything behind it (costs, drawings, models) reads only this. A node is built where the spec is
written out, in `spec.expansion`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archcompile.ops import Shape, Weight
from archcompile.spec.expansion import Node, Origin

if TYPE_CHECKING:
    import networkx


__all__ = ["LayerGraph", "Node", "Origin"]


@dataclass(frozen=True, kw_only=True, repr=False)
class LayerGraph:
    """A checked network.

    `nodes` is in topological order; `outputs` maps labels to node names, and `is_labelled` says
    that the spec gives these labels (else the end is the one output, and its label stands for
    nothing); `parts` maps stem, stages and head, in order, to their last node; `joins` are the
    nodes at which shortcuts end.
    """

    name: str
    nodes: Mapping[str, Node]
    outputs: Mapping[str, str]
    parts: Mapping[str, str]
    joins: tuple[str, ...] = ()
    about: str = ""
    recipe: str | None = None
    spec_text: str = ""  # the resolved, self-contained spec
    is_labelled: bool = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {len(self)} nodes>"

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        return tuple(self.nodes[i].shape for i in node.inputs)

    def weights(self, node: Node) -> tuple[Weight, ...]:
        return node.op.weights(*self.input_shapes(node))

    @property
    def input_shape(self) -> Shape:
        """Shape (H, W, C) of the one input."""
        return next(iter(self)).shape

    @property
    def output_shapes(self) -> dict[str, Shape]:
        return {label: self.nodes[name].shape for label, name in self.outputs.items()}

    @property
    def classes(self) -> int | None:
        """Length of the output vector; None where there are several outputs or maps."""
        shapes = list(self.output_shapes.values())
        return shapes[0][0] if len(shapes) == 1 and len(shapes[0]) == 1 else None

    @cached_property
    def nx(self) -> "networkx.MultiDiGraph[str]":
        """For networkx: nodes have `op`, `shape`, `origin`, edges the argument's place, `port`."""
        import networkx

        graph: Any = networkx.MultiDiGraph(name=self.name)
        for node in self:
            graph.add_node(node.name, op=node.op, shape=node.shape, origin=node.origin)
            for port, source in enumerate(node.inputs):
                graph.add_edge(source, node.name, key=port, port=port)
        result: networkx.MultiDiGraph[str] = graph
        return result
