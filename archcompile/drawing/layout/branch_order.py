"""Branches that a concat joins, put side by side in the order of its inputs.

The packing of `layout_grid` has the longest branch on the trunk and others where there is room.
Here the columns of these branches change places: what they take together stays the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import accumulate, pairwise

from archcompile.drawing.figure import Figure
from archcompile.drawing.layout.rows_and_columns import LANE, Grid
from archcompile.drawing.layout.sizes import box_aside

NEAR = 0.01  # pixels between widths that are the same
Side = frozenset[str]  # the boxes of a branch


@dataclass(frozen=True, kw_only=True)
class _Branch:
    """The boxes of a branch, all edges that touch them, and the x range of both."""

    boxes: Side
    edges: tuple[int, ...]
    left: float
    right: float


def order_branches(figure: Figure, grid: Grid) -> None:
    """Move the branches of every concat into order, those within a branch first."""
    if any(box.is_ordered for box in figure.boxes.values()):
        _Orderer(figure, grid).order()


class _Orderer:
    """The edges at every box, and the columns, which change."""

    def __init__(self, figure: Figure, grid: Grid):
        self.figure, self.grid = figure, grid
        self.into: dict[str, list[int]] = {name: [] for name in figure.boxes}
        self.out: dict[str, list[int]] = {name: [] for name in figure.boxes}
        for i, edge in enumerate(figure.edges):
            self.into[edge.target].append(i)
            self.out[edge.source].append(i)

    def order(self) -> None:
        merges = (name for name, box in self.figure.boxes.items() if box.is_ordered)
        sides_of = {merge: self.sides(merge) for merge in merges if len(self.into[merge]) > 1}
        apart = {merge: sides for merge, sides in sides_of.items() if self.are_apart(merge, sides)}
        for merge, sides in sorted(apart.items(), key=lambda item: self._height(*item)):
            branches = [self.branch(side) for side in sides]
            if _is_disjoint(branches) and self._is_free(merge, sides, branches):
                self.put_in_order(branches)

    def _height(self, merge: str, sides: Sequence[Side]) -> int:
        return self.grid.row[merge] - min(self.grid.row[name] for side in sides for name in side)

    def _is_free(self, merge: str, sides: Sequence[Side], branches: Sequence[_Branch]) -> bool:
        """Whether nothing else stands between the branches, and no frame around some of them."""
        every = {merge}.union(*sides)
        frames = [set(frame.boxes) & every for frame in self.figure.frames]
        if not all(not held or held == every for held in frames):
            return False
        left, right = min(b.left for b in branches), max(b.right for b in branches)
        row = self.grid.row
        top = min(row[name] for side in sides for name in side)
        inside = {i for branch in branches for i in branch.edges}
        boxes = (
            name
            for name, x in self.grid.x.items()
            if name not in every and top <= row[name] < row[merge] and left < x < right
        )
        edges = (
            i
            for i, edge in enumerate(self.figure.edges)
            if i not in inside
            and row[edge.source] < row[merge]
            and row[edge.target] >= top
            and left < self.grid.spine[i] < right
        )
        has_slots = _max_difference(branches) < NEAR
        return has_slots or (next(boxes, None) is None and next(edges, None) is None)

    def sides(self, merge: str) -> list[Side]:
        """The boxes of each branch down from the fork, without branches that have none."""
        inputs = self.into[merge]
        reached: dict[str, set[int]] = {}
        waiting: list[tuple[int, str]] = []

        def reach(name: str, sides: set[int]) -> None:
            if name not in reached:
                heappush(waiting, (-self.grid.row[name], name))
            reached.setdefault(name, set()).update(sides)

        for side, i in enumerate(inputs):
            reach(self.figure.edges[i].source, {side})
        boxes: list[set[str]] = [set() for _ in inputs]
        while waiting:
            _, name = heappop(waiting)
            if len(reached[name]) == len(inputs):
                break
            for side in reached[name]:
                boxes[side].add(name)
            for i in self.into[name]:
                reach(self.figure.edges[i].source, reached[name])
        return [frozenset(side) for side in boxes if side]

    def are_apart(self, merge: str, sides: Sequence[Side]) -> bool:
        """Whether several branches have no box in common, one source, and no target but this."""
        edges = self.figure.edges
        if len(sides) < 2 or sum(map(len, sides)) != len(frozenset().union(*sides)):
            return False
        sources: set[str] = set()
        for side in sides:
            sources |= {edges[i].source for name in side for i in self.into[name]} - side
            if {edges[i].target for name in side for i in self.out[name]} - side != {merge}:
                return False
        return len(sources) == 1

    def branch(self, side: Side) -> _Branch:
        grid = self.grid
        edges = tuple({i: None for name in side for i in (*self.into[name], *self.out[name])})
        spines = [grid.spine[i] for i in edges]
        lefts = [grid.x[name] - grid.width[name] / 2 for name in side]
        asides: Mapping[str, float] = {name: box_aside(self.figure.boxes[name]) for name in side}
        rights = [grid.x[name] + grid.width[name] / 2 + asides[name] for name in side]
        return _Branch(
            boxes=side, edges=edges, left=min(*lefts, *spines), right=max(*rights, *spines)
        )

    def put_in_order(self, branches: Sequence[_Branch]) -> None:
        """Give the branches, in their order, the columns from the leftmost on."""
        for branch, left in zip(branches, _lefts(branches), strict=True):
            move = left - branch.left
            for name in branch.boxes:
                self.grid.x[name] += move
            for i in branch.edges:
                self.grid.spine[i] += move


def _is_disjoint(branches: Sequence[_Branch]) -> bool:
    ranges = sorted((branch.left, branch.right) for branch in branches)
    return all(before[1] < after[0] for before, after in pairwise(ranges))


def _max_difference(branches: Sequence[_Branch]) -> float:
    widths = [branch.right - branch.left for branch in branches]
    return max(widths) - min(widths)


def _lefts(branches: Sequence[_Branch]) -> list[float]:
    """The columns that the branches have, in order; those of several widths close to each other."""
    lefts = sorted(branch.left for branch in branches)
    if _max_difference(branches) < NEAR:
        return lefts
    widths = [branch.right - branch.left for branch in branches]
    return list(accumulate((width + LANE for width in widths[:-1]), initial=lefts[0]))
