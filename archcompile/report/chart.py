"""A line chart as SVG: plain attributes, whose colours a page may exchange for its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import isfinite

from archcompile.drawing.layout import text_width
from archcompile.report.axis import (
    Axis,
    epoch_axis,
    finite,
    scaled_axis,
    tick_words,
    value_axis,
)
from archcompile.report.markup import Markup, tag, text

INK, SOFT, LINE, GRID = "#1d2127", "#5b6470", "#b4bac3", "#e3e6ea"
FONT, TITLE = 13, 14  # sizes of letters
RIGHT, TOP, BOTTOM = 24, 32, 46  # margins
UPPER = 36  # the room of a second axis above
SOLID, THIN = 2.2, 1.5  # widths of lines
DASHES = "6 3"

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
    """Values over epochs, or what `across` says. `is_stepped` joins points by steps; for the axis,
    see `value_axis`.

    With `steps`, so many in an epoch, a second axis counts them. Width and height are in pixels.
    """

    title: str
    lines: Sequence[Series]
    top: float | None = None
    is_log: bool = False
    is_from_zero: bool = True
    is_stepped: bool = False
    across: str = "epoch"
    is_log_across: bool = False
    steps: int | None = None
    width: int = 480
    height: int = 300


@dataclass(frozen=True, kw_only=True)
class _Plot:
    """The axes of a chart, and the area that they span."""

    x: Axis
    y: Axis
    left: float
    top: float
    width: float
    height: float

    def place(self, point: Point) -> Point:
        across = self.left + self.x.share(point[0]) * self.width
        return across, self.top + (1 - self.y.share(point[1])) * self.height


def svg(chart: Chart) -> Markup:
    """The chart in a page, as wide as its place allows; empty without points."""
    drawn = panel(chart)
    if not drawn:
        return ""
    return tag(
        "svg",
        tag("title", text(chart.title)),
        *drawn,
        viewBox=f"0 0 {chart.width} {chart.height}",
        style=f"max-width:{chart.width}px",
        role="img",
        class_="chart",
    )


def panel(chart: Chart) -> list[Markup]:
    """The elements of a chart; none without finite points."""
    values = finite([y for line in chart.lines for _, y in line.points])
    if not values:
        return []
    plot = _plot(chart, values)
    area = {"x": _at(plot.left), "y": plot.top, "width": _at(plot.width), "height": plot.height}
    box = f"{area['x']} {plot.top} {area['width']} {plot.height}"
    lines = [part for line in chart.lines for part in _line_elements(line, plot, chart.is_stepped)]
    return [
        *_words_of_title(chart, plot),
        *_value_ticks(plot),
        *_ticks_across(plot, chart.across),
        *(_step_ticks(plot, chart.steps) if chart.steps else []),
        tag("rect", class_="frame", fill="none", stroke=LINE, **area),
        tag("svg", *lines, **area, viewBox=box),
    ]


def _plot(chart: Chart, values: Sequence[float]) -> _Plot:
    xs = [x for line in chart.lines for x, _ in line.points]
    x = value_axis(xs, is_log=True) if chart.is_log_across else epoch_axis(min(xs), max(xs))
    y = value_axis(values, top=chart.top, is_log=chart.is_log, is_from_zero=chart.is_from_zero)
    left = 12 + max(text_width(tick_words(tick), FONT) for tick in y.ticks)
    top = TOP + (UPPER if chart.steps else 0)
    return _Plot(
        x=x,
        y=y,
        left=left,
        top=top,
        width=chart.width - RIGHT - left,
        height=chart.height - top - BOTTOM,
    )


def _words_of_title(chart: Chart, plot: _Plot) -> list[Markup]:
    look = {"fill": INK, "font_size": TITLE, "class_": "title"}
    return [tag("text", text(chart.title), x=_at(plot.left), y=TOP - 13, **look)]


def _value_ticks(plot: _Plot) -> list[Markup]:
    parts = []
    for value in plot.y.ticks:
        _, y = plot.place((plot.x.low, value))
        parts += [
            _grid_line(plot.left, y, plot.left + plot.width, y2=y),
            _label(tick_words(value), plot.left - 7, y + 0.36 * FONT, anchor="end"),
        ]
    return parts


def _ticks_across(plot: _Plot, words: str) -> list[Markup]:
    parts, bottom = [], plot.top + plot.height
    for value in plot.x.ticks:
        x, _ = plot.place((value, plot.y.low))
        parts += [
            _grid_line(x, plot.top, x, y2=bottom),
            _label(tick_words(value), x, bottom + 18),
        ]
    return [*parts, _label(words, plot.left + plot.width / 2, bottom + 37)]


def _step_ticks(plot: _Plot, steps: int) -> list[Markup]:
    axis = scaled_axis(plot.x, steps)
    parts = []
    for step in axis.ticks:
        x = plot.left + axis.share(step) * plot.width
        parts += [
            _grid_line(x, plot.top - 5, x, y2=plot.top),
            _label(tick_words(step), x, plot.top - 10),
        ]
    words = f"step, {steps:,} in an epoch"
    return [*parts, _label(words, plot.left + plot.width / 2, plot.top - 29)]


def _grid_line(x: float, y: float, x2: float, *, y2: float) -> Markup:
    places = {"x1": _at(x), "y1": _at(y), "x2": _at(x2), "y2": _at(y2)}
    return tag("line", **places, stroke=GRID, class_="grid")


def _label(words: str, x: float, y: float, *, anchor: str = "middle") -> Markup:
    look = {"fill": SOFT, "font_size": FONT, "text_anchor": anchor, "class_": "tick"}
    return tag("text", text(words), x=_at(x), y=_at(y), **look)


def _line_elements(line: Series, plot: _Plot, is_stepped: bool) -> list[Markup]:
    parts = []
    if line.band:
        outline = [
            *((e, high) for e, _, high in line.band),
            *((e, low) for e, low, _ in reversed(line.band)),
        ]
        look = {"fill": line.colour, "fill_opacity": 0.16, "class_": "band"}
        parts.append(tag("polygon", points=_path(outline, plot), **look))
    # a value that is no number interrupts a line
    for is_drawn, points in groupby(line.points, key=lambda point: isfinite(point[1])):
        if is_drawn:
            parts.append(_stretch(line, list(points), plot, is_stepped=is_stepped))
    return parts


def _stretch(line: Series, points: list[Point], plot: _Plot, *, is_stepped: bool) -> Markup:
    if len(points) == 1:  # a line needs two points
        x, y = plot.place(points[0])
        look = {"fill": "none", "stroke_width": SOLID} if line.is_dashed else {"fill": line.colour}
        return tag("circle", cx=_at(x), cy=_at(y), r=4.5, stroke=line.colour, **look)
    if is_stepped:
        points = [p for (a, b), (c, d) in pairwise(points) for p in ((a, b), (c, b), (c, d))]
    return tag("polyline", points=_path(points, plot), **line_look(line.colour, line.is_dashed))


def line_look(colour: str, is_dashed: bool) -> dict[str, object]:
    """The attributes of a line, in a chart and in its legend."""
    return {
        "stroke": colour,
        "fill": "none",
        "stroke_width": THIN if is_dashed else SOLID,
        "stroke_linejoin": "round",
        "stroke_dasharray": DASHES if is_dashed else None,
        "class_": "dashed" if is_dashed else "solid",
    }


def _path(points: Sequence[Point], plot: _Plot) -> str:
    return " ".join(f"{_at(x)},{_at(y)}" for x, y in map(plot.place, points))


def _at(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
