"""The difference of two networks as an SVG: what is gone red and dotted, what came green and thick, what changed amber.

Every sign has a stroke and a character beside its colour (Okabe and Ito's colours, which colour-blind readers tell apart).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from archcompile.analyses.diff import Difference
from archcompile.analyses.diff_groups import Sign, change_words, part_order
from archcompile.analyses.diff_union import order, signs
from archcompile.emit.contract import stays, wires
from archcompile.emit.figure import Box, Edge, Figure, Line
from archcompile.emit.levels import Drawing
from archcompile.emit.metrics import LABEL, SMALL, text_width
from archcompile.emit.palette import GREY
from archcompile.emit.route import MARGIN, place
from archcompile.emit.svg import LEGEND, SAMPLE, TITLE, Accents, Colours, at, document, drawing, head, num, text
from archcompile.emit.words import part_shape
from archcompile.graph.ir import LayerGraph

Ends = tuple[str, str]  # source and target of an edge


@dataclass(frozen=True, slots=True)
class Look:
    """How a sign is drawn: its character, the colours of boxes, and what the strokes of boxes and edges have besides."""

    mark: str
    colours: Colours
    stroke: str
    words: str


LOOKS: dict[Sign, Look] = {
    "-": Look("\N{MINUS SIGN}", ("#f9dccb", "#d55e00"), ' stroke-dasharray="1.5 2.5" stroke-width="1.6"', "only in {a}"),
    "~": Look("~", ("#fbe8b8", "#c98a00"), ' stroke-width="1.6"', "in both, with other settings or inputs"),
    "+": Look("+", ("#c5ebdf", "#009e73"), ' stroke-width="2.4"', "only in {b}"),
}
SAME: Colours = ("#f7f7f7", "#8c8c8c")


def difference(found: Difference) -> str:
    """The SVG document: the layers of both networks as one, and what is not the same in both marked.

    An edge that only one network has is marked as a layer is. One of the first network that runs against the order of the
    second is left out and counted, for it might close a circle.
    """
    sign = signs(found)
    fig, marked, left_out = _figure(found, sign)
    placed = place(fig)
    shown = [key for key in LOOKS if key in sign.values() or key in marked.values()]
    lines = [LOOKS[key].words.format(a=found.a.name, b=found.b.name) for key in shown]
    notes = [f"{left_out} edges of {found.a.name} are not drawn: they run upwards here"] if left_out else []
    accents = Accents({name: LOOKS[sign[name]].stroke for name in fig.boxes if name in sign},
                      {ends: _stroke(LOOKS[key]) for ends, key in marked.items()})  # fmt: skip
    colours = {name: LOOKS[sign[name]].colours if name in sign else SAME for name in fig.boxes}
    widths = [placed.width, text_width(fig.title, TITLE, bold=True) + 2 * MARGIN, text_width(fig.subtitle, LABEL) + 2 * MARGIN,
              *(SAMPLE + text_width(words, SMALL) + 2 * MARGIN for words in (*lines, *notes))]  # fmt: skip
    bottom = placed.height + MARGIN
    return document(fig.title, f"Difference of two networks: {fig.subtitle}", max(widths),
                    bottom + LEGEND * (len(lines) + len(notes)),
                    [*head(placed, dict.fromkeys(fig.parts, SAME)), *drawing(placed, colours, accents),
                     *_legend(shown, lines, notes, bottom)])  # fmt: skip


def _figure(found: Difference, sign: Mapping[str, Sign]) -> tuple[Figure, dict[Ends, Sign], int]:
    """The figure, the signs of its edges, and how many edges are left out."""
    names = order(found)
    kept = frozenset(node.name for graph in (found.a, found.b) for node in graph
                     if node.name in sign or stays(graph, node, "paper"))  # fmt: skip
    rank = {name: place for place, name in enumerate(names)}
    before, after = _edges(found.a, kept), _edges(found.b, kept)
    ends = {(edge.source, edge.target) for edge in after}
    gone = [edge for edge in before if (edge.source, edge.target) not in ends]
    drawn = [replace(edge, dashed=True) for edge in gone if rank[edge.source] < rank[edge.target]]  # the trunk avoids them
    kept_ends = {(edge.source, edge.target) for edge in before}
    marked: dict[Ends, Sign] = {(edge.source, edge.target): "-" for edge in drawn}
    marked |= dict.fromkeys(sorted(ends - kept_ends), "+")
    told = {change.before.name: change_words(found, change) for change in found.changed}
    a, b = Drawing(found.a), Drawing(found.b)
    boxes = {}
    for name in (name for name in names if name in kept):
        of = b if name in found.b.nodes else a
        box = of.layer(of.graph.nodes[name])
        boxes[name] = _marked(box, LOOKS[sign[name]], told.get(name)) if name in sign else box
    title = f"{found.a.name} \N{RIGHTWARDS ARROW} {found.b.name}"
    fig = Figure(title, _subtitle(sign.values()), "layer", boxes, (*after, *drawn), _parts(found))
    return fig, marked, len(gone) - len(drawn)


def _edges(graph: LayerGraph, kept: frozenset[str]) -> tuple[Edge, ...]:
    """The edges between layers that are drawn; layers that are not are edges."""
    return wires(graph, kept & graph.nodes.keys(), frozenset(), {}).edges


def _marked(box: Box, look: Look, told: str | None) -> Box:
    """The box with the sign before its words; a circle has no room for it."""
    tip = box.tip if told is None else f"{box.tip}\n{told}"
    if box.form == "join":
        return replace(box, tip=tip)
    return replace(box, lines=(Line(f"{look.mark} {box.label}"), *box.lines[1:]), tip=tip)


def _parts(found: Difference) -> dict[str, str]:
    graphs = ((part, found.b if part in found.b.parts else found.a) for part in part_order(found) if part != "input")
    return {part: part_shape(graph, part) for part, graph in graphs}


def _subtitle(found: Iterable[Sign]) -> str:
    """`18 layers removed, 2 changed`."""
    listed = list(found)
    counts = [(listed.count("-"), "removed"), (listed.count("~"), "changed"), (listed.count("+"), "added")]
    told = [f"{count:,} {words}" for count, words in counts if count]
    return f"layers: {', '.join(told)}" if told else "no layer differs"


def _stroke(look: Look) -> str:
    return f' stroke="{look.colours[1]}"{look.stroke}'


def _legend(shown: Iterable[Sign], lines: Iterable[str], notes: Iterable[str], y: float) -> Iterable[str]:
    yield f'<g font-size="{SMALL}" fill="{GREY}">'
    for key, words in zip(shown, lines, strict=True):
        look = LOOKS[key]
        yield f'<path d="M{num(MARGIN)} {num(y)}h28"{_stroke(look)}/>'
        yield f"<text {at(x=MARGIN + SAMPLE, y=y + 3.5)}>{text(words)}</text>"
        y += LEGEND
    for words in notes:
        yield f"<text {at(x=MARGIN, y=y + 3.5)}>{text(words)}</text>"
        y += LEGEND
    yield "</g>"
