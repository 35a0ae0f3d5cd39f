"""Several networks side by side, equal map sizes level (after He et al. 2015, figure 3)."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from math import prod

from archcompile.analyses import depth, layers, totals
from archcompile.choices import Level
from archcompile.drawing.figure import Figure, Size, figure, map_size
from archcompile.drawing.formats.palette import GREY, PLAIN, Colours, size_colours
from archcompile.drawing.formats.svg_drawing import (
    LEGEND,
    drawing,
    legend_lines,
    legend_of,
)
from archcompile.drawing.formats.svg_markup import at, document, num, text
from archcompile.drawing.layout import (
    GAP,
    LABEL,
    MARGIN,
    SMALL,
    Column,
    Grid,
    Placed,
    arrange,
    place_column,
    text_width,
)
from archcompile.graph import LayerGraph

HEAD, APART = 56.0, 34.0  # room for what is said of each network; between networks
SIZES = 74.0  # width of the column of map sizes
BAND = 8.0  # more room between the bands than between the rows
NAME = 13  # font size


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Networks in their places: `bands` has their first row in every band, `tops` its top."""

    sizes: list[Size]
    tops: list[float]
    grids: list[Grid]
    bands: list[dict[int, int]]
    placed: list[Placed]


def poster(graphs: Sequence[LayerGraph], level: Level = "layer", shown: Sequence[str] = ()) -> str:
    """The SVG document: a column per network, in the order given, with map sizes on the left."""
    figures = [figure(graph, level, "paper", shown=shown) for graph in graphs]
    facts = [
        [f"depth {depth(graph)}", f"{totals(layers(graph)).params:,} parameters"]
        for graph in graphs
    ]
    heads = [_head_width(fig.title, words) for fig, words in zip(figures, facts, strict=True)]
    layout = columns(figures, heads)
    placed, colours = layout.placed, band_colours(layout.sizes)
    ends = [
        max(column.width, _left(column) + head) for column, head in zip(placed, heads, strict=True)
    ]
    width, bottom = ends[-1] + MARGIN, max(column.height for column in placed)
    body = _size_marks(layout, width)
    body += [
        _head(fig.title, words, _left(column))
        for fig, words, column in zip(figures, facts, placed, strict=True)
    ]
    for fig, grid, band, column in zip(figures, layout.grids, layout.bands, placed, strict=True):
        body += drawing(column, _colours(fig, grid, band, colours=colours))
    legend = legend_of(figures)
    words = f"{len(graphs)} networks side by side, rows of one map size on one level"
    return document(
        ", ".join(fig.title for fig in figures),
        words,
        width,
        height=bottom + MARGIN + LEGEND * len(legend),
        body=[*body, *(legend_lines(legend, bottom + MARGIN) if legend else ())],
    )


def columns(figures: Sequence[Figure], heads: Sequence[float] | None = None) -> Columns:
    """Lay figures out beside one another; `heads` are the least widths of their columns."""
    grids = [arrange(fig) for fig in figures]
    runs = [size_runs(fig, grid) for fig, grid in zip(figures, grids, strict=True)]
    sizes = merge_sizes([_sizes(run) for run in runs])
    bands = [_bands(run, sizes) for run in runs]
    tops = _tops(figures, grids, bands, count=len(sizes))
    placed: list[Placed] = []
    left = MARGIN + SIZES
    for number, (fig, grid, band) in enumerate(zip(figures, grids, bands, strict=True)):
        placed.append(
            place_column(
                fig, grid, Column(left, tops[0], {row: tops[at] for at, row in band.items()})
            )
        )
        left = max(placed[-1].width, left + (heads[number] if heads else 0.0)) + APART
    return Columns(sizes=sizes, tops=tops, grids=grids, bands=bands, placed=placed)


def size_runs(fig: Figure, grid: Grid) -> list[tuple[Size, int]]:
    """The map sizes down the trunk, each with its first row."""
    rows = groupby(
        range(len(grid.trunk)), key=lambda row: map_size(fig.boxes[grid.trunk[row]].shape)
    )
    return [(size, next(run)) for size, run in rows]


