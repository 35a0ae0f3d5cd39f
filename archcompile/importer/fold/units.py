"""A series as cells, and units made of them: the body that repeats and the skip path that joins it.

Where a sum has two operands of which one is short, the long one is the body and the short one the
shortcut: then units whose shortcuts differ (none, the identity, a projection) are the same block,
and the shortcut is a matter of rules.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archcompile.graph import LayerGraph, Node
from archcompile.importer.fold.node_settings import signature
from archcompile.importer.fold.series import Atom, Fork, Series, Single, Tangle, leaves
from archcompile.ops import Add, DropPath, Shape, ceil_div


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The end of a skip path.

    `skip` are its steps, `tail` what lies on the branch in front of the sum (stochastic depth).
    """

    merge: Node
    skip: Series
    tail: Series
    is_skip_first: bool
    start: Shape  # of the map where the skip path starts
    branch: Shape  # of the branch, which is that of the sum

    @property
    def stride(self) -> int | None:
        """The fact `stride`, as `spec.expansion` has it; None where there is none."""
        if len(self.start) != 3 or len(self.branch) != 3:
            return None
        sizes = zip(self.start[:2], self.branch[:2], strict=True)
        stride = max(ceil_div(size, reduced) for size, reduced in sizes)
        reached = tuple(ceil_div(size, stride) for size in self.start[:2])
        return stride if reached == self.branch[:2] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One atom of a series as items.

    An opened sum is its body with a join behind it, anything else is itself.
    """

    atom: Atom
    items: Series
    join: Join | None = None
    is_tapped: bool = False  # whether what it ends in is read from further on, too
    is_closed: bool = False  # whether it is a sum that was opened, and then closed again

    def with_closed_sum(self) -> "Cell":
        """The cell with its sum as a step like any other."""
        if self.join is None:
            return self
        return replace(self, items=(self.atom,), join=None, is_closed=True)

    @property
    def last(self) -> Node:
        return self.atom.nodes[-1] if isinstance(self.atom, Tangle) else self.atom.node


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Some cells as one use of a block, at most one of them with a join.

    `shape` (H, W, C) is that of its input.
    """

    items: Series
    shape: Shape
    join: Join | None = None
    offset: int = 0  # items in front of the point where the skip path starts
    place: int = 0  # items in front of the join

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(leaves(self.items))


def cells_of(graph: LayerGraph, atoms: Series, taps: Collection[str] = ()) -> list[Cell]:
    """The atoms of a trunk as cells; `taps` are the nodes that are read from further on."""
    untapped = [_cell(graph, atom) for atom in atoms]
    return [replace(cell, is_tapped=cell.last.name in taps) for cell in untapped]


def _cell(graph: LayerGraph, atom: Atom) -> Cell:
    """An atom as a cell; a sum of a long and a short branch is opened."""
    if not isinstance(atom, Fork) or not isinstance(atom.node.op, Add) or len(atom.branches) != 2:
        return Cell(atom=atom, items=(atom,))
    sizes = [len(list(leaves(branch))) for branch in atom.branches]
    long = 0 if sizes[0] > sizes[1] else 1
    body, tail = _without_tail(atom.branches[long])
    if sizes[0] == sizes[1] or not body:
        return Cell(atom=atom, items=(atom,))
    start = graph.nodes[_start(atom)].shape
    return Cell(
        atom=atom,
        items=body,
        join=Join(
            merge=atom.node,
            skip=atom.branches[1 - long],
            tail=tail,
            is_skip_first=long == 1,
            start=start,
            branch=atom.node.shape,
        ),
    )


def _start(fork: Fork) -> str:
    """The node that a fork starts from."""
    for branch in fork.branches:
        nodes = list(leaves(branch))
        if nodes:
            inside = {node.name for node in nodes}
            return next(source for source in nodes[0].inputs if source not in inside)
    return fork.node.inputs[0]


def _is_drop_path(atom: Atom) -> bool:
    return isinstance(atom, Single) and isinstance(atom.node.op, DropPath)


def _without_tail(branch: Series) -> tuple[Series, Series]:
    """A branch without the stochastic depth at its end, and that end."""
    last = len(branch)
    while last and _is_drop_path(branch[last - 1]):
        last -= 1
    return branch[:last], branch[last:]


def unit_of(cells: Sequence[Cell], shape: Shape) -> Unit | None:
    """Cells as a unit; None where two of them join."""
    items: list[Atom] = []
    join, offset, place = None, 0, 0
    for cell in cells:
        if cell.join is not None:
            if join is not None:
                return None
            join, offset, place = cell.join, len(items), len(items) + len(cell.items)
        items += cell.items
    return Unit(items=tuple(items), shape=shape, join=join, offset=offset, place=place)


def pattern_of(items: Series) -> tuple[Any, ...]:
    """What two lists of items must have in common to be the same steps of a block."""
    return tuple(signature(item) for item in items)
