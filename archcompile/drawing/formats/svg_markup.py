"""The pieces that SVG documents are written of: attributes, text, rounded paths, the document."""

from collections.abc import Iterable
from html import escape
from itertools import pairwise

from archcompile.drawing.formats.palette import INK
from archcompile.drawing.layout import LABEL, Point
from archcompile.errors import visible

FONTS = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
TEXT = f'font-family="{FONTS}" font-size="{LABEL}" fill="{INK}"'
ARROW_NAME = "archc-arrow"
ARROW = (
    f'<marker id="{ARROW_NAME}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="6.6" '
    'markerHeight="6.6" '
    'markerUnits="userSpaceOnUse" orient="auto">'
    f'<path d="M0 .8 8 4 0 7.2z" fill="{INK}"/></marker>'
)
STROKE = f'fill="none" stroke="{INK}" stroke-width="1.1" marker-end="url(#{ARROW_NAME})"'
ROUND = 5.0  # radius of the corners of edges
DASHES = ' stroke-dasharray="4 3"'


def document(title: str, words: str, width: float, *, height: float, body: Iterable[str]) -> str:
    """An SVG document of this size on white; `words` are for those who cannot see it."""
    size = at(width=width, height=height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(width)} '
        f'{num(height)}" {size} role="img" {TEXT}>',
        f"<title>{text(title)}</title>",
        f"<desc>{text(words)}</desc>",
        f"<defs>{ARROW}</defs>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def at(**places: float) -> str:
    """Attributes that are coordinates: `x="12.5" y="3"`."""
    return " ".join(f'{name}="{num(value)}"' for name, value in places.items())


def num(value: float) -> str:
    """A coordinate: at most one decimal, no trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def text(words: str) -> str:
    """Text as XML content or attribute: line ends stay, other control characters become visible."""
    return escape("\n".join(visible(line) for line in words.split("\n")))


def rounded_path(way: list[Point]) -> str:
    """A path through corners at right angles, each rounded as far as its two sides allow."""
    way = _corners(way)
    steps = [f"M{num(way[0][0])} {num(way[0][1])}"]
    for before, at, after in zip(way, way[1:], way[2:], strict=False):
        radius = min(ROUND, _length(before, at) / 2, _length(at, after) / 2)
        (x1, y1), (x2, y2) = _towards(at, before, radius), _towards(at, after, radius)
        steps.append(f"L{num(x1)} {num(y1)}Q{num(at[0])} {num(at[1])} {num(x2)} {num(y2)}")
    return "".join([*steps, f"L{num(way[-1][0])} {num(way[-1][1])}"])


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
