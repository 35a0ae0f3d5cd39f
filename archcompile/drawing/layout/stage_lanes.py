"""Which stages have no box in the trunk, and how far out their marks lie."""

from archcompile.drawing.figure import Figure
from archcompile.drawing.layout.rows_and_columns import Grid


def stage_lanes(figure: Figure, grid: Grid) -> dict[str, int]:
    """The lane of each such stage: 1 is the next to the marks of the trunk, in lane 0.

    Stages that share rows have lanes of their own.
    """
    within = {figure.boxes[name].part for name in grid.trunk}
    rows: dict[str, list[int]] = {}
    for name, box in figure.boxes.items():
        if box.part in figure.parts and box.part not in within and box.form != "end":
            rows.setdefault(box.part, []).append(grid.row[name])
    lanes: dict[str, int] = {}
    ends: list[int] = []  # the last row of each lane
    for part, taken in sorted(rows.items(), key=lambda item: min(item[1])):
        free = (lane for lane, end in enumerate(ends) if end < min(taken))
        lane = next(free, len(ends))
        ends[lane:] = [max(taken), *ends[lane + 1 :]]
        lanes[part] = lane + 1
    return lanes
