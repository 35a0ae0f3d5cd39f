"""A small line chart as inline SVG, in the colours of the page, readable on light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from archcompile.report.markup import Markup, tag, text

HEIGHT = 280
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 30, 40  # margins
STEPS = (1, 2, 2.5, 5, 10)  # a tick stands at each multiple of one of these, times a power of ten
ROOM = 1.04  # times the highest value, so that a line does not lie on the frame
WIDE = 20  # from so many times the least value on, a scale is logarithmic where it may be

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Series:
    """`band` holds (x, lowest, highest)."""

    label: str
    colour: str
    points: Sequence[Point]
    is_dashed: bool = False
    band: Sequence[tuple[float, float, float]] = ()


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`top` ends the y-axis, `log` allows a logarithmic one, `steps` joins points by steps.

    `width` is in units of which the height has 280; a page shows each as a pixel, or smaller.
    """

    title: str
    lines: Sequence[Series]
    top: float | None = None
    is_log: bool = False
    is_stepped: bool = False
    width: int = 480


@dataclass(frozen=True, kw_only=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (log10(v) if self.is_log else v for v in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def svg(chart: Chart) -> Markup:
    """The chart, as wide as its place allows; empty without points."""
    values = [y for line in chart.lines for _, y in line.points]
    if not values:
        return ""
    last = max(x for line in chart.lines for x, _ in line.points)
    log = chart.is_log and min(values) > 0 and max(values) >= WIDE * min(values)
    low, high = _span(values, log, chart.top)
    right = chart.width - RIGHT
    x = _Scale(low=0, high=max(last, 1), start=LEFT, end=right)
    y = _Scale(low=low, high=high, start=HEIGHT - BOTTOM, end=TOP, is_log=log)
    inner = [
        part for line in chart.lines for part in _line_elements(line, x, y, steps=chart.is_stepped)
    ]
    area = {"x": LEFT, "y": TOP, "width": right - LEFT, "height": HEIGHT - TOP - BOTTOM}
    clipped = tag("svg", *inner, **area, viewBox=f"{LEFT} {TOP} {area['width']} {area['height']}")
    frame = tag("rect", class_="frame", **area)
    return tag(
        "svg",
        tag("title", text(chart.title)),
        *_axes(x, y),
        frame,
        clipped,
        tag("text", text(chart.title), x=LEFT, y=TOP - 12, class_="title"),
        viewBox=f"0 0 {chart.width} {HEIGHT}",
        style=f"max-width:{chart.width}px",
        role="img",
        class_="chart",
    )


def legend(entries: Sequence[tuple[str, str, bool]]) -> Markup:
    """Label, colour and whether dashed of each kind of line."""
    return tag(
        "ul",
        *(tag("li", _key(colour, dashed), text(label)) for label, colour, dashed in entries),
        class_="legend",
    )


def _key(colour: str, is_dashed: bool) -> Markup:
    line = tag(
        "line",
        x1=0,
        y1=5,
        x2=28,
        y2=5,
        style=f"stroke:{colour}",
        class_="dashed" if is_dashed else "solid",
    )
    return tag("svg", line, width=28, height=10, aria_hidden="true")


def _span(values: Sequence[float], log: bool, top: float | None) -> tuple[float, float]:
    if log:
        return 10 ** floor(log10(min(values))), 10 ** ceil(log10(max(values)) + 1e-9)
    return 0.0, top or _ceiling(ROOM * max(values)) or 1.0


def _ceiling(value: float) -> float:
    step = _step(value)
    return ceil(value / step - 1e-9) * step if step else 0.0


def _step(extent: float, most: int = 6) -> float:
    """The distance of ticks so that not more than so many fit."""
    if extent <= 0:
        return 0.0
    power = 10.0 ** floor(log10(extent / most))
    return next(step * power for step in STEPS if step * power * most >= extent * (1 - 1e-9))


def _ticks(scale: _Scale) -> list[float]:
    if scale.is_log:
        return [
            10.0**power for power in range(round(log10(scale.low)), round(log10(scale.high)) + 1)
        ]
    step = _step(scale.high)
    return [i * step for i in range(floor(scale.high / step + 1e-9) + 1)]


def _axes(x: _Scale, y: _Scale) -> list[Markup]:
    parts = []
    for value in _ticks(y):
        parts += [
            tag("line", x1=LEFT, x2=x.end, y1=_at(y(value)), y2=_at(y(value)), class_="grid"),
            tag("text", text(f"{value:g}"), x=LEFT - 6, y=_at(y(value) + 4), class_="tick end"),
        ]
    for value in [v for v in _ticks(x) if v == int(v)]:
        place = _at(x(value))
        parts += [
            tag("line", x1=place, x2=place, y1=TOP, y2=HEIGHT - BOTTOM, class_="grid"),
            tag("text", text(f"{value:g}"), x=place, y=HEIGHT - BOTTOM + 16, class_="tick"),
        ]
    return [*parts, tag("text", "epoch", x=_at((x.start + x.end) / 2), y=HEIGHT - 6, class_="tick")]


def _line_elements(line: Series, x: _Scale, y: _Scale, *, steps: bool) -> list[Markup]:
    parts = []
    if line.band:
        outline = [
            *((e, high) for e, _, high in line.band),
            *((e, low) for e, low, _ in reversed(line.band)),
        ]
        parts.append(
            tag("polygon", points=_path(outline, x, y), style=f"fill:{line.colour}", class_="band")
        )
    if len(line.points) == 1:  # a line needs two points
        (point,) = line.points
        return [
            *parts,
            tag(
                "circle", cx=_at(x(point[0])), cy=_at(y(point[1])), r=3, style=f"fill:{line.colour}"
            ),
        ]
    points = list(line.points)
    if steps:
        points = [p for (a, b), (c, d) in pairwise(points) for p in ((a, b), (c, b), (c, d))]
    return [
        *parts,
        tag(
            "polyline",
            points=_path(points, x, y),
            style=f"stroke:{line.colour}",
            class_="dashed" if line.is_dashed else "solid",
        ),
    ]


def _path(points: Sequence[Point], x: _Scale, y: _Scale) -> str:
    return " ".join(f"{_at(x(a))},{_at(y(b))}" for a, b in points)


def _at(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
