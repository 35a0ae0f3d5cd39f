"""Places in pixels for a grid: pages side by side, heights, and the way of every edge.

Between two rows lies a channel. An edge leaves its box downwards, runs sideways in the channel below it to its spine,
down the spine, and enters its target from the right where the row is free, else from above through the channel there.
Sideways runs that would lie on one another get tracks of their own: edges that leave above those that arrive.

A tall grid is cut into pages (`pages`); where a page begins, edges go on from a port.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from archcompile.emit.figure import Figure
from archcompile.emit.layout import Grid, arrange
from archcompile.emit.metrics import FRAME, LABEL, SMALL, box_height, text_width
from archcompile.emit.pages import page_starts

Point = tuple[float, float]

GAP, TRACK, PORT = 13.0, 5.0, 16.0  # height of a channel, of a track in it, of the room for a port
MARGIN, BRACKET, BETWEEN = 18.0, 12.0, 26.0  # around everything; between stage marks and trunk; between pages
HEAD = 40.0  # the room of title and subtitle


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
    """A figure with places. `ways` holds the corners of each edge of the figure, `frames` a place for each frame.

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


@dataclass
class _Channel:
    """The room above a row: x ranges of what leaves the row above and of what arrives, by box, then their tracks.

    `above` are the tracks above the frame that begins at the row, of what goes past it.
    """

    leaving: dict[str, list[float]] = field(default_factory=dict)
    arriving: dict[str, list[float]] = field(default_factory=dict)
    tracks: tuple[dict[str, int], dict[str, int]] = ({}, {})
    counts: tuple[int, int] = (0, 0)
    above: dict[str, int] = field(default_factory=dict)

    @property
    def height(self) -> float:
        return max(GAP, TRACK * sum(self.counts) + (10 if self.counts[1] else 8))


def place(figure: Figure) -> Placed:
    """Lay a figure out on a page: columns where it is tall, stages marked on the left."""
    return _Router(figure, arrange(figure)).placed()


@dataclass(frozen=True)
class Column:
    """A column without marks that begins at `left` and `top`; `floors` holds rows that must not begin higher."""

    left: float
    top: float
    floors: Mapping[int, float] = field(default_factory=dict)


def place_column(figure: Figure, grid: Grid, column: Column) -> Placed:
    """Lay a figure out as one column of a larger drawing. Its `width` and `height` are where it ends."""
    return _Router(figure, grid, column).placed()


