"""Networks with several outputs, or whose last part reads from far back.

They have a trunk, which folds, and a rest that taps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from archcompile.graph import LayerGraph, Node
from archcompile.importer.fold.cell_chains import with_chains
from archcompile.importer.fold.series import Atom, Series, Tangle, series_of

TRIED = 200  # nodes that may end the trunk, the last ones
LARGE = 12  # nodes of a tangle that is worth a search for a trunk


@dataclass(frozen=True, slots=True)
class Trunk:
    """`atoms` lead to one node; `rest` reads it and the `taps`, which are ends of atoms."""

    atoms: Series
    rest: tuple[Node, ...]
    taps: frozenset[str]


def trunk_of(graph: LayerGraph, most: int) -> Trunk:
    """The whole graph as a series, where it is one; else its longest part that is.

    `most` are the block types that a chain may take.
    """
    nodes = list(graph)
    start, body = nodes[0].name, nodes[1:]
    outputs = frozenset(graph.outputs.values())
    if len(outputs) == 1:
        atoms = with_chains(series_of(body, start), most)
        if not any(map(_is_large, atoms)):
            return Trunk(atoms, (), frozenset())
    readers: dict[str, int] = {}
    for node in body:
        for source in node.inputs:
            readers[source] = readers.get(source, 0) + 1
    ends = [node for node in body if readers.get(node.name, 0) > 1 or node.name in outputs]
    trunks = [_up_to(node, body, start, outputs=outputs) for node in ends[-TRIED:]]
    best = max(filter(None, trunks), key=lambda each: -len(each.rest), default=None)
    return best or Trunk((), tuple(body), frozenset())


def _is_large(atom: Atom) -> bool:
    return isinstance(atom, Tangle) and atom.previous is None and len(atom.nodes) > LARGE


def _up_to(
    last: Node, body: Sequence[Node], start: str, *, outputs: frozenset[str]
) -> Trunk | None:
    """The trunk that ends in this node; None where the rest reads from within one of its atoms."""
    needed = {last.name}
    for node in reversed(body):
        if node.name in needed:
            needed.update(node.inputs)
    inside = [node for node in body if node.name in needed]
    rest = tuple(node for node in body if node.name not in needed)
    read = {source for node in rest for source in node.inputs} | outputs
    if start in read:
        return None
    atoms = series_of(inside, start)
    taps = frozenset(node.name for node in inside if node.name in read)
    ends = {atom.nodes[-1].name if isinstance(atom, Tangle) else atom.node.name for atom in atoms}
    return Trunk(atoms, rest, taps) if taps <= ends else None
