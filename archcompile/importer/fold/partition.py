"""Stem, stages and head: rows of blocks where a network repeats, else lists of steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from archcompile.graph import LayerGraph, Node
from archcompile.importer.fold.block_folding import FoldedBlock
from archcompile.importer.fold.cover import Cover, rows_of
from archcompile.importer.fold.draft_steps import Form, Writer
from archcompile.importer.fold.node_settings import attributes
from archcompile.importer.fold.point_names import point_name
from archcompile.importer.fold.rows import FoldedRow
from archcompile.importer.fold.series import Series, Single, Tangle
from archcompile.importer.fold.units import Cell
from archcompile.ops import Global, Window


@dataclass(frozen=True, slots=True)
class FoldedPart:
    """`content` is a list of steps, or a row of a block; `end` is the node that it ends in."""

    name: str
    content: list[Form] | tuple[FoldedBlock, FoldedRow]
    end: str = ""


@dataclass(slots=True)
class Points:
    """What may be referred to by name: `parts`, by the node they end in, and `pinned` points.

    Outputs and taps must be such points.
    """

    pinned: Mapping[str, str]
    start: str  # the input, from which what stands first may be read
    parts: dict[str, str] = field(default_factory=dict)

    def writer(self) -> Writer:
        taken = {*self.pinned.values(), *self.parts.values()}
        return Writer(
            values=lambda node: attributes(node.op),
            at="input",
            taken=taken,
            pinned=self.pinned,
            known=self.parts,
            keeps_names=True,
        )


def output_names(graph: LayerGraph) -> dict[str, str]:
    """The names of several outputs, by node, in alphabetical order, as Keras takes them."""
    nodes = list(graph.outputs.values())
    if len(nodes) == 1:
        return {}
    names = [point_name(label, ()) or "" for label in graph.outputs]
    if "" in names or names != sorted(set(names)):
        names = [f"out_{number:0{len(str(len(nodes)))}}" for number in range(1, len(nodes) + 1)]
    return dict(zip(nodes, names, strict=True))


def with_labels(graph: LayerGraph) -> LayerGraph:
    """The graph with the labels that its spec will give to several outputs."""
    labels = {label: node for node, label in output_names(graph).items()}
    return replace(graph, outputs=labels, is_labelled=True) if labels else graph


def flat_part(graph: LayerGraph) -> FoldedPart:
    """Every layer a step of one list."""
    nodes = list(graph)
    writer = Points(output_names(graph), next(iter(graph.nodes))).writer()
    is_chain = all(node.inputs == (before.name,) for before, node in pairwise(nodes))
    tangle = Tangle(tuple(nodes[1:]), nodes[0].name)
    writer.write(tuple(map(Single, nodes[1:])) if is_chain else (tangle,))
    return FoldedPart("stem", writer.forms)


def parts_of(
    graph: LayerGraph, cells: Sequence[Cell], rest: tuple[Node, ...], *, covers: Sequence[Cover]
) -> list[FoldedPart]:
    """All parts in order; `rest` are the nodes behind the cells that are wired in another way."""
    starts = {cover.stretches[run[0]][0]: (cover, run) for cover in covers for run in cover.runs}
    points = Points(output_names(graph), next(iter(graph.nodes)))
    if not starts:
        if rest or points.pinned:
            return [_list("stem", cells, rest, points=points)]
        return _without_blocks(cells, points)
    written: list[FoldedPart] = []
    at = rows = lists = 0
    while at < len(cells) or (rest and at == len(cells)):
        if at in starts:
            cover, run = starts[at]
            for row in rows_of(cover.block, run):
                rows += 1
                written.append(FoldedPart(f"s{rows}", (cover.block, row)))
            at = cover.stretches[run[-1]][1]
        else:
            end = _end(cells, at, starts)
            head = end == len(cells)
            lists += at > 0 and not head
            name = "stem" if at == 0 else f"t{lists}"
            if head and at:
                name = "head"
            written.append(_list(name, cells[at:end], rest if head else (), points=points))
            at = end + (1 if head else 0)
        if at <= len(cells):
            end_of = cells[at - 1].last.name
            points.parts[end_of] = written[-1].name
            written[-1] = replace(written[-1], end=end_of)
    return written


def _end(cells: Sequence[Cell], at: int, starts: Mapping[int, object]) -> int:
    """Where a list of steps ends: before the next row, or behind a point that is read elsewhere."""
    end = next((n for n in range(at, len(cells)) if n in starts), len(cells))
    if end == len(cells):
        return end
    return next((n + 1 for n in range(at, end) if cells[n].is_tapped), end)


def _list(
    name: str, cells: Sequence[Cell], rest: tuple[Node, ...], *, points: Points
) -> FoldedPart:
    writer = points.writer()
    atoms: Series = tuple(cell.atom for cell in cells)
    tapped = [cell.last for cell in cells if cell.is_tapped] if rest else []
    writer.pinned = {**_pins(tapped, writer), **points.pinned}
    writer.write(atoms)
    if rest:
        start = cells[-1].last.name if cells else next(iter(reversed(points.parts)), points.start)
        writer.write((Tangle(rest, start),))
    return FoldedPart(name, writer.forms)


def _pins(nodes: Sequence[Node], writer: Writer) -> dict[str, str]:
    """Names for the points of this list that its tangle will read."""
    return {
        node.name: writer.free(point_name(node.name, writer.taken) or "point") for node in nodes
    }


def _without_blocks(cells: Sequence[Cell], points: Points) -> list[FoldedPart]:
    """Nothing repeats.

    A stage ends in each pool, where there are several, and the head begins where the map ends.
    """
    ops = [cell.last.op for cell in cells]
    head = next(
        (n for n, op in enumerate(ops) if op.is_flattening or isinstance(op, Global)), len(cells)
    )
    ends = [n + 1 for n, op in enumerate(ops[:head]) if isinstance(op, Window)]
    ends = ends if len(ends) > 1 else []
    edges = [0, *ends, *([head] if head not in (0, *ends) else [])]
    stages = [
        _list(f"s{number}" if ends else "stem", cells[a:b], (), points=points)
        for number, (a, b) in enumerate(pairwise(edges), 1)
    ]
    return (
        [*stages, _list("head", cells[head:], (), points=points)] if head < len(cells) else stages
    )
