"""A graph as a sequence of atoms: single ops, forks that end in a merge, and tangles.

A node is a cut where no edge passes it by; what lies between two cuts is one atom. A fork is a
merge whose operands come from branches that share nothing but their start; each branch is a series
again. Anything else is a tangle.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archcompile.graph import Node

MOST_FORKS = 12  # forks within forks; deeper ones are a tangle

Series = tuple["Atom", ...]


@dataclass(frozen=True, slots=True)
class Single:
    """One op with one input."""

    node: Node


@dataclass(frozen=True, slots=True)
class Fork:
    """A merge: its operands in order, each a series from the same start.

    An empty one is the start itself.
    """

    node: Node
    branches: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Tangle:
    """Ops that are wired in another way, in order; the last one is read by what follows.

    `start` is the node in front. In a chain (`cell_chains`) `previous` is the start of the atom in
    front, "" for the first; it is None anywhere else.
    """

    nodes: tuple[Node, ...]
    start: str
    previous: str | None = None

    @property
    def reads_previous(self) -> bool:
        """Whether a node reads the start of the atom in front, besides that of its own."""
        return bool(self.previous) and any(self.previous in node.inputs for node in self.nodes)


Atom = Single | Fork | Tangle


def series_of(nodes: Sequence[Node], start: str, depth: int = 0) -> Series:
    """Nodes that lead from `start` to the last of them; `depth` is how many forks they lie in."""
    place = {node.name: number for number, node in enumerate(nodes)}
    last_reader = [number for number, _ in enumerate(nodes)]
    start_reach = -1
    for number, node in enumerate(nodes):
        for source in node.inputs:
            if source in place:
                last_reader[place[source]] = number
            else:
                start_reach = number
    atoms: list[Atom] = []
    behind, reach, first = start, start_reach, 0
    for number, node in enumerate(nodes):
        if max(reach, number) == number:  # no edge passes by
            atoms.append(_atom(nodes[first : number + 1], behind, depth))
            behind, first = node.name, number + 1
        reach = max(reach, last_reader[number])
    return tuple(atoms)


def _atom(nodes: Sequence[Node], start: str, depth: int) -> Atom:
    last = nodes[-1]
    if len(last.inputs) == 1 and len(nodes) == 1:
        return Single(last)
    may_fork = len(last.inputs) > 1 and depth < MOST_FORKS
    branches = _branches(nodes[:-1], last, start) if may_fork else None
    if branches is None:
        return Tangle(tuple(nodes), start)
    return Fork(last, tuple(series_of(branch, start, depth + 1) for branch in branches))


def _branches(nodes: Sequence[Node], merge: Node, start: str) -> list[list[Node]] | None:
    """The nodes of each operand's branch; None where branches share nodes."""
    owner: dict[str, int] = {}
    ends = {name: port for port, name in enumerate(merge.inputs) if name != start}
    if len(ends) != sum(name != start for name in merge.inputs):
        return None
    for node in reversed(nodes):
        if node.name in ends and owner.setdefault(node.name, ends[node.name]) != ends[node.name]:
            return None
        if node.name not in owner:
            return None
        for source in node.inputs:
            if source != start and owner.setdefault(source, owner[node.name]) != owner[node.name]:
                return None
    branches: list[list[Node]] = [[] for _ in merge.inputs]
    for node in nodes:
        branches[owner[node.name]].append(node)
    return branches


def leaves(atoms: Series) -> Iterator[Node]:
    """Every node, in a fixed order: the branches of a fork before its merge."""
    for atom in atoms:
        if isinstance(atom, Single):
            yield atom.node
        elif isinstance(atom, Tangle):
            yield from atom.nodes
        else:
            for branch in atom.branches:
                yield from leaves(branch)
            yield atom.node


def wiring(tangle: Tangle) -> tuple[tuple[int, ...], ...]:
    """For each node of a tangle the places of its inputs in it.

    -1 is the start, -2 that of the atom in front.
    """
    place: dict[str, int] = {node.name: number for number, node in enumerate(tangle.nodes)}
    if tangle.previous:
        place[tangle.previous] = -2
    return tuple(_places(node, place) for node in tangle.nodes)


def _places(node: Node, place: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(place.get(source, -1) for source in node.inputs)
