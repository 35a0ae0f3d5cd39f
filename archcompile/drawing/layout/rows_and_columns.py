"""Rows, columns and lanes of a figure: what `layout_grid` packs and `routes` gives pixels."""

from dataclasses import dataclass

LANE = 13.0  # pixels between the trunk, lanes and columns


@dataclass(kw_only=True)
class Grid:
    """Rows from 0, and x of centre lines in pixels; the trunk is at 0. `width` is that of each box.

    `spine` holds, edge by edge, the x at which the edge runs down; `right` how far each row
    reaches; `frames` of each frame the first and the last row, its left side and its reach.
    """

    trunk: list[str]
    row: dict[str, int]
    x: dict[str, float]
    width: dict[str, float]
    spine: list[float]
    right: list[float]
    frames: list[tuple[int, int, float, float]]
