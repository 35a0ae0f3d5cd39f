"""A graph as a sequence of Keras calls: the model is built from them, the source prints them."""

from collections.abc import Iterator
from dataclasses import dataclass

from archcompile.graph import LayerGraph, Node
from archcompile.ops import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCall:
    """One call: its name, the names of the calls it reads, and the node that it is (part of)."""

    name: str
    call: Call
    sources: tuple[str, ...]
    node: Node

    @property
    def is_function(self) -> bool:
        """Whether it is a function of keras.ops, which is called directly and has no name."""
        return self.call.path.startswith("ops.")


def calls(graph: LayerGraph) -> Iterator[NamedCall]:
    """All calls in order. The last one of a node is called like it, the others have a suffix."""
    taken = set(graph.nodes)
    for node in graph:
        names: dict[int | str, str] = dict(enumerate(node.inputs))
        for piece in node.op.pieces(*graph.input_shapes(node)):
            name = f"{node.name}_{piece.suffix}" if piece.suffix else node.name
            while piece.suffix and name in taken:
                name += "_"
            taken.add(name)
            yield NamedCall(
                name=name,
                call=piece.call,
                sources=tuple(names[source] for source in piece.sources),
                node=node,
            )
            names[piece.suffix] = name