def _sizes(run: Sequence[tuple[Size, int]]) -> list[Size]:
    return [size for size, _ in run]


def merge_sizes(sequences: Sequence[Sequence[Size]]) -> list[Size]:
    """One sequence of sizes that holds each of these in order; larger first where that is open."""
    merged: list[Size] = []
    for sequence in sequences:
        rest, new = list(merged), list(sequence)
        merged = []
        while rest and new:
            a, b = rest[0], new[0]
            behind = (a in new) - (b in rest)  # what the other still holds has to wait for it
            first_is_new = a != b and (behind > 0 or (behind == 0 and prod(b) > prod(a)))
            merged.append(b if first_is_new else a)
            rest = rest if first_is_new else rest[1:]
            new = new[1:] if first_is_new or a == b else new
        merged += rest + new
    return merged


def band_colours(sizes: Sequence[Size]) -> list[Colours]:
    """A colour for each band, the same for equal sizes; vectors are plain."""
    colours = size_colours(sizes) | {(1, 1): PLAIN}
    return [colours[size] for size in sizes]


def _bands(runs: Sequence[tuple[Size, int]], sizes: Sequence[Size]) -> dict[int, int]:
    """The first row of a network in each band that it has rows in."""
    first_rows: dict[int, int] = {}
    band = -1
    for size, row in runs:
        band = sizes.index(size, band + 1)
        first_rows[band] = row
    return first_rows


def _tops(
    figures: Sequence[Figure], grids: Sequence[Grid], bands: Sequence[dict[int, int]], *, count: int
) -> list[float]:
    """Where each band begins, so that every network's rows have room above the next."""
    needed: list[list[float]] = [[] for _ in range(count)]
    for fig, grid, band in zip(figures, grids, bands, strict=True):
        column = place_column(fig, grid, Column(0.0, 0.0))
        ends = [*(column.rows[row] for row in band.values()), column.height + BAND]
        for number, (top, end) in zip(band, pairwise(ends), strict=True):
            needed[number].append(end - top + BAND)
    return [*accumulate(map(max, needed[:-1]), initial=MARGIN + HEAD)]


def _colours(
    fig: Figure, grid: Grid, band: dict[int, int], *, colours: Sequence[Colours]
) -> dict[str, Colours]:
    """The colour of each box: that of the band it stands in; inputs are plain."""
    starts, numbers = list(band.values()), list(band)

    def band_colour(name: str) -> Colours:
        return colours[numbers[bisect_right(starts, grid.row[name]) - 1]]

    return {
        name: PLAIN if box.form == "input" else band_colour(name) for name, box in fig.boxes.items()
    }


def _left(column: Placed) -> float:
    return min(rect.x - rect.w / 2 for rect in column.rects.values())


def _head_width(name: str, facts: Sequence[str]) -> float:
    return max(text_width(name, NAME, bold=True), *(text_width(words, SMALL) for words in facts))


def _head(name: str, facts: Sequence[str], left: float) -> str:
    lines = [
        f'<text {at(x=left, y=MARGIN + 10)} font-size="{NAME}" '
        f'font-weight="bold">{text(name)}</text>'
    ]
    for number, words in enumerate(facts):
        place = at(x=left, y=MARGIN + 24 + 12 * number)
        lines.append(f'<text {place} font-size="{SMALL}" fill="{GREY}">{words}</text>')
    return "".join(lines)


def _size_marks(layout: Columns, width: float) -> list[str]:
    """A line and a size at the head of each band."""
    lines = [
        f'<text {at(x=MARGIN, y=MARGIN + 36)} font-size="{SMALL}" fill="{GREY}">output size</text>'
    ]
    for size, top in zip(layout.sizes, layout.tops, strict=True):
        words = "1" if size == (1, 1) else f"{size[0]}x{size[1]}"
        lines += [
            f'<path d="M{num(MARGIN)} {num(top)}H{num(width - MARGIN)}" stroke="#ddd"/>',
            f"<text {at(x=MARGIN, y=top + GAP + 10 + 0.36 * LABEL)} "
            f'font-weight="bold">{words}</text>',
        ]
    return lines
