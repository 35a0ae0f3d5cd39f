"""Rows and columns for a figure: the trunk straight down, everything else beside it on the right.

The trunk is a longest path. Side nodes form chains, each in a column of its own; every edge that is part of neither is
given a lane. Chains and lanes are packed from the trunk outwards, short ones first, so that none crosses a box.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from archcompile.emit.figure import Figure

LANE = 13.0  # pixels between the trunk, lanes and columns


@dataclass
class Grid:
    """Rows count from 0; x is a centre line in pixels, 0 that of the trunk.

    `spine` holds, edge by edge, the x at which the edge runs down; `right` how far each row reaches.
    """

    trunk: list[str]
    row: dict[str, int]
    x: dict[str, float]
    spine: list[float]
    right: list[float]


@dataclass
class _Strand:
    """A chain of side nodes, or one edge (no nodes), between its rows `lo` and `hi`."""

    lo: int
    hi: int
    nodes: list[str] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)


@dataclass
class _Wiring:
    """Indices of the edges into and out of each box."""

    into: dict[str, list[int]]
    out: dict[str, list[int]]


def arrange(figure: Figure, width: float) -> Grid:
    """Give every box a row and a centre, every edge a spine. `width` is that of a box. Linear but for long skips."""
    edges = figure.edges
    wiring = _wire(figure)
    row = _rows(figure, wiring)
    trunk = _trunk(figure, wiring, row)
    x = dict.fromkeys(trunk, 0.0)
    spine = [0.0] * len(edges)
    straight = _between(figure, wiring, trunk)
    strands = _chains(figure, wiring, row, set(trunk))
    taken = straight.union(*(strand.edges for strand in strands))
    strands += [_Strand(row[e.source], row[e.target], [], [i]) for i, e in enumerate(edges) if i not in taken]

    right = [width / 2] * len(trunk)
    for strand in sorted(strands, key=lambda s: (s.hi - s.lo, s.lo)):
        rows = range(strand.lo + 1, strand.hi + 1)
        centre = max(right[r] for r in rows) + LANE + (width / 2 if strand.nodes else 0)
        x.update(dict.fromkeys(strand.nodes, centre))
        for i in strand.edges:
            spine[i] = centre
        for r in rows:
            right[r] = centre + (width / 2 if strand.nodes else 0)
    return Grid(trunk, row, x, spine, right)


def _wire(figure: Figure) -> _Wiring:
    wiring = _Wiring({name: [] for name in figure.boxes}, {name: [] for name in figure.boxes})
    for i, edge in enumerate(figure.edges):
        wiring.out[edge.source].append(i)
        wiring.into[edge.target].append(i)
    return wiring


def _rows(figure: Figure, wiring: _Wiring) -> dict[str, int]:
    row: dict[str, int] = {}
    for name in figure.boxes:
        row[name] = 1 + max((row[figure.edges[i].source] for i in wiring.into[name]), default=-1)
    return row


def _trunk(figure: Figure, wiring: _Wiring, row: dict[str, int]) -> list[str]:
    """A longest path, from above; among equal ways the one that is no projection, then the first argument's."""
    name = max(figure.boxes, key=row.__getitem__)
    path = [name]
    while row[name]:
        above = [figure.edges[i] for i in wiring.into[name] if row[figure.edges[i].source] == row[name] - 1]
        name = min(above, key=lambda edge: edge.dashed).source
        path.append(name)
    return path[::-1]


def _between(figure: Figure, wiring: _Wiring, path: Iterable[str]) -> set[int]:
    """One edge for each step of a path; parallel ones stay for the lanes, dashed ones first."""
    found = set()
    for above, below in pairwise(path):
        edges = [i for i in wiring.out[above] if figure.edges[i].target == below]
        found.add(min(edges, key=lambda i: figure.edges[i].dashed))
    return found


def _chains(figure: Figure, wiring: _Wiring, row: dict[str, int], trunk: set[str]) -> list[_Strand]:
    """Cover the side nodes with paths, each with one edge that leads in and one that leads out."""
    edges, strands, taken = figure.edges, [], set(trunk)
    for name in figure.boxes:
        if name in taken:
            continue
        nodes = [name]
        taken.add(name)
        while (below := _follow(figure, wiring, nodes[-1], taken)) is not None:
            nodes.append(below)
            taken.add(below)
        enter = max(wiring.into[name], key=lambda i: row[edges[i].source], default=None)
        leave = min(wiring.out[nodes[-1]], key=lambda i: row[edges[i].target], default=None)
        lo = row[name] - 1 if enter is None else row[edges[enter].source]
        hi = row[nodes[-1]] if leave is None else row[edges[leave].target]
        own = _between(figure, wiring, nodes) | {i for i in (enter, leave) if i is not None}
        if leave is not None and all(set(wiring.into[n] + wiring.out[n]) <= own for n in nodes):
            _centre(nodes, row, lo, hi)
        strands.append(_Strand(lo, hi, nodes, sorted(own)))
    return strands


def _follow(figure: Figure, wiring: _Wiring, name: str, taken: set[str]) -> str | None:
    return next((t for t in (figure.edges[i].target for i in wiring.out[name]) if t not in taken), None)


def _centre(nodes: list[str], row: dict[str, int], lo: int, hi: int) -> None:
    """Move a chain that hangs on its two ends only to the middle between them."""
    down = (hi - lo - 1 - len(nodes)) // 2
    for place, name in enumerate(nodes):
        row[name] = lo + 1 + down + place
