"""The difference of two networks as an SVG.

What is gone is red and dotted, what came green and thick, what changed amber.

Every sign has a stroke and a character beside its colour (Okabe and Ito's colours, which
colour-blind readers tell apart).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from archcompile.analyses import (
    Difference,
    Sign,
    change_words,
    order,
    part_order,
    signs,
)
from archcompile.drawing.figure import (
    WIDE,
    Box,
    Drawing,
    Edge,
    Ends,
    Figure,
    Line,
    SideEdge,
    bridging_ways,
    drawn_nodes,
    part_shape,
    wires,
)
from archcompile.drawing.formats.difference_folding import come_along, fold_units
from archcompile.drawing.formats.difference_legend import (
    LOOKS,
    Look,
    idle_paddings,
    notes_on,
    sign_legend,
    stroke_of,
)
from archcompile.drawing.formats.palette import Colours
from archcompile.drawing.formats.svg_drawing import (
    LEGEND,
    SAMPLE,
    TITLE,
    Accents,
    drawing,
    head,
    legend_lines,
    legend_of,
)
from archcompile.drawing.formats.svg_markup import document
from archcompile.drawing.layout import LABEL, MARGIN, SMALL, place, text_width
from archcompile.graph import LayerGraph

SAME: Colours = ("#f7f7f7", "#8c8c8c")


def draw_difference(difference: Difference) -> str:
    """The SVG document: the layers of both networks as one, with the differences marked.

    An edge that only one network has is marked as a layer is; where it only closes the gap of
    layers that are gone, the line through these stands for it. An edge of the first network that
    runs against the order of the second is left out and counted, for it might close a circle.
    """
    idle = idle_paddings(difference)
    sign = {name: key for name, key in signs(difference).items() if name not in idle}
    drawn = difference
    if difference.is_same:  # names of layers alone may differ
        drawn = replace(difference, a=replace(difference.b, name=difference.a.name))
    fig, wiring = _figure(drawn, sign)
    placed = place(fig)
    shown = [key for key in LOOKS if key in sign.values() or key in wiring.signs.values()]
    lines = [LOOKS[key].words.format(a=difference.a.name, b=difference.b.name) for key in shown]
    dashes = legend_of([fig])
    notes = notes_on(
        difference, has_bridges=wiring.has_bridges, upwards=wiring.upwards, idle=len(idle)
    )
    accents = Accents(
        {name: LOOKS[sign[name]].stroke for name in fig.boxes if name in sign},
        {
            place: stroke_of(LOOKS[key], fig.edges[place].is_dashed)
            for place, key in wiring.signs.items()
        },
        {place for place, key in wiring.signs.items() if key == "+"},
    )
    colours = {name: LOOKS[sign[name]].colours if name in sign else SAME for name in fig.boxes}
    widths = [
        placed.width,
        text_width(fig.title, TITLE, bold=True) + 2 * MARGIN,
        text_width(fig.subtitle, LABEL) + 2 * MARGIN,
        *(SAMPLE + text_width(words, SMALL) + 2 * MARGIN for words in (*lines, *dashes, *notes)),
    ]
    bottom = placed.height + MARGIN
    return document(
        fig.title,
        f"Difference of two networks: {fig.subtitle}",
        max(widths),
        height=bottom + LEGEND * (len(lines) + len(dashes) + len(notes)),
        body=[
            *head(placed, _part_colours(difference, fig.parts)),
            *drawing(placed, colours, accents),
            *sign_legend(shown, lines, notes, y=bottom + LEGEND * len(dashes)),
            *(legend_lines(dashes, bottom) if dashes else ()),
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """The edges of both networks as drawn, and the signs of those of one alone, by their place.

    `has_bridges` says that some are not drawn, since lines go through what the other network has in
    their place; `upwards` ones are left out.
    """

    edges: tuple[Edge, ...]
    signs: Mapping[int, Sign]
    has_bridges: bool
    upwards: int


def _figure(difference: Difference, sign: Mapping[str, Sign]) -> tuple[Figure, Wiring]:
    """The figure of both networks as one."""
    names = order(difference)
    drawn = _drawn_layers(difference, sign)
    rank = {name: place for place, name in enumerate(names)}
    wiring = _union(_edges(difference.a, drawn), _edges(difference.b, drawn), difference, rank=rank)
    changes = {
        change.before.name: change_words(difference, change) for change in difference.changed
    }
    a, b = Drawing(difference.a), Drawing(difference.b)
    boxes = {}
    for name in (name for name in names if name in drawn):
        network = b if name in difference.b.nodes else a
        pad = network.pads.get(name)
        box = network.layer_of(
            network.graph.nodes[name], "full" if pad and pad.name in drawn else "paper"
        )
        boxes[name] = _mark_box(box, LOOKS[sign[name]], changes.get(name)) if name in sign else box
    dashed = _projections(a, drawn) | _projections(b, drawn)
    edges = tuple(
        replace(edge, is_dashed=(edge.source, edge.target) in dashed) for edge in wiring.edges
    )
    title = f"{difference.a.name} \N{RIGHTWARDS ARROW} {difference.b.name}"
    fig = Figure(
        title=title,
        subtitle=_subtitle(difference, sign.values()),
        level="layer",
        boxes=boxes,
        edges=edges,
        parts=_part_shapes(difference),
    )
    folded, edge_signs = fold_units(fig, wiring.signs)
    return folded, replace(wiring, edges=folded.edges, signs=edge_signs)


def _projections(drawing: Drawing, drawn: frozenset[str]) -> frozenset[Ends]:
    """The ends of a network's dashed edges."""
    graph = drawing.graph
    edges = wires(graph, drawn & graph.nodes.keys(), drawing.projections, same={}).edges
    return frozenset((edge.source, edge.target) for edge in edges if edge.is_dashed)


