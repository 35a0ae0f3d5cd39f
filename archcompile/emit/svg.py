"""A placed figure as SVG: plain attributes, no script, no style sheet, the same bytes every time."""

from collections.abc import Iterable
from html import escape
from itertools import pairwise

from archcompile.emit.figure import Box, Edge, Style, figure
from archcompile.emit.palette import GREY, INK, PLAIN, part_colours
from archcompile.emit.route import LABEL, MARGIN, SMALL, Mark, Placed, Point, Rect, place, text_width
from archcompile.errors import visible
from archcompile.graph.ir import LayerGraph

TEXT = f"""font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="{LABEL}" fill="{INK}\""""
ARROW = ('<marker id="archc-arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
         f'<path d="M0 .8 8 4 0 7.2z" fill="{INK}"/></marker>')  # fmt: skip
ROUND = 5.0  # radius of the corners of edges
DASHES = ' stroke-dasharray="4 3"'
IDENTITY, WEIGHTLESS = "identity shortcut", "shortcut without weights"  # what a solid line is said to be
PROJECTION = "shortcut with weights or a change of shape"
SAMPLE, LINE = 34.0, 14.0  # room for the stroke before the words, and height, of a line of the legend


def svg(graph: LayerGraph, style: Style = "paper") -> str:
    """A network as an SVG document in the manner of the papers: trunk, shortcuts beside it, projections dashed."""
    return draw(place(figure(graph, style)))


def draw(placed: Placed) -> str:
    """The SVG document of a placed figure."""
    fig = placed.figure
    legend = {IDENTITY if fig.identities else WEIGHTLESS: "", PROJECTION: DASHES}
    legend = legend if any(edge.dashed for edge in fig.edges) else {}
    texts = [text_width(visible(fig.title), 16, bold=True), text_width(fig.subtitle, LABEL)]
    texts += [SAMPLE + text_width(words, SMALL) for words in legend]
    width = max(placed.width, max(texts) + 2 * MARGIN)
    height = placed.height + MARGIN + LINE * len(legend)
    colours = part_colours(fig.parts)
    words = f"Network diagram: {len(fig.boxes)} boxes, {len(fig.edges)} edges; {fig.subtitle}"
    size = f'width="{_n(width)}" height="{_n(height)}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" {size} role="img" {TEXT}>',
        f"<title>{_text(fig.title)}</title>",
        f"<desc>{_text(words)}</desc>",
        f"<defs>{ARROW}</defs>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{_n(MARGIN)}" y="30" font-size="16" font-weight="bold">{_text(fig.title)}</text>',
        f'<text x="{_n(MARGIN)}" y="46" fill="{GREY}">{_text(fig.subtitle)}</text>',
        '<g text-anchor="end">',
        *(_mark(mark, fig.parts[mark.part], colours[mark.part]) for mark in placed.marks),
        "</g>",
        f'<g fill="none" stroke="{INK}" stroke-width="1.1" marker-end="url(#archc-arrow)">',
        *(_edge(edge, way) for edge, way in zip(fig.edges, placed.ways, strict=True)),
        "</g>",
        f'<g fill="#fff" stroke="{INK}">',
        *(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="3"/>' for x, y in placed.ports),
        "</g>",
        '<g text-anchor="middle">',
        *(_box(box, placed.rects[name], colours.get(box.part, PLAIN)) for name, box in fig.boxes.items()),
        "</g>",
        *(_legend(legend, placed.height + MARGIN) if legend else ()),
        "</svg>",
    ]) + "\n"  # fmt: skip


def _mark(mark: Mark, shape: str, colour: tuple[str, str]) -> str:
    middle = (mark.top + mark.bottom) / 2
    return (f'<g><path d="M{_n(mark.x)} {_n(mark.top)}V{_n(mark.bottom)}" stroke="{colour[1]}" stroke-width="2.5"/>'
            f'<text x="{_n(mark.x - 6)}" y="{_n(middle - 1)}" font-weight="bold">{_text(mark.part)}</text>'
            f'<text x="{_n(mark.x - 6)}" y="{_n(middle + 10)}" font-size="{SMALL}" fill="{GREY}">{shape}</text></g>')  # fmt: skip


def _edge(edge: Edge, way: list[Point]) -> str:
    dash = DASHES if edge.dashed else ""
    return f'<path data-from="{_text(edge.source)}" data-to="{_text(edge.target)}"{dash} d="{_rounded(way)}"/>'


def _rounded(way: list[Point]) -> str:
    """A path through corners at right angles, each rounded as far as its two sides allow."""
    way = _corners(way)
    steps = [f"M{_n(way[0][0])} {_n(way[0][1])}"]
    for before, at, after in zip(way, way[1:], way[2:], strict=False):
        radius = min(ROUND, _length(before, at) / 2, _length(at, after) / 2)
        (x1, y1), (x2, y2) = _towards(at, before, radius), _towards(at, after, radius)
        steps.append(f"L{_n(x1)} {_n(y1)}Q{_n(at[0])} {_n(at[1])} {_n(x2)} {_n(y2)}")
    return "".join([*steps, f"L{_n(way[-1][0])} {_n(way[-1][1])}"])


def _corners(way: list[Point]) -> list[Point]:
    """The way without points in the middle of a straight stretch."""
    kept = way[:1]
    for at, after in pairwise(way[1:]):
        if not (kept[-1][0] == at[0] == after[0] or kept[-1][1] == at[1] == after[1]):
            kept.append(at)
    return [*kept, way[-1]]


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(a: Point, b: Point, distance: float) -> Point:
    part = distance / (_length(a, b) or 1)
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part


def _box(box: Box, rect: Rect, colour: tuple[str, str]) -> str:
    opening = f'<g class="{box.form}" data-node="{_text(box.name)}"><title>{_text(box.tip)}</title>'
    if box.form == "join":
        shape = f'<circle cx="{_n(rect.x)}" cy="{_n(rect.y)}" r="{_n(rect.h / 2)}" fill="#fff" stroke="{INK}"/>'
        return f'{opening}{shape}<text x="{_n(rect.x)}" y="{_n(rect.y + 4.3)}" font-size="13">{_text(box.label)}</text></g>'
    fill, line = colour
    font = f' font-size="{SMALL}"' if box.form == "step" else ""
    small, square = box.form == "step", box.form in ("layer", "plain")
    corner = 4 if square else rect.h / 2
    left, top = rect.x - rect.w / 2, rect.y - rect.h / 2
    base = rect.y + 0.36 * (SMALL if small else LABEL)
    return (f'{opening}<rect x="{_n(left)}" y="{_n(top)}" width="{_n(rect.w)}" height="{_n(rect.h)}" rx="{_n(corner)}" '
            f'fill="{fill if box.form == "layer" else "#fff"}" stroke="{line}"/><text x="{_n(rect.x)}" y="{_n(base)}"'
            f'{font}>{_text(box.label)}</text></g>')  # fmt: skip


def _legend(legend: dict[str, str], y: float) -> Iterable[str]:
    yield f'<g font-size="{SMALL}" fill="{GREY}">'
    for words, dash in legend.items():
        yield f'<path d="M{_n(MARGIN)} {_n(y)}h28" stroke="{INK}" stroke-width="1.1"{dash}/>'
        yield f'<text x="{_n(MARGIN + SAMPLE)}" y="{_n(y + 3.5)}">{words}</text>'
        y += LINE
    yield "</g>"


def _n(value: float) -> str:
    """A coordinate: at most one decimal, no trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    """Text as XML content or attribute. Line ends stay; other control characters, which XML forbids, are spelled out."""
    return escape("\n".join(visible(line) for line in text.split("\n")))
