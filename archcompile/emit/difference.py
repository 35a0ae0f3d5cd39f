"""The difference of two networks as an SVG: what is gone red and dotted, what came green and thick, what changed amber.

Every sign has a stroke and a character beside its colour (Okabe and Ito's colours, which colour-blind readers tell apart).
"""

from collections.abc import Iterable, Mapping, Sequence
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
from archcompile.emit.through import Ends, through
from archcompile.emit.words import part_shape
from archcompile.graph.ir import LayerGraph


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
NAMED = 4  # outputs, before the rest is only counted
SAME: Colours = ("#f7f7f7", "#8c8c8c")


def difference(found: Difference) -> str:
    """The SVG document: the layers of both networks as one, and what is not the same in both marked.

    An edge that only one network has is marked as a layer is; where it only closes the gap of layers that are gone, the line
    through these stands for it. An edge of the first network that runs against the order of the second is left out and
    counted, for it might close a circle.
    """
    sign = signs(found)
    fig, wiring = _figure(found, sign)
    placed = place(fig)
    shown = [key for key in LOOKS if key in sign.values() or key in wiring.signs.values()]
    lines = [LOOKS[key].words.format(a=found.a.name, b=found.b.name) for key in shown]
    notes = _notes(found, wiring)
    accents = Accents({name: LOOKS[sign[name]].stroke for name in fig.boxes if name in sign},
                      {ends: _stroke(LOOKS[key]) for ends, key in wiring.signs.items()})  # fmt: skip
    colours = {name: LOOKS[sign[name]].colours if name in sign else SAME for name in fig.boxes}
    widths = [placed.width, text_width(fig.title, TITLE, bold=True) + 2 * MARGIN, text_width(fig.subtitle, LABEL) + 2 * MARGIN,
              *(SAMPLE + text_width(words, SMALL) + 2 * MARGIN for words in (*lines, *notes))]  # fmt: skip
    bottom = placed.height + MARGIN
    return document(fig.title, f"Difference of two networks: {fig.subtitle}", max(widths),
                    bottom + LEGEND * (len(lines) + len(notes)),
                    [*head(placed, dict.fromkeys(fig.parts, SAME)), *drawing(placed, colours, accents),
                     *_legend(shown, lines, notes, bottom)])  # fmt: skip


@dataclass(frozen=True)
class Wiring:
    """The edges of both networks as drawn, and the signs of those that only one has.

    `closing` edges are not drawn, as lines go through what the other network has there; `upwards` ones are left out.
    """

    edges: tuple[Edge, ...]
    signs: Mapping[Ends, Sign]
    closing: int
    upwards: int


def _figure(found: Difference, sign: Mapping[str, Sign]) -> tuple[Figure, Wiring]:
    """The figure of both networks as one."""
    names = order(found)
    kept = frozenset(node.name for graph in (found.a, found.b) for node in graph
                     if node.name in sign or stays(graph, node, "paper"))  # fmt: skip
    rank = {name: place for place, name in enumerate(names)}
    wiring = _union(_edges(found.a, kept), _edges(found.b, kept), found, rank)
    told = {change.before.name: change_words(found, change) for change in found.changed}
    a, b = Drawing(found.a), Drawing(found.b)
    boxes = {}
    for name in (name for name in names if name in kept):
        of = b if name in found.b.nodes else a
        box = of.layer(of.graph.nodes[name])
        boxes[name] = _marked(box, LOOKS[sign[name]], told.get(name)) if name in sign else box
    title = f"{found.a.name} \N{RIGHTWARDS ARROW} {found.b.name}"
    return Figure(title, _subtitle(sign.values()), "layer", boxes, wiring.edges, _parts(found)), wiring


def _union(before: Sequence[Edge], after: Sequence[Edge], found: Difference, rank: Mapping[str, int]) -> Wiring:
    """The edges of both networks, but for those that only close a gap (`through`)."""
    old, new = dict.fromkeys(map(_ends, before)), dict.fromkeys(map(_ends, after))
    gone, come = [ends for ends in old if ends not in new], [ends for ends in new if ends not in old]
    kept_on = through(come, old, {node.name for node in found.removed}, rank)
    opened = through(gone, new, {node.name for node in found.added}, rank)
    lines = {ends for way in (*kept_on.values(), *opened.values()) for ends in way}  # they stand for both networks
    upwards = {ends for ends in gone if rank[ends[0]] > rank[ends[1]]}
    signs: dict[Ends, Sign] = {ends: "-" for ends in gone if ends not in lines and ends not in opened and ends not in upwards}
    signs |= {ends: "+" for ends in come if ends not in lines and ends not in kept_on}
    left = [edge for edge in before if _ends(edge) in signs or (_ends(edge) in lines and _ends(edge) not in new)]
    drawn = [*(edge for edge in after if _ends(edge) not in kept_on), *left]
    edges = tuple(replace(edge, dashed=_ends(edge) in signs) for edge in drawn)  # the trunk avoids what is dashed
    return Wiring(edges, signs, len(kept_on) + len(opened), sum(_ends(edge) in upwards for edge in before))


def _ends(edge: Edge) -> Ends:
    return edge.source, edge.target


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


def _notes(found: Difference, wiring: Wiring) -> list[str]:
    """How to read lines, and what no line shows: outputs that came or went, and edges that are left out."""
    notes = ["a line through what only one network has goes on without it in the other"] if wiring.closing else []
    if found.outputs:
        notes += [f"outputs of {graph.name}: {_first(list(graph.outputs.values()))}" for graph in (found.a, found.b)]
    if wiring.upwards:
        notes.append(f"{wiring.upwards} edges of {found.a.name} are not drawn: they run upwards here")
    return notes


def _first(names: Sequence[str]) -> str:
    """The names, or the first of them and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:NAMED])} and {more} more"


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
