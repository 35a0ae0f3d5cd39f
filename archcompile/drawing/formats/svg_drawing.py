"""A placed figure as SVG: plain attributes, no script, no style sheet, always the same bytes."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from archcompile.choices import Level
from archcompile.drawing.figure import (
    LEVELS,
    Box,
    Drawing,
    Edge,
    Figure,
    Frame,
    Line,
    Size,
    Style,
    map_size,
)
from archcompile.drawing.formats.palette import (
    GREY,
    INK,
    Colours,
    box_colours,
    part_colours,
    size_colours,
)
from archcompile.drawing.formats.svg_markup import (
    DASHES,
    STROKE,
    at,
    document,
    num,
    rounded_path,
    text,
)
from archcompile.drawing.layout import (
    LABEL,
    LINE,
    LOOP,
    LOOP_HEIGHT,
    MARGIN,
    SMALL,
    Mark,
    Placed,
    Point,
    Rect,
    fits_a_page,
    font,
    place,
    text_width,
)
from archcompile.graph import LayerGraph
from archcompile.ops import show

TITLE = 16  # font size
# the words for lines in the legend
IDENTITY, WEIGHTLESS = "identity shortcut", "shortcut without weights"
PROJECTION = "shortcut with weights or a change of shape"
BRANCHES = "branch without weights", "branch with weights or a change of shape"
OR_BRANCH, EITHER = " or branch", "shortcut or branch with weights or a change of shape"
# of a line of the legend: the room for the stroke before the words, and its height
SAMPLE, LEGEND = 34.0, 14.0
SWATCHES = 5  # sizes in a line of the legend
NOTE = 12.0  # height of a line beside a frame


@dataclass(frozen=True)
class Accents:
    """Attributes for highlighted strokes: boxes by name, edges by their place among all.

    Edges among `under` are thicker than others: where they share a way, they lie below. Other edges
    with a stroke lie above.
    """

    boxes: Mapping[str, str] = field(default_factory=dict)
    edges: Mapping[int, str] = field(default_factory=dict)
    under: Set[int] = frozenset()

    def height(self, place: int) -> int:
        return -1 if place in self.under else int(place in self.edges)


NO_ACCENTS = Accents()


def svg(
    graph: LayerGraph,
    level: Level | None = None,
    style: Style = "paper",
    *,
    shown: Sequence[str] = (),
) -> str:
    """A network as an SVG document as in papers: a trunk, shortcuts beside it, projections dashed.

    Without `level` it is the one that `lay_out` chooses.
    """
    return draw(lay_out(graph, level, style, shown=shown))


def lay_out(
    graph: LayerGraph, level: Level | None, style: Style, *, shown: Sequence[str] = ()
) -> Placed:
    """The placed figure of a level.

    Without one it is that of blocks, if it loses nothing; else the most detailed that fits a page.
    Where none fits, it is that of the stages.
    """
    drawing = Drawing(graph, shown)
    if level:
        return place(drawing.at(level, style))
    blocks = drawing.at("block")
    for tried in LEVELS[1:] if is_whole(blocks) else LEVELS:
        placed = place(blocks if tried == "block" else drawing.at(tried, style))
        if fits_a_page(*size(placed)):
            break
    return placed


def is_whole(fig: Figure) -> bool:
    """Whether a figure shows all that layers would show; stages never do."""
    if fig.level == "block":
        return all(box.is_whole for box in fig.boxes.values())
    return fig.level == "layer"


def size(placed: Placed) -> tuple[float, float]:
    """Width and height of the document."""
    fig = placed.figure
    legend = legend_of([fig])
    texts = [text_width(fig.title, TITLE, bold=True), text_width(fig.subtitle, LABEL)]
    texts += [SAMPLE + text_width(words, SMALL) for words in legend]
    sizes = size_rows(size_legend(fig))
    texts += [sum(map(swatch_width, row)) for row in sizes]
    height = placed.height + MARGIN + LEGEND * (len(legend) + len(sizes))
    return max(placed.width, max(texts) + 2 * MARGIN), height


def draw(placed: Placed) -> str:
    """The SVG document of a placed figure."""
    fig = placed.figure
    legend = legend_of([fig])
    width, height = size(placed)
    colours = box_colours(fig)
    body = [*head(placed, part_colours(fig, colours)), *drawing(placed, colours)]
    if legend:
        body += legend_lines(legend, placed.height + MARGIN)
    body += size_lines(size_legend(fig), placed.height + MARGIN + LEGEND * len(legend))
    words = f"Network diagram: {_counts(fig)}; {fig.subtitle}"
    return document(fig.title, words, width, height=height, body=body)


def head(placed: Placed, colours: Mapping[str, Colours]) -> list[str]:
    """Title and subtitle, and the stages beside what belongs to them, in the colours of these."""
    fig = placed.figure
    marks = [_mark(mark, fig.parts[mark.part], colours[mark.part]) for mark in placed.marks]
    return [
        f'<text {at(x=MARGIN, y=30)} font-size="{TITLE}" '
        f'font-weight="bold">{text(fig.title)}</text>',
        f'<text {at(x=MARGIN, y=46)} fill="{GREY}">{text(fig.subtitle)}</text>',
        *_group('text-anchor="end"', marks),
    ]


def drawing(
    placed: Placed, colours: Mapping[str, Colours], accents: Accents = NO_ACCENTS
) -> list[str]:
    """Frames, edges, ports and boxes."""
    fig = placed.figure
    frames = [
        _frame(frame, rect, colours[frame.boxes[0]])
        for frame, rect in zip(fig.frames, placed.frames, strict=True)
    ]
    stacked = sorted(enumerate(fig.edges), key=lambda item: accents.height(item[0]))
    edges = [
        _edge(edge, placed.ways[place], fig.boxes[edge.target], accent=accents.edges.get(place))
        for place, edge in stacked
    ]
    ports = [f"<circle {at(cx=x, cy=y, r=3)}/>" for x, y in placed.ports]
    boxes = [
        _box(box, placed.rects[name], colours[name], accent=accents.boxes.get(name))
        for name, box in fig.boxes.items()
        if box.form != "end"
    ]
    return [
        *frames,
        *_group(STROKE, edges),
        *_group(f'fill="#fff" stroke="{INK}"', ports),
        *_group('text-anchor="middle"', boxes),
    ]


def _group(attributes: str, elements: Iterable[str]) -> list[str]:
    return [f"<g {attributes}>", *elements, "</g>"]


def legend_of(figures: Iterable[Figure]) -> dict[str, str]:
    """The words for solid and dashed lines, and how these are drawn; none if nothing is dashed."""
    drawn = [fig for fig in figures if fig.has_dashes]
    if not any(fig.has_shortcuts for fig in drawn):
        solid, dashed = BRANCHES
    else:
        is_plain = all(fig.has_only_identities for fig in drawn)
        has_branches = any(fig.has_branches for fig in drawn)
        solid = (IDENTITY if is_plain else WEIGHTLESS) + (OR_BRANCH if has_branches else "")
        # a branch is dashed only where it is an arc
        dashed = EITHER if any(map(_has_dashed_branch, drawn)) else PROJECTION
    return {solid: "", dashed: DASHES} if drawn else {}


def _has_dashed_branch(fig: Figure) -> bool:
    loops = (loop for box in fig.boxes.values() for loop in box.loops)
    return any(loop.is_branch for loop in loops)


def legend_lines(legend: Mapping[str, str], y: float) -> Iterable[str]:
    yield f'<g font-size="{SMALL}" fill="{GREY}">'
    for words, dash in legend.items():
        yield f'<path d="M{num(MARGIN)} {num(y)}h28" stroke="{INK}" stroke-width="1.1"{dash}/>'
        yield f"<text {at(x=MARGIN + SAMPLE, y=y + 3.5)}>{words}</text>"
        y += LEGEND
    yield "</g>"


def size_legend(fig: Figure) -> dict[Size, Colours]:
    """The colours of the sizes that a figure shows, where there are several."""
    shown = {map_size(box.shape) for box in fig.boxes.values() if box.form != "input"}
    colours = {size: look for size, look in size_colours(fig.sizes).items() if size in shown}
    return colours if len(colours) > 1 else {}


def size_rows(sizes: Mapping[Size, Colours]) -> list[list[Size]]:
    """The sizes of a legend, some in each line."""
    listed = list(sizes)
    return [listed[at : at + SWATCHES] for at in range(0, len(listed), SWATCHES)]


def swatch_width(size: Size) -> float:
    return 24 + text_width(show(size), SMALL)


def size_lines(sizes: Mapping[Size, Colours], y: float) -> Iterable[str]:
    """A coloured field and the size that it stands for, some in each line."""
    for row in size_rows(sizes):
        x = MARGIN
        for map_of in row:
            (fill, line), words = sizes[map_of], show(map_of)
            look = f'rx="2" fill="{fill}" stroke="{line}"'
            yield f"<rect {at(x=x, y=y - 4, width=10, height=9)} {look}/>"
            place = at(x=x + 14, y=y + 3.5)
            yield f'<text {place} font-size="{SMALL}" fill="{GREY}">{words}</text>'
            x += swatch_width(map_of)
        y += LEGEND


def _counts(fig: Figure) -> str:
    repeats = f", {len(fig.frames)} repeated" if fig.frames else ""
    return f"{len(fig.boxes)} boxes, {len(fig.edges)} edges{repeats}"


def _mark(mark: Mark, shape: str, colour: Colours) -> str:
    x, middle = mark.x - 6, (mark.top + mark.bottom) / 2
    return (
        f'<g><path d="M{num(mark.x)} {num(mark.top)}V{num(mark.bottom)}" stroke="{colour[1]}" '
        'stroke-width="2.5"/>'
        f'<text {at(x=x, y=middle - 1)} font-weight="bold">{text(mark.part)}</text>'
        f'<text {at(x=x, y=middle + 10)} font-size="{SMALL}" fill="{GREY}">{shape}</text></g>'
    )


def _frame(frame: Frame, rect: Rect, colour: Colours) -> str:
    look = (
        f'rx="8" fill="none" stroke="{colour[1]}" stroke-dasharray="1 2.5" stroke-linecap="round"'
    )
    shape = f"<rect {_corner(rect)} {at(width=rect.w, height=rect.h)} {look}/>"
    x, y = rect.x + rect.w / 2 + 5, rect.y + 4.5 - NOTE * len(frame.notes) / 2
    words = f'<text {at(x=x, y=y)} font-size="{LABEL + 2}" font-weight="bold">{frame.words}</text>'
    notes = "".join(
        f'<text {at(x=x, y=y + NOTE * line)} font-size="{SMALL}" fill="{GREY}">{text(note)}</text>'
        for line, note in enumerate(frame.notes, 1)
    )
    return f'<g class="frame" data-boxes="{text(" ".join(frame.boxes))}">{shape}{words}{notes}</g>'


def _edge(edge: Edge, way: list[Point], target: Box, *, accent: str | None) -> str:
    dash = accent or (DASHES if edge.is_dashed else "")
    if target.form == "end":
        dash += ' marker-end="none"'
    return (
        f'<path data-from="{text(edge.source)}" data-to="{text(edge.target)}"{dash} '
        f'd="{rounded_path(way)}"/>'
    )


def _box(box: Box, rect: Rect, colour: Colours, *, accent: str | None) -> str:
    opening = f'<g class="{box.form}" data-node="{text(box.name)}"><title>{text(box.tip)}</title>'
    if box.form == "join":
        line = f'stroke="{INK}"' if accent is None else f'stroke="{colour[1]}"{accent}'
        shape = f'<circle {at(cx=rect.x, cy=rect.y, r=rect.h / 2)} fill="#fff" {line}/>'
        return (
            f"{opening}{shape}<text {at(x=rect.x, y=rect.y + 4.3)} "
            f'font-size="13">{text(box.label)}</text></g>'
        )
    fill = colour[0] if box.form in ("layer", "block", "part") or accent is not None else "#fff"
    corner = 4 if box.form not in ("input", "step") else min(rect.h / 2, 10)
    place = f"{_corner(rect)} {at(width=rect.w, height=rect.h, rx=corner)}"
    shape = f'<rect {place} fill="{fill}" stroke="{colour[1]}"{accent or ""}/>'
    return f"{opening}{shape}{''.join(_lines(box, rect))}{''.join(_loops(box, rect))}</g>"


def _lines(box: Box, rect: Rect) -> Iterable[str]:
    y = rect.y - sum(LINE[line.kind] for line in box.lines) / 2
    for line in box.lines:
        size = font(line, box.form)
        base = y + LINE[line.kind] / 2 + 0.36 * size
        yield f"<text {at(x=rect.x, y=base)}{_line_look(line, size)}>{text(line.words)}</text>"
        y += LINE[line.kind]


def _line_look(line: Line, size: float) -> str:
    look = f' font-size="{size}"' if size != LABEL else ""
    if line.kind == "title":
        look += ' font-weight="bold"'
    elif line.kind == "fact":
        look += f' fill="{GREY}"'
    return look


def _loops(box: Box, rect: Rect) -> Iterable[str]:
    """Arcs at the right side of a box, one for each kind of shortcut in it."""
    x, y = rect.x + rect.w / 2, rect.y - LOOP_HEIGHT * (len(box.loops) - 1) / 2
    for loop in box.loops:
        up, down = y - LOOP_HEIGHT / 3, y + LOOP_HEIGHT / 3
        way = rounded_path([(x, up), (x + LOOP - 6, up), (x + LOOP - 6, down), (x, down)])
        yield f'<path d="{way}" {STROKE}{DASHES if loop.is_dashed else ""}/>'
        start = f'{at(x=x + LOOP, y=y + 0.36 * SMALL)} text-anchor="start" font-size="{SMALL}"'
        yield f"<text {start}>{text(loop.words)}</text>"
        y += LOOP_HEIGHT


def _corner(rect: Rect) -> str:
    return at(x=rect.x - rect.w / 2, y=rect.y - rect.h / 2)