class _Router:
    """Works out, in this order: how edges enter, what runs in each channel, pages, and from these all places."""

    def __init__(self, figure: Figure, grid: Grid, column: Column | None = None):
        self.figure, self.grid, self.width = figure, grid, max(grid.width.values())
        self.column = column
        self.beside: list[list[float]] = [[] for _ in grid.trunk]  # centres of the boxes in each row, from the left
        for name in figure.boxes:
            self.beside[grid.row[name]].append(grid.x[name])
        for row in self.beside:
            row.sort()
        self.sides = [self._from_the_side(i) for i in range(len(figure.edges))]
        self.outside = self._outside()
        self.channels = self._channels()
        self.above, self.tall, self.below = self._room()
        self.left = self._left()  # from the edge of a page to its trunk
        heights = [sum(room) for room in zip(self.above, (c.height for c in self.channels), self.tall, self.below, strict=False)]
        self.starts = [0] if self.column else page_starts(figure, grid, heights, self.left + BETWEEN)
        self.ends = [*self.starts[1:], len(grid.trunk)]
        self.page = [page for page, (a, b) in enumerate(zip(self.starts, self.ends, strict=True)) for _ in range(a, b)]
        self.lefts = self._lefts()  # where each page begins, and where one more would
        self.trunks = [left + self.left for left in self.lefts]
        self.top = column.top if column else MARGIN + HEAD + (PORT if len(self.starts) > 1 else 0)
        self.row_top, self.middle, self.channel_top, self.bottom = self._heights()

    def placed(self) -> Placed:
        rects = {name: self._rect(name) for name in self.figure.boxes}
        ways = [self._way(i, rects) for i in range(len(self.figure.edges))]
        ports = [self._port(page) for page in range(1, len(self.starts))]
        frames = [self._frame(*place) for place in self.grid.frames]
        return Placed(self.figure, rects, ways, frames, [] if self.column else self._marks(), ports,
                      self.lefts[-1] - BETWEEN + (0 if self.column else MARGIN), self.bottom, self.row_top)  # fmt: skip

    # ---- sideways runs -----------------------------------------------------------------------------------------------

    def _from_the_side(self, index: int) -> bool:
        """Whether the edge can enter its target from the right: its spine lies there, no box between, and no loop."""
        target, spine = self.figure.edges[index].target, self.grid.spine[index]
        row, x = self.beside[self.grid.row[target]], self.grid.x[target]
        following = bisect_left(row, x) + 1
        return spine > x and (following == len(row) or row[following] > spine) and not self.figure.boxes[target].loops

    def _outside(self) -> set[int]:
        """The edges that go past a frame which begins below their source."""
        begins = {first: frame.boxes for frame, (first, _, _) in zip(self.figure.frames, self.grid.frames, strict=True)}
        return {i for i, edge in enumerate(self.figure.edges)
                if edge.target not in begins.get(self.grid.row[edge.source] + 1, (edge.target,))}  # fmt: skip

    def _channels(self) -> list[_Channel]:
        grid = self.grid
        channels = [_Channel() for _ in range(len(grid.trunk) + 1)]
        past: list[dict[str, list[float]]] = [{} for _ in channels]
        for index, edge in enumerate(self.figure.edges):
            spine = grid.spine[index]
            if grid.x[edge.source] != spine:
                row = grid.row[edge.source] + 1
                run = past[row] if index in self.outside else channels[row].leaving
                run.setdefault(edge.source, []).extend((grid.x[edge.source], spine))
            if grid.x[edge.target] != spine and not self.sides[index]:
                run = channels[grid.row[edge.target]].arriving
                run.setdefault(edge.target, []).extend((grid.x[edge.target], spine))
        for channel, runs in zip(channels, past, strict=True):
            channel.above = _tracks(runs)
            leaving, arriving = _tracks(channel.leaving), _tracks(channel.arriving)
            channel.tracks = leaving, arriving
            channel.counts = max(leaving.values(), default=-1) + 1, max(arriving.values(), default=-1) + 1
        return channels

    # ---- pages and heights -------------------------------------------------------------------------------------------

    def _room(self) -> tuple[list[float], list[float], list[float]]:
        """Of every row: the room for frames above, its tallest box, and the room for frames below."""
        rows = len(self.grid.trunk)
        above, tall, below = [0.0] * rows, [0.0] * rows, [0.0] * rows
        for name, box in self.figure.boxes.items():
            row = self.grid.row[name]
            tall[row] = max(tall[row], box_height(box))
        for first, last, _ in self.grid.frames:
            tracks = self.channels[first].above.values()
            above[first] += FRAME + (TRACK * max(tracks) + 9 if tracks else 0)
            below[last] += FRAME
        return above, tall, below

    def _left(self) -> float:
        frame = FRAME if self.grid.frames else 0.0
        if self.column:
            return self.width / 2 + frame
        marks = max([text_width(words, SMALL) for words in self.figure.parts.values()]
                    + [text_width(part, LABEL, bold=True) for part in self.figure.parts] + [30.0])  # fmt: skip
        return marks + BRACKET + frame + self.width / 2

    def _lefts(self) -> list[float]:
        lefts = [self.column.left if self.column else MARGIN]
        for a, b in zip(self.starts, self.ends, strict=True):
            lefts.append(lefts[-1] + self.left + max(self.grid.right[a:b]) + BETWEEN)
        return lefts

    def _heights(self) -> tuple[list[float], list[float], list[float], float]:
        """The top and the middle of every row, the top of its channel, and where the longest page ends."""
        row_top, middle, channel_top = [], [], []
        starts, floors = set(self.starts), self.column.floors if self.column else {}
        bottom, y = 0.0, self.top
        for row, height in enumerate(self.tall):
            y = max(self.top if row in starts else y, floors.get(row, self.top))
            row_top.append(y)
            y += self.above[row]
            channel_top.append(y)
            y += self.channels[row].height if row or self.column else 0
            middle.append(y + height / 2)
            y += height + self.below[row]
            bottom = max(bottom, y)
        return row_top, middle, channel_top, bottom + (PORT if len(self.starts) > 1 else 0)

    # ---- the result --------------------------------------------------------------------------------------------------

    def _rect(self, name: str) -> Rect:
        row, box = self.grid.row[name], self.figure.boxes[name]
        x = self.trunks[self.page[row]] + self.grid.x[name]
        return Rect(x, self.middle[row], self.grid.width[name], box_height(box))

    def _way(self, index: int, rects: dict[str, Rect]) -> list[Point]:
        edge, grid = self.figure.edges[index], self.grid
        above, below = grid.row[edge.source], grid.row[edge.target]
        start, end = rects[edge.source], rects[edge.target]
        page = self.page[above + 1]
        spine = self.trunks[page] + grid.spine[index]
        way: list[Point] = [(start.x, start.y + start.h / 2)]
        if page != self.page[above]:
            way += self._turn(page, way[0])
        if spine != way[-1][0]:
            y = self._leaves(index)
            way += [(way[-1][0], y), (spine, y)]
        if self.sides[index]:
            return [*way, (spine, end.y), (end.x + end.w / 2, end.y)]
        if spine != end.x:
            channel = self.channels[below]
            y = self.channel_top[below] + channel.height - 7 - TRACK * channel.tracks[1][edge.target]
            way += [(spine, y), (end.x, y)]
        return [*way, (end.x, end.y - end.h / 2)]

    def _leaves(self, index: int) -> float:
        """At which height an edge runs to its spine: in the channel, or above the frame that it goes past."""
        edge = self.figure.edges[index]
        row = self.grid.row[edge.source] + 1
        if index in self.outside:
            return self.channel_top[row] - FRAME * 2 / 3 - 4 - TRACK * self.channels[row].above[edge.source]
        return self.channel_top[row] + 4 + TRACK * self.channels[row].tracks[0][edge.source]

    def _port(self, page: int) -> Point:
        return self.trunks[page], self.top - PORT / 2

    def _turn(self, page: int, start: Point) -> list[Point]:
        """From the foot of one page to the head of the next."""
        gutter = self.lefts[page] - BETWEEN / 2
        down, up = start[1] + self.below[self.starts[page] - 1] + PORT / 2, self.top - PORT
        return [(start[0], down), (gutter, down), (gutter, up), (self.trunks[page], up)]

    def _frame(self, first: int, last: int, reach: float) -> Rect:
        trunk = self.trunks[self.page[first]]
        left, right = trunk - self.width / 2 - FRAME * 2 / 3, trunk + reach
        top = self.channel_top[first] - FRAME * 2 / 3
        bottom = self.middle[last] + self.tall[last] / 2 + FRAME * 2 / 3
        return Rect((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)

    def _marks(self) -> list[Mark]:
        boxes, trunk = self.figure.boxes, self.grid.trunk
        marks = []
        for (page, part), run in groupby(range(len(trunk)), key=lambda row: (self.page[row], boxes[trunk[row]].part)):
            rows = list(run)
            if part in self.figure.parts:
                first, last = (box_height(boxes[trunk[row]]) / 2 for row in (rows[0], rows[-1]))
                frame = FRAME if self.grid.frames else 0.0
                x = self.trunks[page] - self.width / 2 - frame - BRACKET + 5
                marks.append(Mark(part, x, self.middle[rows[0]] - first, self.middle[rows[-1]] + last))
        return marks


def _tracks(runs: dict[str, list[float]]) -> dict[str, int]:
    """A track for each run, so that no two on one track touch."""
    ends: dict[int, float] = {}  # how far each track is taken
    tracks = {}
    for name, xs in sorted(runs.items(), key=lambda item: (min(item[1]), max(item[1]))):
        tracks[name] = next((track for track, end in ends.items() if end < min(xs)), len(ends))
        ends[tracks[name]] = max(xs)
    return tracks
