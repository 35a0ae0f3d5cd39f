"""Places in pixels for a grid: pages side by side, heights, and the way of every edge.

Between two rows lies a channel. An edge leaves its box downwards, runs sideways in the channel
below it to its spine, down the spine, and enters its target from the right where the row is free,
else from above through the channel there. Sideways runs that would lie on one another get tracks of
their own: edges that leave above those that arrive.

A tall grid is cut into pages (`page_columns`); where a page begins, edges continue from a port.
"""

from bisect import bisect_left
from itertools import groupby

from archcompile.drawing.figure import Figure
from archcompile.drawing.layout.channels import BETWEEN, BRACKET, HEAD, MARGIN, PORT, TRACK, Channel
from archcompile.drawing.layout.layout_grid import arrange
from archcompile.drawing.layout.page_columns import page_starts
from archcompile.drawing.layout.places import Column, Mark, Placed, Point, Rect
from archcompile.drawing.layout.rows_and_columns import Grid
from archcompile.drawing.layout.sizes import FRAME, LABEL, SMALL, box_height, text_width
from archcompile.drawing.layout.stage_lanes import stage_lanes


def place(figure: Figure) -> Placed:
    """Lay a figure out on a page: columns where it is tall, stages marked on the left."""
    return _Router(figure, arrange(figure)).place()


def place_column(figure: Figure, grid: Grid, column: Column) -> Placed:
    """Lay a figure out as a column of a larger drawing; `width` and `height` are where it ends."""
    return _Router(figure, grid, column).place()


