"""Places in pixels for a grid: pages side by side, heights, and the way of every edge.

Between two rows lies a channel. An edge leaves its box downwards, runs sideways in the channel below it to its spine,
down the spine, and enters its target from the right where the row is free, else from above through the channel there.
Sideways runs that would lie on one another get tracks of their own: edges that leave above those that arrive.

A tall grid is cut into pages where a single box feeds everything below; its edges go on from a port on the next page.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import groupby
from math import log, sqrt

from archcompile.emit.figure import Box, Figure
from archcompile.emit.layout import Grid, arrange

Point = tuple[float, float]

LABEL, SMALL = 11, 9.5  # font sizes of layers and of other steps
HEIGHT = {"input": 20.0, "layer": 20.0, "plain": 20.0, "step": 16.0, "join": 15.0}
GAP, TRACK, PORT = 13.0, 5.0, 16.0  # height of a channel, of a track in it, of the room for a port
MARGIN, BRACKET, BETWEEN = 18.0, 12.0, 26.0  # around everything; between stage marks and trunk; between pages
ONE_PAGE, ASPECT = 48, sqrt(2)  # rows that stay in one column; width : height of several (landscape A4)


@dataclass(frozen=True, slots=True)
class Rect:
    """A box in its place: `x`, `y` are its centre."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A stage beside its rows on one page: a bar at `x` from `top` to `bottom`."""

    part: str
    x: float
    top: float
    bottom: float


@dataclass
class Placed:
    """A figure with places. `ways` holds the corners of each edge of the figure, in its order."""

    figure: Figure
    rects: dict[str, Rect]
    ways: list[list[Point]]
    marks: list[Mark]
    ports: list[Point]
    width: float
    height: float


@dataclass
class _Channel:
    """The room above a row: x ranges of what leaves the row above and of what arrives, by box, then their tracks."""

    leaving: dict[str, list[float]] = field(default_factory=dict)
    arriving: dict[str, list[float]] = field(default_factory=dict)
    tracks: tuple[dict[str, int], dict[str, int]] = ({}, {})
    counts: tuple[int, int] = (0, 0)

    @property
    def height(self) -> float:
        return max(GAP, TRACK * sum(self.counts) + (10 if self.counts[1] else 8))


def text_width(text: str, size: float, bold: bool = False) -> float:
    """A width the text will not exceed by much in any of the fonts it may be shown in."""
    return len(text) * size * (0.69 if bold else 0.61)


def place(figure: Figure) -> Placed:
    """Lay a figure out."""
    width = max((text_width(box.label, _size(box)) + 14 for box in figure.boxes.values()), default=0)
    return _Router(figure, arrange(figure, width), width).placed()


def _size(box: Box) -> float:
    return SMALL if box.form == "step" else LABEL


