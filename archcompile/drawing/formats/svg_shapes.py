"""Our SVG documents read back as shapes in order, for formats that draw them anew.

Only what `svg_markup` and its users write is understood: rectangles, circles, paths and text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from archcompile.drawing.layout import LABEL, Point

_SPACE = "{http://www.w3.org/2000/svg}"
_INHERITED = ("fill", "stroke", "stroke-width", "stroke-dasharray", "marker-end", "text-anchor")
_STYLE = (*_INHERITED, "font-size", "font-weight")
_COMMAND = re.compile(r"([MLQHVh])([^MLQHVh]*)")
HEAD = 6.6, 2.9  # length of an arrowhead, and half its width


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """How a shape is drawn: colours as `#rrggbb` or `none`, dashes in units."""

    fill: str
    stroke: str
    width: float
    dashes: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Outline:
    """Steps along a line: to a point, or by a curve with its control and its end."""

    steps: tuple[tuple[Point, ...], ...]
    is_closed: bool
    stroke: Stroke


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    left: float
    top: float
    width: float
    height: float
    radius: float
    stroke: Stroke


@dataclass(frozen=True, kw_only=True)
class Disc:
    x: float
    y: float
    radius: float
    stroke: Stroke


@dataclass(frozen=True, kw_only=True)
class Words:
    """A line of text on its base line; `anchor` is start, middle or end."""

    x: float
    y: float
    text: str
    size: float
    is_bold: bool
    anchor: str
    colour: str


Shape = Outline | Rectangle | Disc | Words


@dataclass(frozen=True)
class Page:
    width: float
    height: float
    shapes: tuple[Shape, ...]


def shapes_of(svg: str) -> Page:
    """The shapes of one of our documents, without its white ground."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own document
    style = {key: root.attrib[key] for key in _STYLE if key in root.attrib}
    shapes = tuple(shape for child in root for shape in _shapes(child, style))
    return Page(float(root.attrib["width"]), float(root.attrib["height"]), shapes)


def _shapes(element: ElementTree.Element, around: Mapping[str, str]) -> Iterator[Shape]:
    kind = element.tag.removeprefix(_SPACE)
    style = {**around, **{key: element.attrib[key] for key in _STYLE if key in element.attrib}}
    if kind == "g":
        for child in element:
            yield from _shapes(child, style)
    elif kind == "path":
        yield from _path(element.attrib["d"], style)
    elif kind == "rect" and element.attrib["width"] != "100%":
        yield _rectangle(element, style)
    elif kind == "circle":
        x, y, radius = (float(element.attrib[key]) for key in ("cx", "cy", "r"))
        yield Disc(x=x, y=y, radius=radius, stroke=_stroke(style))
    elif kind == "text":
        yield Words(
            x=float(element.attrib["x"]),
            y=float(element.attrib["y"]),
            text=element.text or "",
            size=float(style.get("font-size", LABEL)),
            is_bold=style.get("font-weight") == "bold",
            anchor=style.get("text-anchor", "start"),
            colour=style["fill"],
        )


def _stroke(style: Mapping[str, str]) -> Stroke:
    return Stroke(
        fill=_colour(style.get("fill", "none")),
        stroke=_colour(style.get("stroke", "none")),
        width=float(style.get("stroke-width", 1)),
        dashes=tuple(map(float, style.get("stroke-dasharray", "").split())),
    )


def _colour(written: str) -> str:
    """`#abc` as `#aabbcc`."""
    short = re.fullmatch("#([0-9a-f])([0-9a-f])([0-9a-f])", written)
    return "#" + "".join(digit * 2 for digit in short.groups()) if short else written


def _rectangle(element: ElementTree.Element, style: Mapping[str, str]) -> Rectangle:
    left, top, width, height = (float(element.attrib[k]) for k in ("x", "y", "width", "height"))
    radius = float(element.attrib.get("rx", 0))
    return Rectangle(
        left=left, top=top, width=width, height=height, radius=radius, stroke=_stroke(style)
    )


def _path(data: str, style: Mapping[str, str]) -> Iterator[Outline]:
    """A line, and the head of its arrow."""
    stroke, steps = _stroke(style), _steps(data)
    yield Outline(steps=steps, is_closed=False, stroke=stroke)
    if style.get("marker-end", "none") != "none":
        yield _head(steps, stroke.stroke)


def _steps(data: str) -> tuple[tuple[Point, ...], ...]:
    steps: list[tuple[Point, ...]] = []
    for letter, written in _COMMAND.findall(data):
        numbers = [float(number) for number in written.split()]
        x, y = steps[-1][-1] if steps else (0.0, 0.0)
        if letter in "Hh":
            steps.append(((numbers[0] + (x if letter == "h" else 0.0), y),))
        elif letter == "V":
            steps.append(((x, numbers[0]),))
        else:
            steps.append(tuple(zip(numbers[::2], numbers[1::2], strict=True)))
    return tuple(steps)


def _head(steps: tuple[tuple[Point, ...], ...], colour: str) -> Outline:
    """A triangle whose tip is where the line ends; lines run along the axes."""
    points = [point for step in steps for point in step]
    tip = points[-1]
    before = next((point for point in reversed(points) if point != tip), tip)
    distance = abs(tip[0] - before[0]) + abs(tip[1] - before[1]) or 1.0
    along = (tip[0] - before[0]) / distance, (tip[1] - before[1]) / distance
    length, half = HEAD
    foot = tip[0] - along[0] * length, tip[1] - along[1] * length
    corners = [(foot[0] + side * along[1], foot[1] - side * along[0]) for side in (half, -half)]
    stroke = Stroke(fill=colour, stroke="none", width=0.0, dashes=())
    return Outline(steps=((corners[0],), (tip,), (corners[1],)), is_closed=True, stroke=stroke)
