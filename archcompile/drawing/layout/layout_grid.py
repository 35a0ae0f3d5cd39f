"""Rows and columns for a figure: the trunk straight down, everything else beside it on the right.

The trunk is a longest path. Side nodes form chains, each in a column of its own; every edge that is
part of neither is given a lane. Chains and lanes are packed from the trunk outwards, short ones
first, so that none crosses a box; a frame is packed like a chain that is as long as what it holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from archcompile.drawing.figure import Box, Figure
from archcompile.drawing.layout.branch_order import order_branches
from archcompile.drawing.layout.rows_and_columns import LANE, Grid
from archcompile.drawing.layout.sizes import FRAME, box_aside, box_width, frame_aside

OWN_WIDTH, SEVERAL = ("join", "end"), ("block", "part")  # forms of boxes


@dataclass(frozen=True, kw_only=True)
class _Strand:
    """A chain of side nodes, an edge (no nodes) or a frame (neither), from row `lo` to `hi`."""

    lo: int
    hi: int
    nodes: list[str] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    frame: int | None = None

    @property
    def extent(self) -> tuple[int, bool, int]:
        """Short ones first; a frame behind all that it may hold."""
        return self.hi - self.lo, self.frame is not None, self.lo


@dataclass(frozen=True)
class _Wiring:
    """Indices of the edges into and out of each box."""

    into: dict[str, list[int]]
    out: dict[str, list[int]]


def arrange(figure: Figure, least: float = 0.0) -> Grid:
    """Give every box a row and a centre, every edge a spine. Linear but for long skips.

    Boxes on the trunk are equally wide, and not narrower than `least`.
    """
    wiring = _wire(figure)
    row = _rows(figure, wiring)
    trunk = _trunk(figure, wiring, row)
    chains = _chains(figure, wiring, row, trunk=trunk)
    taken = _between(figure, wiring, trunk).union(*(strand.edges for strand in chains))
    direct = _direct(
        figure, wiring, row, paths=[trunk, *(strand.nodes for strand in chains)], taken=taken
    )
    edges = [
        _Strand(lo=row[e.source], hi=row[e.target], nodes=[], edges=[i])
        for i, e in enumerate(figure.edges)
        if i not in taken and i not in direct
    ]
    grid = Grid(
        trunk=trunk,
        row=row,
        x={},
        width=_widths(figure, trunk, least),
        spine=[0.0] * len(figure.edges),
        right=[],
        frames=[],
    )
    _pack(figure, grid, chains, edges=edges)
    for i in direct:
        grid.spine[i] = grid.x[figure.edges[i].target]
    order_branches(figure, grid)
    return grid


def _pack(figure: Figure, grid: Grid, chains: list[_Strand], *, edges: list[_Strand]) -> None:
    """Put the strands into their columns, from the trunk outwards."""
    boxes = figure.boxes
    grid.x.update(dict.fromkeys(grid.trunk, 0.0))
    # also beside a circle, so that lanes lie on one line
    half = max(grid.width[name] for name in grid.trunk) / 2
    grid.right += [half + box_aside(boxes[name]) for name in grid.trunk]
    frames = [_frame(grid.row, frame.boxes, number) for number, frame in enumerate(figure.frames)]
    framed: dict[int, tuple[int, int, float, float]] = {}
    for strand in _outwards([*chains, *edges, *frames], chains, figure):
        rows = range(strand.lo + 1, strand.hi + 1)
        edge = max(grid.right[r] for r in rows)
        if strand.frame is not None:
            frame = figure.frames[strand.frame]
            left = _left_side(grid, frame.boxes)
            framed[strand.frame] = strand.lo + 1, strand.hi, left, edge + FRAME
            reach = edge + frame_aside(frame)
        else:
            half = max((grid.width[name] for name in strand.nodes), default=0.0) / 2
            centre = edge + LANE + half
            grid.x.update(dict.fromkeys(strand.nodes, centre))
            for i in strand.edges:
                grid.spine[i] = centre
            aside = max((box_aside(boxes[name]) for name in strand.nodes), default=0.0)
            reach = centre + half + aside
        for r in rows:
            grid.right[r] = reach
    grid.frames += [framed[number] for number in range(len(frames))]


def _left_side(grid: Grid, boxes: Iterable[str]) -> float:
    """Where a frame begins: at the trunk, or beside it where nothing of the trunk is in it."""
    names = grid.trunk if set(boxes) & set(grid.trunk) else boxes
    return min(grid.x[name] - grid.width[name] / 2 for name in names)


def _widths(figure: Figure, trunk: list[str], least: float) -> dict[str, float]:
    """Boxes on the trunk are as wide as the widest; those beside it as the widest for one layer."""
    layers = max(
        (box_width(box) for box in figure.boxes.values() if box.form not in SEVERAL), default=0.0
    )
    widest = max((box_width(box) for box in figure.boxes.values()), default=0.0)
    wide = dict.fromkeys(trunk, max(widest, least))

    def width(name: str, box: Box) -> float:
        if box.form in OWN_WIDTH:
            return box_width(box)
        return wide.get(name, widest if box.form in SEVERAL else layers)

    return {name: width(name, box) for name, box in figure.boxes.items()}


def _outwards(strands: list[_Strand], chains: list[_Strand], figure: Figure) -> Iterable[_Strand]:
    """Short strands first; one that hangs on a longer chain, or frames it, follows that chain."""
    host = {name: chain for chain in chains for name in chain.nodes}
    waiting: dict[int, list[_Strand]] = {}
    free: list[_Strand] = []
    for strand in _in_turns(strands):
        edges = [figure.edges[i] for i in strand.edges]
        ends = {end for edge in edges for end in (edge.source, edge.target)}
        if strand.frame is not None:
            ends.update(figure.frames[strand.frame].boxes)
        hosts = [host[end] for end in sorted(ends - set(strand.nodes)) if end in host]
        longer = [chain for chain in hosts if chain.extent > strand.extent]
        (waiting.setdefault(id(longer[0]), []) if longer else free).append(strand)
    stack = free[::-1]
    while stack:
        strand = stack.pop()
        yield strand
        stack += reversed(waiting.pop(id(strand), []))


def _in_turns(strands: Iterable[_Strand]) -> Iterable[_Strand]:
    """Short strands first; of equally long ones first all that share no row, then all in their way.

    So lines that overlap the next one only, as where cells read the cell before the last, take two
    lanes by turns.
    """
    for _, alike in groupby(sorted(strands, key=lambda s: s.extent), lambda s: s.extent[:2]):
        turns: list[list[_Strand]] = []
        for strand in alike:
            free = (turn for turn in turns if turn[-1].hi <= strand.lo)
            turn = next(free, None)
            if turn is None:
                turns.append([strand])
            else:
                turn.append(strand)
        for turn in turns:
            yield from turn


def _frame(row: dict[str, int], boxes: Iterable[str], number: int) -> _Strand:
    rows = [row[name] for name in boxes]
    return _Strand(lo=min(rows) - 1, hi=max(rows), frame=number)


def _wire(figure: Figure) -> _Wiring:
    wiring = _Wiring({name: [] for name in figure.boxes}, {name: [] for name in figure.boxes})
    for i, edge in enumerate(figure.edges):
        wiring.out[edge.source].append(i)
        wiring.into[edge.target].append(i)
    return wiring


def _rows(figure: Figure, wiring: _Wiring) -> dict[str, int]:
    """One below the lowest source; where edges leave the drawing they all end in the last row."""
    row: dict[str, int] = {}
    for name in figure.boxes:
        row[name] = 1 + max((row[figure.edges[i].source] for i in wiring.into[name]), default=-1)
    last = max(row.values(), default=0)
    leaving = [name for name, box in figure.boxes.items() if box.form == "end"]
    row.update(dict.fromkeys((name for name in leaving if wiring.into[name]), last))
    return row


def _trunk(figure: Figure, wiring: _Wiring, row: dict[str, int]) -> list[str]:
    """A longest path; of equal ones that with fewest dashed edges, then the first argument's."""
    # dashed edges on the best path to each box, and the box before it
    best: dict[str, tuple[int, str | None]] = {}
    for name in figure.boxes:
        edges = [figure.edges[i] for i in wiring.into[name]]
        above = [edge for edge in edges if row[edge.source] == row[name] - 1]
        ways = [(best[edge.source][0] + edge.is_beside, edge.source) for edge in above]
        best[name] = min(ways, key=lambda way: way[0]) if ways else (0, None)
    lowest = max(row.values())
    ends = [
        name
        for name in figure.boxes
        if row[name] == lowest and (best[name][1] is not None or not lowest)
    ]
    path = [min(ends, key=lambda name: best[name][0])]
    while (above_it := best[path[-1]][1]) is not None:
        path.append(above_it)
    return path[::-1]


