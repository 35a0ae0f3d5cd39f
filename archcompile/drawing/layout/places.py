"""What a layout gives: a place for each box, edge, frame and stage mark of a figure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from archcompile.drawing.figure import Figure

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """A box in its place: `x`, `y` are its centre."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stage beside its rows on one page: a bar at `x` from `top` to `bottom`."""

    part: str
    x: float
    top: float
    bottom: float


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A figure with places: `ways` are the corners of its edges, `frames` the places of its frames.

    `rows` is where every row begins: its channel and then its boxes.
    """

    figure: Figure
    rects: dict[str, Rect]
    ways: list[list[Point]]
    frames: list[Rect]
    marks: list[Mark]
    ports: list[Point]
    width: float
    height: float
    rows: list[float]


@dataclass(frozen=True)
class Column:
    """A column without marks that begins at `left` and `top`.

    `floors` holds rows that must not begin higher.
    """

    left: float
    top: float
    floors: Mapping[int, float] = field(default_factory=dict)
