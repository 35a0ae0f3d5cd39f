"""A graph cut into pieces, drawn one below the other, for the page that folds and unfolds them.

A piece is a part of the network or a group of its units. Its edges to other pieces end at its upper
and lower side, at boxes of the form `end`, which are called like the node that such an edge comes
from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archcompile.choices import Level
from archcompile.drawing.figure import (
    Box,
    Drawing,
    Edge,
    Figure,
    Frame,
    Size,
    UnitGroup,
    Wires,
    differences,
    merge_edges,
    shared_boxes,
    wires,
)
from archcompile.drawing.layout import GAP, Column, Placed, arrange, box_width, place_column
from archcompile.graph import LayerGraph

# the end above a part as a whole; behind a node's name, where its edges leave a piece
ABOVE, LEAVES = " in", " out"


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """A piece as drawn: the x of each end by node, and how far it reaches to the left and right.

    These count from the trunk; a piece without ends is entered and left there.
    """

    placed: Placed
    enters: Mapping[str, float]
    leaves: Mapping[str, float]
    left: float
    right: float
    height: float


@dataclass(frozen=True)
class Piece:
    """A group of units, or a part without units, folded and unfolded."""

    group: UnitGroup
    closed: Fragment
    open: Fragment


@dataclass(frozen=True)
class PageSection:
    """A part of the network: as one box, and as its pieces."""

    name: str
    closed: Fragment
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between pieces, by their numbers, from a node of the first."""

    source: int
    node: str
    target: int


@dataclass(frozen=True)
class Fragments:
    parts: tuple[PageSection, ...]
    links: tuple[Link, ...]
    sizes: tuple[Size, ...]


def fragments(graph: LayerGraph, shown: Sequence[str] = ()) -> Fragments:
    """All pieces of a graph; layers are those of the style `full`, so that every node has a box."""
    drawing = Drawing(graph, shown)
    groups = drawing.groups
    same = {
        node.name: first.name
        for group in groups
        for unit in group.units
        for node, first in zip(unit, group.nodes, strict=True)
    }
    number = {node.name: at for at, group in enumerate(groups) for node in group.nodes}
    links = tuple(
        dict.fromkeys(
            Link(number[same[i]], same[i], at)
            for at, group in enumerate(groups)
            for node in group.nodes
            for i in node.inputs
            if number[same[i]] != at
        )
    )
    leaving: dict[int, list[str]] = {}
    for link in links:
        leaving.setdefault(link.source, []).append(link.node)
    whole = wires(graph, drawing.drawn_names, drawing.projections, same={})
    parts: list[_PartFigures] = []
    for name, run in groupby(enumerate(groups), key=lambda item: item[1].part):
        pieces = tuple(
            _piece(drawing, group, same, leaving=list(dict.fromkeys(leaving.get(at, []))))
            for at, group in run
        )
        closed = _part(drawing, [piece.group for piece in pieces], whole)
        parts.append(_PartFigures(name, closed, pieces))
    every = [fig for part in parts for fig in part.figures()]
    widths = _widths(every)
    return Fragments(tuple(_place_part(part, widths) for part in parts), links, drawing.sizes)


@dataclass(frozen=True)
class _PieceFigures:
    """The figures of a piece before they have places."""

    group: UnitGroup
    closed: Figure
    open: Figure


@dataclass(frozen=True)
class _PartFigures:
    """The figures of a part and of its pieces before they have places."""

    name: str
    closed: Figure
    pieces: tuple[_PieceFigures, ...]

    def figures(self) -> Iterator[Figure]:
        yield self.closed
        for piece in self.pieces:
            yield piece.closed
            yield piece.open


def _place_part(part: _PartFigures, widths: Mapping[Level, float]) -> PageSection:
    pieces = tuple(
        Piece(piece.group, _fragment(piece.closed, widths), _fragment(piece.open, widths))
        for piece in part.pieces
    )
    return PageSection(part.name, _fragment(part.closed, widths), pieces)


