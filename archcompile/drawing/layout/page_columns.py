"""Where a tall grid is cut into columns side by side: where a single box feeds everything below."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import log, sqrt

from archcompile.drawing.figure import Figure
from archcompile.drawing.layout.rows_and_columns import Grid

# height that stays in one column; width : height of several (landscape A4)
ONE_PAGE, ASPECT = 1200.0, sqrt(2)
MOST_UNBROKEN = 1.5  # times one page, where a cut would leave a hole
STEP = 33.0  # how finely the height of pages is tried: about a row
LEAST = 0.45  # of the tallest page: a first page lower than that leaves a hole
WORTH = 0.8  # pages are cut where the tallest is lower than this part of the whole
OUTSIDE = 100.0  # title, legend, margins


def page_starts(
    figure: Figure, grid: Grid, heights: Sequence[float], *, beside: float
) -> list[int]:
    """The first row of each page: one page if it is short, else enough for a landscape page.

    `heights` is that of each row; `beside` the width of a page but for what lies on the right of
    its trunk.
    """
    tops = [0.0, *accumulate(heights)]
    cuts = _cuts(figure, grid)
    if tops[-1] <= ONE_PAGE or not cuts:
        return [0]
    most = round(sqrt(len(grid.trunk))) + 1
    tried = [_wrap(tops, cuts, tops[-1] * 8 / 7 / n) for n in range(most, 0, -1)]
    best = min(
        tried, key=lambda starts: abs(log(_aspect(grid, tops, starts, beside=beside) / ASPECT))
    )
    limit = tops[-1] / len(best)
    while len(even := _wrap(tops, cuts, limit)) > len(best):
        limit += STEP
    pages = [tops[b] - tops[a] for a, b in pairwise([*even, len(grid.trunk)])]
    has_hole = min(pages[:-1], default=0.0) < LEAST * max(pages)
    if has_hole and tops[-1] <= MOST_UNBROKEN * ONE_PAGE:
        return [0]
    return even if max(pages) < WORTH * tops[-1] else [0]


def _aspect(grid: Grid, tops: Sequence[float], starts: list[int], *, beside: float) -> float:
    """Width : height of the figure with these pages."""
    pages = list(pairwise([*starts, len(grid.trunk)]))
    width = sum(beside + max(grid.right[a:b]) for a, b in pages)
    return width / (max(tops[b] - tops[a] for a, b in pages) + OUTSIDE)


def _cuts(figure: Figure, grid: Grid) -> list[int]:
    """Rows before which a page may start: never within a frame, if possible before a unit."""
    rows = len(grid.trunk)
    crossed: Counter[int] = Counter()
    spans = [
        (grid.row[e.source] + 1 + (e.source == grid.trunk[grid.row[e.source]]), grid.row[e.target])
        for e in figure.edges
    ]
    for first, last in [*spans, *((first + 1, last) for first, last, *_ in grid.frames)]:
        if first <= last:
            crossed[first] += 1
            crossed[last + 1] -= 1
    clean, open_edges = [], 0
    for row in range(rows):
        open_edges += crossed[row]
        if row and not open_edges:
            clean.append(row)
    return [
        row for row in clean if _unit(figure, grid, row) != _unit(figure, grid, row - 1)
    ] or clean


def _unit(figure: Figure, grid: Grid, row: int) -> tuple[str, int | None]:
    box = figure.boxes[grid.trunk[row]]
    return box.part, box.unit


def _wrap(tops: Sequence[float], cuts: list[int], limit: float) -> list[int]:
    """Fill pages of at most `limit` pixels; a page without a place to cut grows to the next one."""
    starts = [0]
    while tops[-1] - tops[starts[-1]] > limit:
        # the last row before which the page may end
        fits = bisect_right(tops, tops[starts[-1]] + limit) - 1
        at = bisect_left(cuts, fits + 1)
        if at and cuts[at - 1] > starts[-1]:
            starts.append(cuts[at - 1])
        elif at < len(cuts):
            starts.append(cuts[at])
        else:
            break
    return starts