def _drawn_layers(difference: Difference, sign: Mapping[str, Sign]) -> frozenset[str]:
    """The layers drawn: those of a paper's figure, those that differ, and inputs of one only.

    What comes or goes with a layer of a paper's figure is as little drawn as what stays.
    """
    read = {
        name
        for change in difference.changed
        if change.is_rewired
        for name in {*change.before.inputs} ^ {*change.after.inputs}
    }
    graphs = (difference.a, difference.b)
    paper = frozenset().union(*(drawn_nodes(graph, "paper") for graph in graphs))
    marked = frozenset(node.name for graph in graphs for node in graph if node.name in sign)
    every = [Edge(i, node.name, False) for graph in graphs for node in graph for i in node.inputs]
    return paper | read | (marked - come_along(every, sign, marked - paper))


def _union(
    before: Sequence[Ends],
    after: Sequence[Ends],
    difference: Difference,
    *,
    rank: Mapping[str, int],
) -> Wiring:
    """The edges of both networks, each as often as in the one that has more of it.

    Edges that only close a gap (`bridging_ways`) are left out.
    """
    old, new = Counter(before), Counter(after)
    gone, come, both = old - new, new - old, old & new
    kept_on = bridging_ways(come, old, {node.name for node in difference.removed}, rank=rank)
    opened = bridging_ways(gone, new, {node.name for node in difference.added}, rank=rank)
    hidden = {ends for ends in gone if ends not in opened and rank[ends[0]] > rank[ends[1]]}
    upwards = Counter({ends: gone[ends] for ends in hidden})
    # one of each stands for both networks
    lines = {ends for way in (*kept_on.values(), *opened.values()) for ends in way}
    marks: dict[Sign, Counter[Ends]] = {
        "-": gone - Counter(opened.keys()) - upwards,
        "+": come - Counter(kept_on.keys()),
    }
    edges: list[Edge] = []
    signs: dict[int, Sign] = {}
    for ends in dict.fromkeys((*new, *old)):
        plain = both[ends] + (ends in lines)
        edges += [Edge(*ends, is_dashed=False)] * plain
        for key, marked in marks.items():
            for _ in range(marked[ends] - (ends in lines)):
                signs[len(edges)] = key
                edges.append(SideEdge(*ends, is_dashed=False))
    return Wiring(
        edges=tuple(edges),
        signs=signs,
        has_bridges=bool(kept_on or opened),
        upwards=upwards.total(),
    )


def _edges(graph: LayerGraph, drawn: frozenset[str]) -> list[Ends]:
    """The edges between layers that are drawn; layers that are not are edges."""
    return [
        (edge.source, edge.target)
        for edge in wires(graph, drawn & graph.nodes.keys(), frozenset(), same={}).edges
    ]


def _mark_box(box: Box, look: Look, change: str | None) -> Box:
    """The box with the sign before its words; a circle has no room for it."""
    tip = box.tip if change is None else f"{box.tip}\n{change}"
    if box.form == "join":
        return replace(box, tip=tip)
    facts = [Line(_shorten(change), "fact")] if change else []
    return replace(box, lines=(Line(f"{look.mark} {box.label}"), *box.lines[1:], *facts), tip=tip)


def _shorten(words: str) -> str:
    """As many changes as go in a line, the shortest first, and how many there are besides."""
    changes = sorted(words.split("; "), key=len)
    widths = accumulate(len(change) + 2 for change in changes)
    fitting = sum(width <= WIDE for width in widths)
    shown, more = changes[:fitting], len(changes) - fitting
    if more:
        shown.append(f"{more} more" if fitting else f"{more} change{'s' * (more > 1)}")
    return "; ".join(shown)


def _part_shapes(difference: Difference) -> dict[str, str]:
    graphs = (
        (part, difference.b if part in difference.b.parts else difference.a)
        for part in part_order(difference)
        if part != "input"
    )
    return {part: part_shape(graph, part) for part, graph in graphs}


def _part_colours(difference: Difference, parts: Iterable[str]) -> dict[str, Colours]:
    """The colours of stages: those that one network alone has, in the colour of its layers."""
    in_both = difference.a.parts.keys() & difference.b.parts.keys()
    gone = dict.fromkeys(difference.a.parts.keys() - in_both, LOOKS["-"].colours)
    come = dict.fromkeys(difference.b.parts.keys() - in_both, LOOKS["+"].colours)
    return dict.fromkeys(parts, SAME) | gone | come


def _subtitle(difference: Difference, signs: Iterable[Sign]) -> str:
    """`layers: 18 removed, 2 changed; other outputs`."""
    listed = list(signs)
    counts = [
        (listed.count("-"), "removed"),
        (listed.count("~"), "changed"),
        (listed.count("+"), "added"),
    ]
    words = [f"{count:,} {sign}" for count, sign in counts if count]
    layers = f"layers: {', '.join(words)}" if words else "no layer differs"
    return f"{layers}; other outputs" if difference.outputs else layers
