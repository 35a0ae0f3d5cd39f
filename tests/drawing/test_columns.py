"""Where a tall figure is cut into columns, on chains of boxes whose heights and widths are
given: all counted by hand.
"""

import pytest

from archcompile.drawing.figure.boxes import Box, Edge, Figure
from archcompile.drawing.layout.page_columns import page_starts
from archcompile.drawing.layout.rows_and_columns import Grid


def starts(
    rows: int,
    height: float = 30.0,
    *,
    units: int = 1,
    skips: tuple[tuple[int, int], ...] = (),
    frames: tuple[tuple[int, int], ...] = (),
    wide: float = 100.0,
) -> list[int]:
    """Of a chain of boxes, `units` rows a unit, with further edges and frames; columns are
    `wide` beside their trunk, and as much on it.
    """
    names = [f"b{row}" for row in range(rows)]
    boxes = {
        name: Box(
            name=name,
            lines=(),
            form="layer",
            part="s",
            unit=row // units,
            tip="",
            shape=(1,),
            nodes=(name,),
        )
        for row, name in enumerate(names)
    }
    pairs = [*zip(range(rows - 1), range(1, rows), strict=True), *skips]
    edges = tuple(Edge(names[a], names[b], False) for a, b in pairs)
    grid = Grid(
        trunk=names,
        row={name: row for row, name in enumerate(names)},
        x=dict.fromkeys(names, 0.0),
        width=dict.fromkeys(names, 10.0),
        spine=[0.0] * len(edges),
        right=[wide] * rows,
        frames=[(first, last, 0.0, 0.0) for first, last in frames],
    )
    return page_starts(
        Figure(title="", subtitle="", level="layer", boxes=boxes, edges=edges, parts={}),
        grid,
        [height] * rows,
        beside=wide,
    )


CASES = [  # what is laid out, and the first row of each column
    # 1200 stay in one column; of 1230 three of 420, 420 and 390 are nearest to a page
    ({"rows": 40}, [0]),
    ({"rows": 41}, [0, 14, 28]),
    # five columns of 600 and 200 wide: 1000 by 700 with the room outside, nearest to 1.41
    ({"rows": 100}, [0, 20, 40, 60, 80]),
    # eight, 100 wide: 800 by 520; of thirteen rows each but the last
    ({"rows": 100, "wide": 50.0}, [*range(0, 92, 13)]),
    # ten, 60 wide: 600 by 400, nearer than nine, which are 540 by 460
    ({"rows": 100, "wide": 30.0}, [*range(0, 100, 10)]),
    # only before a unit, where there are such
    ({"rows": 100, "units": 7}, [0, 21, 42, 63, 84]),
    ({"rows": 100, "units": 100}, [0, 20, 40, 60, 80]),
    # 2970 of 3000 is no gain
    ({"rows": 100, "skips": ((0, 99),)}, [0]),
    ({"rows": 100, "skips": ((0, 98),)}, [0]),
    # right behind the box that feeds all that follows, and not before the line ends; in front of a
    # frame, and behind it
    ({"rows": 100, "skips": ((10, 30),)}, [0, 11, 31, 49, 67, 85]),
    ({"rows": 100, "frames": ((10, 30),)}, [0, 10, 31, 49, 67, 85]),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_columns(case: int) -> None:
    settings, expected = CASES[case]
    assert starts(**settings) == expected  # type: ignore[arg-type]