def _between(figure: Figure, wiring: _Wiring, path: Iterable[str]) -> set[int]:
    """One edge for each step of a path; parallel ones stay for the lanes, dashed ones first."""
    steps = set()
    for above, below in pairwise(path):
        edges = [i for i in wiring.out[above] if figure.edges[i].target == below]
        steps.add(min(edges, key=lambda i: figure.edges[i].is_beside))
    return steps


def _direct(
    figure: Figure, wiring: _Wiring, row: dict[str, int], *, paths: list[list[str]], taken: set[int]
) -> set[int]:
    """The other edges into the next row that can come straight down on their target.

    The box above their target must lead nowhere else.
    """
    above = {below: name for names in paths for name, below in pairwise(names)}
    direct = set()
    for i, edge in enumerate(figure.edges):
        before = above.get(edge.target)
        if i in taken or before is None or before == edge.source:
            continue
        if row[edge.source] == row[edge.target] - 1 == row[before]:
            targets = {figure.edges[k].target for k in wiring.out[before]}
            # parallel ones would hide one another
            parallel = [k for k in wiring.out[edge.source] if figure.edges[k].target == edge.target]
            if targets == {edge.target} and len(parallel) == 1:
                direct.add(i)
    return direct


def _chains(
    figure: Figure, wiring: _Wiring, row: dict[str, int], *, trunk: list[str]
) -> list[_Strand]:
    """Cover the side nodes with paths, each with one edge that leads in and one that leads out."""
    edges, strands, taken = figure.edges, [], set(trunk)
    begins = _begins(figure, trunk)
    for name in figure.boxes:
        if name in taken:
            continue
        nodes = [name]
        taken.add(name)
        while (below := _follow(figure, wiring, nodes[-1], taken=taken)) is not None:
            nodes.append(below)
            taken.add(below)
        enter = max(wiring.into[name], key=lambda i: row[edges[i].source], default=None)
        leave = min(wiring.out[nodes[-1]], key=lambda i: row[edges[i].target], default=None)
        lo = row[name] - 1 if enter is None else row[edges[enter].source]
        hi = row[nodes[-1]] if leave is None else row[edges[leave].target]
        chain = _between(figure, wiring, nodes) | {i for i in (enter, leave) if i is not None}
        ends = enter is None or leave is None or figure.boxes[nodes[-1]].form == "end"
        if not ends and all(set(wiring.into[n] + wiring.out[n]) <= chain for n in nodes):
            # a part's layers lie beside its trunk, where they can
            first = begins.get(figure.boxes[name].part, 0)
            _centre(nodes, row, max(lo, first - 1) if hi - first >= len(nodes) else lo, hi=hi)
        strands.append(_Strand(lo=lo, hi=hi, nodes=nodes, edges=sorted(chain)))
    return strands


def _begins(figure: Figure, trunk: list[str]) -> dict[str, int]:
    """The first row of each part on the trunk."""
    begins: dict[str, int] = {}
    for place, name in enumerate(trunk):
        begins.setdefault(figure.boxes[name].part, place)
    return begins


def _follow(figure: Figure, wiring: _Wiring, name: str, *, taken: set[str]) -> str | None:
    targets = (figure.edges[i].target for i in wiring.out[name])
    return next((target for target in targets if target not in taken), None)


def _centre(nodes: list[str], row: dict[str, int], lo: int, *, hi: int) -> None:
    """Move a chain that hangs on its two ends only to the middle between them."""
    down = (hi - lo - 1 - len(nodes)) // 2
    for place, name in enumerate(nodes):
        row[name] = lo + 1 + down + place
