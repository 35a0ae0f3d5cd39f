"""A graph as Keras calls, one after another: what the model is built from is what the source
prints.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archcompile.graph import LayerGraph, Node
from archcompile.ops import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCall:
    """One call: its name, the names of the calls it is applied to, and the node it is the whole or
    a part of.
    """

    name: str
    call: Call
    sources: tuple[str, ...]
    node: Node

    @property
    def is_function(self) -> bool:
        """Whether it is a function of keras.ops, which is applied directly and has no name of its
        own.
        """
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