class _Router:
    """Works out how edges enter, what runs in each channel, the pages, and so all places."""

    def __init__(self, figure: Figure, grid: Grid, column: Column | None = None):
        self.figure, self.grid, self.width = figure, grid, max(grid.width.values())
        self.column = column
        # centres of the boxes in each row, from the left
        self.beside: list[list[float]] = [[] for _ in grid.trunk]
        for name in figure.boxes:
            self.beside[grid.row[name]].append(grid.x[name])
        for row in self.beside:
            row.sort()
        self.sides = [self._enters_from_side(i) for i in range(len(figure.edges))]
        self.outside = self._outside()
        self.channels = self._channels()
        self.above, self.tall, self.below = self._room()
        self.lanes = stage_lanes(figure, grid)
        self.left = self._left()  # from the edge of a page to its trunk
        self.starts = [0] if self.column else self._page_starts()
        self.ends = [*self.starts[1:], len(grid.trunk)]
        self.page: list[int] = []  # of each row
        for page, (first, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            self.page += [page] * (end - first)
        self.carriers = self._carriers()
        self.lefts = self._lefts()  # where each page begins, and where one more would
        self.trunks = [left + self.left for left in self.lefts]
        self.port = PORT if len(self.starts) > 1 else 0.0
        self.top = column.top if column else MARGIN + HEAD + self.port
        self.row_top, self.middle, self.channel_top, self.bottom = self._heights()

    def place(self) -> Placed:
        rects = {name: self._rect(name) for name in self.figure.boxes}
        ways = [self._way(i, rects) for i in range(len(self.figure.edges))]
        ports = [self._port(page) for page in range(1, len(self.starts))]
        frames = list(map(self._frame, self.grid.frames))
        return Placed(
            figure=self.figure,
            rects=rects,
            ways=ways,
            frames=frames,
            marks=[] if self.column else self._marks(),
            ports=ports,
            width=self.lefts[-1] - BETWEEN + (0 if self.column else MARGIN),
            height=self.bottom,
            rows=self.row_top,
        )

    # ---- sideways runs ---------------------------------------------------------------------------

    def _enters_from_side(self, index: int) -> bool:
        """Whether the edge can enter its target from the right: from a spine that lies there.

        Between the two there must be neither a box nor a loop.
        """
        target, spine = self.figure.edges[index].target, self.grid.spine[index]
        row, x = self.beside[self.grid.row[target]], self.grid.x[target]
        following = bisect_left(row, x) + 1
        is_free = following == len(row) or row[following] > spine
        return spine > x and is_free and not self.figure.boxes[target].loops

    def _outside(self) -> set[int]:
        """The edges that go past a frame which begins below their source."""
        begins = {
            first: frame.boxes
            for frame, (first, *_) in zip(self.figure.frames, self.grid.frames, strict=True)
        }
        outside = set()
        for i, edge in enumerate(self.figure.edges):
            frame_below = begins.get(self.grid.row[edge.source] + 1)
            if frame_below is not None and edge.target not in frame_below:
                outside.add(i)
        return outside

    def _channels(self) -> list[Channel]:
        """The channel above each row, with the edges that run sideways in it."""
        grid = self.grid
        channels = [Channel() for _ in range(len(grid.trunk) + 1)]
        for index, edge in enumerate(self.figure.edges):
            source, target, spine = grid.x[edge.source], grid.x[edge.target], grid.spine[index]
            if source != spine:
                channel = channels[grid.row[edge.source] + 1]
                runs = channel.passing if index in self.outside else channel.leaving
                runs.setdefault(edge.source, []).extend((source, spine))
            if target != spine and not self.sides[index]:
                runs = channels[grid.row[edge.target]].arriving
                runs.setdefault(edge.target, []).extend((target, spine))
        for channel in channels:
            channel.assign_tracks()
        return channels

    # ---- pages and heights -----------------------------------------------------------------------

    def _room(self) -> tuple[list[float], list[float], list[float]]:
        """Of every row: the room for frames above, its tallest box, the room for frames below."""
        rows = len(self.grid.trunk)
        above, tall, below = [0.0] * rows, [0.0] * rows, [0.0] * rows
        for name, box in self.figure.boxes.items():
            row = self.grid.row[name]
            tall[row] = max(tall[row], box_height(box))
        for first, last, *_ in self.grid.frames:
            tracks = self.channels[first].above.values()
            above[first] += FRAME + (TRACK * max(tracks) + 9 if tracks else 0)
            below[last] += FRAME
        return above, tall, below

    def _page_starts(self) -> list[int]:
        """The first row of every page."""
        channels = [channel.height for channel in self.channels]
        rooms = zip(self.above, channels, self.tall, self.below, strict=False)
        heights = [sum(room) for room in rooms]
        return page_starts(self.figure, self.grid, heights, beside=self.left + BETWEEN)

    def _left(self) -> float:
        frame = FRAME if self.grid.frames else 0.0
        if self.column:
            return self.width / 2 + frame
        lanes = 1 + max(self.lanes.values(), default=0)
        return lanes * self._mark_width() + frame + self.width / 2

    def _mark_width(self) -> float:
        """The room for a bar and the words beside it."""
        shapes = [text_width(words, SMALL) for words in self.figure.parts.values()]
        names = [text_width(part, LABEL, bold=True) for part in self.figure.parts]
        return max([*shapes, *names, 30.0]) + BRACKET

    def _lefts(self) -> list[float]:
        lefts = [self.column.left if self.column else MARGIN]
        for a, b in zip(self.starts, self.ends, strict=True):
            lefts.append(lefts[-1] + self.left + max(self.grid.right[a:b]) + BETWEEN)
        return lefts

    def _heights(self) -> tuple[list[float], list[float], list[float], float]:
        """The top and middle of every row, the top of its channel, the end of the longest page."""
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
        return row_top, middle, channel_top, bottom + self.port

    # ---- the result ------------------------------------------------------------------------------

    def _rect(self, name: str) -> Rect:
        row, box = self.grid.row[name], self.figure.boxes[name]
        x = self.trunks[self.page[row]] + self.grid.x[name]
        return Rect(x=x, y=self.middle[row], w=self.grid.width[name], h=box_height(box))

    def _way(self, index: int, rects: dict[str, Rect]) -> list[Point]:
        """The corners of an edge: down, along a channel to its spine, and to its target."""
        edge, grid = self.figure.edges[index], self.grid
        above, below = grid.row[edge.source], grid.row[edge.target]
        start, end = rects[edge.source], rects[edge.target]
        page = self.page[above + 1]
        spine = self.trunks[page] + grid.spine[index]
        way: list[Point] = [(start.x, start.y + start.h / 2)]
        if page != self.page[above]:
            turn = self._turn(page, way[0])
            way = [*way, *turn] if self.carriers[page] == index else [self._port(page)]
        if spine != way[-1][0]:
            y = self._leaves(index)
            way += [(way[-1][0], y), (spine, y)]
        if self.sides[index]:
            return [*way, (spine, end.y), (end.x + end.w / 2, end.y)]
        if spine != end.x:
            channel = self.channels[below]
            foot = self.channel_top[below] + channel.height
            y = foot - 7 - TRACK * channel.tracks[1][edge.target]
            way += [(spine, y), (end.x, y)]
        return [*way, (end.x, end.y - end.h / 2)]

    def _leaves(self, index: int) -> float:
        """The height at which an edge runs to its spine: in the channel, or above a frame."""
        edge = self.figure.edges[index]
        row = self.grid.row[edge.source] + 1
        top, channel = self.channel_top[row], self.channels[row]
        if index in self.outside:
            return top - FRAME * 2 / 3 - 4 - TRACK * channel.above[edge.source]
        return top + 4 + TRACK * channel.tracks[0][edge.source]

    def _carriers(self) -> dict[int, int]:
        """The edge that is drawn from the page before, of all that begin at a page's port."""
        carriers: dict[int, int] = {}
        for i, edge in enumerate(self.figure.edges):
            row = self.grid.row[edge.source]
            page = self.page[row + 1]
            if page != self.page[row]:
                spines = {k: abs(self.grid.spine[k]) for k in (i, carriers.get(page, i))}
                carriers[page] = min(spines, key=lambda k: (spines[k], k))
        return carriers

    def _port(self, page: int) -> Point:
        return self.trunks[page], self.top - PORT / 2

    def _turn(self, page: int, start: Point) -> list[Point]:
        """From the foot of one page to the head of the next."""
        gutter = self.lefts[page] - BETWEEN / 2
        down, up = start[1] + self.below[self.starts[page] - 1] + PORT / 2, self.top - PORT
        return [(start[0], down), (gutter, down), (gutter, up), (self.trunks[page], up)]

    def _frame(self, place: tuple[int, int, float, float]) -> Rect:
        first, last, start, reach = place
        trunk = self.trunks[self.page[first]]
        left, right = trunk + start - FRAME * 2 / 3, trunk + reach
        top = self.channel_top[first] - FRAME * 2 / 3
        bottom = self.middle[last] + self.tall[last] / 2 + FRAME * 2 / 3
        return Rect(x=(left + right) / 2, y=(top + bottom) / 2, w=right - left, h=bottom - top)

    def _marks(self) -> list[Mark]:
        """A mark for each stage on each page; those of stages beside the trunk lie further out."""
        runs = groupby(self.grid.trunk, key=lambda n: (self._page_of(n), self._part_of(n)))
        marks = [self._mark(part, list(run)) for (_, part), run in runs]
        for part in self.lanes:
            names = sorted(
                (name for name in self.figure.boxes if self._part_of(name) == part),
                key=self.grid.row.__getitem__,
            )
            marks += [self._mark(part, list(run)) for _, run in groupby(names, key=self._page_of)]
        return [mark for mark in marks if mark.part in self.figure.parts]

    def _page_of(self, name: str) -> int:
        return self.page[self.grid.row[name]]

    def _part_of(self, name: str) -> str:
        return self.figure.boxes[name].part

    def _mark(self, part: str, names: list[str]) -> Mark:
        """The mark beside boxes of one page, the first of which is the uppermost."""
        frame = FRAME if self.grid.frames else 0.0
        x = self.trunks[self._page_of(names[0])] - self.width / 2 - frame - BRACKET + 5
        x -= self.lanes.get(part, 0) * self._mark_width()
        first, last = (self._rect(name) for name in (names[0], names[-1]))
        return Mark(part=part, x=x, top=first.y - first.h / 2, bottom=last.y + last.h / 2)
