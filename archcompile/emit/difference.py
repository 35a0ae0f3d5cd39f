"""The difference of two networks as an SVG: what is gone red and dotted, what came green and thick, what changed amber.

Every sign has a stroke and a character beside its colour (Okabe and Ito's colours, which colour-blind readers tell apart).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from archcompile.analyses.diff import Difference
from archcompile.analyses.diff_groups import Sign, change_words, other_names, part_order
from archcompile.analyses.diff_union import order, signs
from archcompile.emit.contract import stays, wires
from archcompile.emit.figure import Box, Edge, Figure, Line
from archcompile.emit.levels import Drawing
from archcompile.emit.metrics import LABEL, SMALL, text_width
from archcompile.emit.palette import GREY
from archcompile.emit.route import MARGIN, place
from archcompile.emit.svg import LEGEND, SAMPLE, TITLE, Accents, Colours, at, document, drawing, head, num, text
from archcompile.emit.through import Ends, through
from archcompile.emit.words import WIDE, part_shape
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
    fig, wiring = _figure(replace(found, a=replace(found.b, name=found.a.name)) if found.same else found, sign)
    placed = place(fig)
    shown = [key for key in LOOKS if key in sign.values() or key in wiring.signs.values()]
    lines = [LOOKS[key].words.format(a=found.a.name, b=found.b.name) for key in shown]
    notes = _notes(found, wiring)
    accents = Accents({name: LOOKS[sign[name]].stroke for name in fig.boxes if name in sign},
                      {place: _stroke(LOOKS[key]) for place, key in wiring.signs.items()},
                      {place for place, key in wiring.signs.items() if key == "+"})  # fmt: skip
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
    """The edges of both networks as drawn, and the signs of those that only one has, by their place.

    `closing` says that some are not drawn, as lines go through what the other network has there; `upwards` ones are left out.
    """

    edges: tuple[Edge, ...]
    signs: Mapping[int, Sign]
    closing: bool
    upwards: int


def _figure(found: Difference, sign: Mapping[str, Sign]) -> tuple[Figure, Wiring]:
    """The figure of both networks as one."""
    names = order(found)
    kept = _kept(found, sign)
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
    return Figure(title, _subtitle(found, sign.values()), "layer", boxes, wiring.edges, _parts(found)), wiring


def _kept(found: Difference, sign: Mapping[str, Sign]) -> frozenset[str]:
    """The layers that are drawn: those of a paper's figure, those that differ, and what only one network reads there."""
    read = {name for change in found.changed if change.rewired for name in {*change.before.inputs} ^ {*change.after.inputs}}
    return frozenset(node.name for graph in (found.a, found.b) for node in graph
                     if node.name in sign or node.name in read or stays(graph, node, "paper"))  # fmt: skip


def _union(before: Sequence[Ends], after: Sequence[Ends], found: Difference, rank: Mapping[str, int]) -> Wiring:
    """The edges of both networks, as often as the one that has more of each; but for those that only close a gap (`through`)."""
    old, new = Counter(before), Counter(after)
    gone, come, both = old - new, new - old, old & new
    kept_on = through(come, old, {node.name for node in found.removed}, rank)
    opened = through(gone, new, {node.name for node in found.added}, rank)
    upwards = Counter({ends: count for ends, count in gone.items() if ends not in opened and rank[ends[0]] > rank[ends[1]]})
    lines = {ends for way in (*kept_on.values(), *opened.values()) for ends in way}  # one of each stands for both networks
    marks: dict[Sign, Counter[Ends]] = {"-": gone - Counter(opened.keys()) - upwards, "+": come - Counter(kept_on.keys())}
    edges: list[Edge] = []
    signs: dict[int, Sign] = {}
    for ends in dict.fromkeys((*new, *old)):
        plain = both[ends] + (ends in lines)
        edges += [Edge(*ends, dashed=False)] * plain
        for key, marked in marks.items():
            for _ in range(marked[ends] - (ends in lines)):
                signs[len(edges)] = key
                edges.append(Edge(*ends, dashed=True))  # the trunk avoids what is dashed
    return Wiring(tuple(edges), signs, bool(kept_on or opened), upwards.total())


def _edges(graph: LayerGraph, kept: frozenset[str]) -> list[Ends]:
    """The edges between layers that are drawn; layers that are not are edges."""
    return [(edge.source, edge.target) for edge in wires(graph, kept & graph.nodes.keys(), frozenset(), {}).edges]


def _marked(box: Box, look: Look, told: str | None) -> Box:
    """The box with the sign before its words; a circle has no room for it."""
    tip = box.tip if told is None else f"{box.tip}\n{told}"
    if box.form == "join":
        return replace(box, tip=tip)
    facts = [Line(_shortened(told), "fact")] if told else []
    return replace(box, lines=(Line(f"{look.mark} {box.label}"), *box.lines[1:], *facts), tip=tip)


def _shortened(told: str) -> str:
    """As many changes as go in a line, the shortest first, and how many there are besides."""
    changes = sorted(told.split("; "), key=len)
    fits = [total for total in accumulate(len(change) + 2 for change in changes) if total <= WIDE]
    more = len(changes) - len(fits)
    words = f"{more} more" if fits else f"{more} change{'s' * (more > 1)}"
    return "; ".join([*changes[: len(fits)], *([words] if more else [])])


def _parts(found: Difference) -> dict[str, str]:
    graphs = ((part, found.b if part in found.b.parts else found.a) for part in part_order(found) if part != "input")
    return {part: part_shape(graph, part) for part, graph in graphs}


def _subtitle(found: Difference, signs: Iterable[Sign]) -> str:
    """`layers: 18 removed, 2 changed; other outputs`."""
    listed = list(signs)
    counts = [(listed.count("-"), "removed"), (listed.count("~"), "changed"), (listed.count("+"), "added")]
    told = [f"{count:,} {words}" for count, words in counts if count]
    return (f"layers: {', '.join(told)}" if told else "no layer differs") + ("; other outputs" if found.outputs else "")


def _notes(found: Difference, wiring: Wiring) -> list[str]:
    """How to read lines, and what no line shows: names, outputs that came or went, and edges that are left out."""
    notes = ["lines without a mark go on past what only one network has"] if wiring.closing else []
    notes += other_names(found, found.a.name, found.b.name)
    if found.outputs:
        notes += [f"outputs of {graph.name}: {_outputs(graph)}" for graph in (found.a, found.b)]
    if wiring.upwards:
        notes.append(f"not drawn, as upwards here: {wiring.upwards} edge{'s' * (wiring.upwards > 1)} of {found.a.name}")
    return notes


def _outputs(graph: LayerGraph) -> str:
    """`main head_dense1, aux i4a_dense1`: what each is called and the layer; of many the first."""
    named = [f"{label} {name}" for label, name in graph.outputs.items()]
    more = len(named) - NAMED
    return ", ".join(named) if more <= 1 else f"{', '.join(named[:NAMED])} and {more} more"


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
