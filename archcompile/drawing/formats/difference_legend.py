"""What stands below a drawn difference: its signs, its lines, and what it leaves out."""

from collections.abc import Iterable
from dataclasses import dataclass

from archcompile.analyses import Difference, Sign, renaming_notes
from archcompile.drawing.formats.palette import GREY, Colours
from archcompile.drawing.formats.svg_drawing import LEGEND, SAMPLE
from archcompile.drawing.formats.svg_markup import DASHES, at, num, text
from archcompile.drawing.layout import MARGIN, SMALL
from archcompile.errors import plural
from archcompile.graph import LayerGraph
from archcompile.ops import Op


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a sign is drawn: its character, the colours of boxes, the strokes of boxes and edges."""

    mark: str
    colours: Colours
    stroke: str
    words: str


LOOKS: dict[Sign, Look] = {
    "-": Look(
        mark="\N{MINUS SIGN}",
        colours=("#f9dccb", "#d55e00"),
        stroke=' stroke-dasharray="1.5 2.5" stroke-width="1.6"',
        words="only in {a}",
    ),
    "~": Look(
        mark="~",
        colours=("#fbe8b8", "#c98a00"),
        stroke=' stroke-width="1.6"',
        words="in both, with other settings or inputs",
    ),
    "+": Look(
        mark="+", colours=("#c5ebdf", "#009e73"), stroke=' stroke-width="2.4"', words="only in {b}"
    ),
}
NAMED = 4  # outputs, before the rest is only counted


def idle_paddings(difference: Difference) -> frozenset[str]:
    """The layers that differ only in how a window of one pixel is padded: nothing is."""
    return frozenset(
        change.before.name
        for change in difference.changed
        if not change.is_rewired and _is_padding_alone(change.before.op, change.after.op)
    )


def _is_padding_alone(before: Op, after: Op) -> bool:
    old, new = before.settings(), after.settings()
    window = old.get("kernel", old.get("size"))
    return window == [1, 1] and old | {"padding": None} == new | {"padding": None}


def notes_on(difference: Difference, *, has_bridges: bool, upwards: int, idle: int) -> list[str]:
    """How to read lines, and what none shows: paddings, names, changed outputs, edges left out."""
    notes = []
    if has_bridges:
        notes.append("where a network lacks layers, it goes straight on without a line of its own")
    if idle:
        notes.append(
            f"not marked: the `padding` of {plural(idle, 'layer')} of 1x1, where it adds 0"
        )
    notes += renaming_notes(difference, difference.a.name, difference.b.name)
    if difference.outputs:
        notes += [
            f"outputs of {graph.name}: {_output_words(graph)}"
            for graph in (difference.a, difference.b)
        ]
    if upwards:
        notes.append(
            f"not drawn, since they would go upwards here: {upwards} "
            f"edge{'s' * (upwards > 1)} of "
            f"{difference.a.name}"
        )
    return notes


def _output_words(graph: LayerGraph) -> str:
    """`main head_dense1, aux i4a_dense1`: what each is called and the layer; of many the first."""
    named = [f"{label} {name}" for label, name in graph.outputs.items()]
    more = len(named) - NAMED
    return ", ".join(named) if more <= 1 else f"{', '.join(named[:NAMED])} and {more} more"


def stroke_of(look: Look, is_dashed: bool = False) -> str:
    """The stroke of a sign; that of a projection has dashes, too."""
    stroke = look.stroke
    if is_dashed:
        dots = "stroke-dasharray=" in stroke
        stroke = stroke.replace("1.5 2.5", "6 2.5 1.5 2.5") if dots else stroke + DASHES
    return f' stroke="{look.colours[1]}"{stroke}'


def sign_legend(
    shown: Iterable[Sign], lines: Iterable[str], notes: Iterable[str], *, y: float
) -> Iterable[str]:
    yield f'<g font-size="{SMALL}" fill="{GREY}">'
    for key, words in zip(shown, lines, strict=True):
        look = LOOKS[key]
        yield f'<path d="M{num(MARGIN)} {num(y)}h28"{stroke_of(look)}/>'
        yield f"<text {at(x=MARGIN + SAMPLE, y=y + 3.5)}>{text(words)}</text>"
        y += LEGEND
    for words in notes:
        yield f"<text {at(x=MARGIN, y=y + 3.5)}>{text(words)}</text>"
        y += LEGEND
    yield "</g>"