def _widths(figures: Iterable[Figure]) -> dict[Level, float]:
    """The width of the widest box of each level, which all pieces of that level take."""
    widths: dict[Level, float] = {}
    for figure in figures:
        boxes = (box_width(box) for box in figure.boxes.values())
        widths[figure.level] = max(widths.get(figure.level, 0.0), *boxes)
    return widths


def _part(drawing: Drawing, groups: Sequence[UnitGroup], whole: Wires) -> Figure:
    """A part as one box, whose edges all enter and leave in its middle."""
    box = drawing.part(groups, whole)
    has_input = any(whole.into.get(node.name) for node in groups[0].nodes)
    above = {ABOVE: _end(ABOVE, groups[0])} if has_input else {}
    return Figure(
        title="",
        subtitle="",
        level="stage",
        boxes={**above, box.name: box},
        edges=tuple(Edge(end, box.name, False) for end in above),
        parts={},
        sizes=drawing.sizes,
    )


def _piece(
    drawing: Drawing, group: UnitGroup, same: Mapping[str, str], *, leaving: Sequence[str]
) -> _PieceFigures:
    """A group, folded and unfolded."""
    names = frozenset(node.name for node in group.nodes)
    every = wires(group.nodes, names, drawing.projections, same=same)
    wired = wires(group.nodes, drawing.drawn_names & names, drawing.projections, same=same)
    boxes, home = drawing.block(group, wired)
    edges = merge_edges(wired.edges, home, shared_boxes(boxes, wired))
    ends = {name: home.get(wired.behind[name], home[name]) for name in leaving}
    layers = {node.name: drawing.layer(node) for node in group.nodes}
    notes = differences(group, drawing.graph)
    closed = _figure_with_ends("block", group, boxes, edges=edges, leaving=ends, notes=notes)
    unfolded = _figure_with_ends(
        "layer",
        group,
        layers,
        edges=every.edges,
        leaving={name: name for name in leaving},
        notes=notes,
    )
    sized = (replace(figure, sizes=drawing.sizes) for figure in (closed, unfolded))
    return _PieceFigures(group, *sized)


def _figure_with_ends(
    level: Level,
    group: UnitGroup,
    boxes: Mapping[str, Box],
    *,
    edges: Sequence[Edge],
    leaving: Mapping[str, str],
    notes: tuple[str, ...],
) -> Figure:
    """The figure of a piece with its ends: above for inputs from outside, below for outputs."""
    above = {edge.source: _end(edge.source, group) for edge in edges if edge.source not in boxes}
    below = {node + LEAVES: _end(node + LEAVES, group) for node in leaving}
    ways = (*edges, *(Edge(box, node + LEAVES, False) for node, box in leaving.items()))
    frame = Frame(tuple(boxes), len(group.units), notes)
    return Figure(
        title="",
        subtitle="",
        level=level,
        boxes={**above, **boxes, **below},
        edges=ways,
        parts={},
        frames=(frame,) if len(group.units) > 1 else (),
    )


def _end(name: str, group: UnitGroup) -> Box:
    return Box(
        name=name, lines=(), form="end", part=group.part, unit=None, tip="", shape=(), nodes=()
    )


def _fragment(figure: Figure, widths: Mapping[Level, float]) -> Fragment:
    """A piece with places: the ends on its sides are told apart by their names."""
    grid = arrange(figure, widths[figure.level])
    placed = place_column(figure, grid, Column(0.0, -GAP))  # the first row stands at 0
    trunk = placed.rects[grid.trunk[0]].x
    ends = {
        name: placed.rects[name].x - trunk
        for name, box in figure.boxes.items()
        if box.form == "end"
    }
    enters = {name: x for name, x in ends.items() if not name.endswith((ABOVE, LEAVES))}
    leaves = {name.removesuffix(LEAVES): x for name, x in ends.items() if name.endswith(LEAVES)}
    return Fragment(
        placed=placed,
        enters=enters,
        leaves=leaves,
        left=trunk,
        right=placed.width - trunk,
        height=placed.height,
    )