class _Router:
    """Works out, in this order: how edges enter, what runs in each channel, pages, and from these all places."""

    def __init__(self, figure: Figure, grid: Grid, width: float):
        self.figure, self.grid, self.width = figure, grid, width
        self.shape_width = max([text_width(words, SMALL) for words in figure.parts.values()]
                               + [text_width(part, LABEL, bold=True) for part in figure.parts] + [30.0])  # fmt: skip
        self.beside: list[list[float]] = [[] for _ in grid.trunk]  # centres of the boxes in each row, from the left
        for name in figure.boxes:
            self.beside[grid.row[name]].append(grid.x[name])
        for row in self.beside:
            row.sort()
        self.sides = [self._from_the_side(i) for i in range(len(figure.edges))]
        self.channels = self._channels()
        self.starts = self._pages()
        self.ends = [*self.starts[1:], len(grid.trunk)]
        self.page = [page for page, (a, b) in enumerate(zip(self.starts, self.ends, strict=True)) for _ in range(a, b)]
        self.lefts = self._lefts()  # where each page begins, and where one more would
        self.trunks = [left + self.shape_width + BRACKET + width / 2 for left in self.lefts]
        self.top = MARGIN + 40 + (PORT if len(self.starts) > 1 else 0)
        self.middle, self.channel_top, self.bottom = self._heights()

    def placed(self) -> Placed:
        rects = {name: self._rect(name) for name in self.figure.boxes}
        ways = [self._way(i, rects) for i in range(len(self.figure.edges))]
        ports = [self._port(page) for page in range(1, len(self.starts))]
        return Placed(self.figure, rects, ways, self._marks(), ports, self.lefts[-1] - BETWEEN + MARGIN, self.bottom)

    # ---- sideways runs -----------------------------------------------------------------------------------------------

    def _from_the_side(self, index: int) -> bool:
        """Whether the edge can enter its target from the right: its spine lies there and no box between."""
        target, spine = self.figure.edges[index].target, self.grid.spine[index]
        row, x = self.beside[self.grid.row[target]], self.grid.x[target]
        following = bisect_left(row, x) + 1
        return spine > x and (following == len(row) or row[following] > spine)

    def _channels(self) -> list[_Channel]:
        grid = self.grid
        channels = [_Channel() for _ in range(len(grid.trunk) + 1)]
        for index, edge in enumerate(self.figure.edges):
            spine = grid.spine[index]
            if grid.x[edge.source] != spine:
                run = channels[grid.row[edge.source] + 1].leaving
                run.setdefault(edge.source, []).extend((grid.x[edge.source], spine))
            if grid.x[edge.target] != spine and not self.sides[index]:
                run = channels[grid.row[edge.target]].arriving
                run.setdefault(edge.target, []).extend((grid.x[edge.target], spine))
        for channel in channels:
            leaving, arriving = _tracks(channel.leaving), _tracks(channel.arriving)
            channel.tracks = leaving, arriving
            channel.counts = max(leaving.values(), default=-1) + 1, max(arriving.values(), default=-1) + 1
        return channels

    # ---- pages -------------------------------------------------------------------------------------------------------

    def _pages(self) -> list[int]:
        """The first row of each page: one page if it is short, else as many as make the figure a landscape page."""
        rows = len(self.grid.trunk)
        cuts = self._cuts()
        if rows <= ONE_PAGE or not cuts:
            return [0]
        most = round(sqrt(rows)) + 1
        tried = [_wrap(rows, cuts, limit) for limit in sorted({-(-rows * 8 // (7 * n)) for n in range(1, most + 1)})]
        best = min(tried, key=lambda starts: abs(log(self._aspect(starts) / ASPECT)))
        even = (_wrap(rows, cuts, limit) for limit in range(rows // len(best), rows + 1))
        return next(starts for starts in even if len(starts) <= len(best))

    def _aspect(self, starts: list[int]) -> float:
        """About width : height of the figure with these pages."""
        ends = [*starts[1:], len(self.grid.trunk)]
        beside = self.shape_width + BRACKET + self.width / 2 + BETWEEN
        width = sum(beside + max(self.grid.right[a:b]) for a, b in zip(starts, ends, strict=True))
        return width / (max(b - a for a, b in zip(starts, ends, strict=True)) * (GAP + HEIGHT["layer"]) + 100)

    def _cuts(self) -> list[int]:
        """Rows before which a page may start: one box feeds all below. Only before new units, where there are such."""
        grid, rows = self.grid, len(self.grid.trunk)
        crossed = [0] * (rows + 2)
        for edge in self.figure.edges:
            first, last = grid.row[edge.source] + 1, grid.row[edge.target]
            start = first + (edge.source == grid.trunk[first - 1])
            if start <= last:
                crossed[start] += 1
                crossed[last + 1] -= 1
        clean, open_edges = [], 0
        for row in range(rows):
            open_edges += crossed[row]
            if row and not open_edges:
                clean.append(row)
        return [row for row in clean if self._unit(row) != self._unit(row - 1)] or clean

    def _unit(self, row: int) -> tuple[str, int | None]:
        box = self.figure.boxes[self.grid.trunk[row]]
        return box.part, box.unit

    def _lefts(self) -> list[float]:
        lefts = [MARGIN]
        for a, b in zip(self.starts, self.ends, strict=True):
            beside = self.shape_width + BRACKET + self.width / 2
            lefts.append(lefts[-1] + beside + max(self.grid.right[a:b]) + BETWEEN)
        return lefts

    def _heights(self) -> tuple[list[float], list[float], float]:
        """The middle of every row, the top of every channel, and where the longest page ends."""
        tallest = [0.0] * len(self.grid.trunk)
        for name, box in self.figure.boxes.items():
            row = self.grid.row[name]
            tallest[row] = max(tallest[row], HEIGHT[box.form])
        middle, channel_top = [], []
        bottom, y = 0.0, self.top
        for row, height in enumerate(tallest):
            if row in self.starts:
                y = self.top
            channel_top.append(y)
            y += self.channels[row].height if row else 0
            middle.append(y + height / 2)
            y += height
            bottom = max(bottom, y)
        return middle, channel_top, bottom + (PORT if len(self.starts) > 1 else 0)

    # ---- the result --------------------------------------------------------------------------------------------------

    def _rect(self, name: str) -> Rect:
        row, form = self.grid.row[name], self.figure.boxes[name].form
        x = self.trunks[self.page[row]] + self.grid.x[name]
        return Rect(x, self.middle[row], HEIGHT["join"] if form == "join" else self.width, HEIGHT[form])

    def _way(self, index: int, rects: dict[str, Rect]) -> list[Point]:
        edge, grid = self.figure.edges[index], self.grid
        above, below = grid.row[edge.source], grid.row[edge.target]
        start, end = rects[edge.source], rects[edge.target]
        page = self.page[above + 1]
        spine = self.trunks[page] + grid.spine[index]
        way: list[Point] = [(start.x, start.y + start.h / 2)]
        if page != self.page[above]:  # the trunk comes over from the page before, all else starts at its port
            port = self._port(page)
            way = [*way, *self._turn(page, way[0])] if spine == port[0] else [port]
        if spine != way[-1][0]:
            y = self.channel_top[above + 1] + 4 + TRACK * self.channels[above + 1].tracks[0][edge.source]
            way += [(way[-1][0], y), (spine, y)]
        if self.sides[index]:
            return [*way, (spine, end.y), (end.x + end.w / 2, end.y)]
        if spine != end.x:
            channel = self.channels[below]
            y = self.channel_top[below] + channel.height - 7 - TRACK * channel.tracks[1][edge.target]
            way += [(spine, y), (end.x, y)]
        return [*way, (end.x, end.y - end.h / 2)]

    def _port(self, page: int) -> Point:
        return self.trunks[page], self.top - PORT / 2

    def _turn(self, page: int, start: Point) -> list[Point]:
        """From the foot of one page to the head of the next."""
        gutter = self.lefts[page] - BETWEEN / 2
        down, up = start[1] + PORT / 2, self.top - PORT
        return [(start[0], down), (gutter, down), (gutter, up), (self.trunks[page], up)]

    def _marks(self) -> list[Mark]:
        boxes, trunk = self.figure.boxes, self.grid.trunk
        marks = []
        for (page, part), run in groupby(range(len(trunk)), key=lambda row: (self.page[row], boxes[trunk[row]].part)):
            rows = list(run)
            if part in self.figure.parts:
                first, last = (HEIGHT[boxes[trunk[row]].form] / 2 for row in (rows[0], rows[-1]))
                marks.append(Mark(part, self.lefts[page] + self.shape_width + 5,
                                  self.middle[rows[0]] - first, self.middle[rows[-1]] + last))  # fmt: skip
        return marks


def _tracks(runs: dict[str, list[float]]) -> dict[str, int]:
    """A track for each run, so that no two on one track touch."""
    ends: list[float] = []
    tracks = {}
    for name, xs in sorted(runs.items(), key=lambda item: (min(item[1]), max(item[1]))):
        track = next((t for t, end in enumerate(ends) if end < min(xs)), len(ends))
        ends[track : track + 1] = [max(xs)]  # replaces that track's end, or adds a track
        tracks[name] = track
    return tracks


def _wrap(rows: int, cuts: list[int], limit: int) -> list[int]:
    """Fill pages of at most `limit` rows; a page without a place to cut grows to the next one."""
    starts = [0]
    while rows - starts[-1] > limit:
        at = bisect_left(cuts, starts[-1] + limit + 1)
        if at and cuts[at - 1] > starts[-1]:
            starts.append(cuts[at - 1])
        elif at < len(cuts):
            starts.append(cuts[at])
        else:
            break
    return starts
