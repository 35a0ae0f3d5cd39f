"""Sizes of boxes and letters, from the numbers of the design."""

import pytest

from archcompile.drawing.figure.boxes import Box, Frame, Line, Loop
from archcompile.drawing.formats.png import extent, size_note
from archcompile.drawing.layout.sizes import (
    box_aside,
    box_height,
    box_width,
    fits_a_page,
    frame_aside,
    letters,
    text_width,
)


def box(form: str, *lines: Line, loops: tuple[Loop, ...] = ()) -> Box:
    return Box(
        name="n",
        lines=lines,
        form=form,  # type: ignore[arg-type]
        part="s",
        unit=None,
        tip="",
        shape=(1,),
        nodes=("n",),
        loops=loops,
    )


LABEL, TITLE, FACT = Line("x" * 10), Line("x" * 10, "title"), Line("x" * 20, "fact")
LOOPS = (Loop("x", False), Loop("xxxx", True), Loop("xx", False))
BOXES = [  # a box, its width and its height: letters are 0.61 of their size wide, bold ones 0.69
    (box("layer", LABEL), 10 * 11 * 0.61 + 14, 7 + 13),
    (box("layer", TITLE), 10 * 11 * 0.69 + 14, 7 + 14),
    (box("layer", LABEL, FACT), 20 * 9.5 * 0.61 + 14, 7 + 13 + 11.5),
    (box("step", LABEL), 10 * 9.5 * 0.61 + 14, 16),
    (box("step", LABEL, FACT), 20 * 9.5 * 0.61 + 14, 7 + 13 + 11.5),
    (box("join", LABEL), 15, 15),
    (box("end", LABEL), 0, 0),
    (box("layer"), 14, 7),
    (box("block", TITLE, loops=LOOPS), 10 * 11 * 0.69 + 14, 4 + 3 * 15),
    (box("block", TITLE, loops=LOOPS[:1]), 10 * 11 * 0.69 + 14, 7 + 14),
]


@pytest.mark.parametrize("case", range(len(BOXES)))
def test_boxes(case: int) -> None:
    of, width, height = BOXES[case]
    assert (box_width(of), box_height(of)) == (pytest.approx(width), height)


def test_room_beside() -> None:
    assert box_aside(box("block", TITLE)) == 0 and box_aside(
        box("block", TITLE, loops=LOOPS)
    ) == pytest.approx(20 + 6 + 4 * 9.5 * 0.61)
    assert frame_aside(Frame(("a",), 12)) == pytest.approx(9 + 5 + 3 * 13 * 0.69)
    assert frame_aside(Frame(("a",), 12, ("rate 0.1 to 0.5",))) == pytest.approx(
        9 + 5 + 15 * 9.5 * 0.61
    )


def test_text() -> None:
    assert text_width("abc", 10) == pytest.approx(18.3) and text_width(
        "abc", 10, bold=True
    ) == pytest.approx(20.7)
    assert text_width("\x00", 10) == pytest.approx(4 * 6.1), "as it is shown: `\\x00`"


# a drawing, and how high its letters are in points: eleven units, on 277 by 190 mm, upright or
# across
PAGES = [
    ((277.0, 190.0), 11 * 72 / 25.4),
    ((190.0, 277.0), 11 * 72 / 25.4),
    ((2770.0, 190.0), 1.1 * 72 / 25.4),
    ((277.0, 1900.0), 277 / 1900 * 11 * 72 / 25.4),
    ((1000.0, 1000.0), 0.19 * 11 * 72 / 25.4),
    ((1900.0, 100.0), 277 / 1900 * 11 * 72 / 25.4),
]


@pytest.mark.parametrize(("size", "points"), PAGES)
def test_letters_on_a_page(size: tuple[float, float], points: float) -> None:
    assert letters(*size) == pytest.approx(points)


def test_what_can_be_read() -> None:
    side = 190 * 11 * 72 / 25.4 / 5  # of a square on which letters are five points high
    assert fits_a_page(side - 0.01, side - 0.01) and not fits_a_page(side + 0.01, side + 0.01)
    svg = '<svg width="{0}" height="{0}"/>'
    assert extent(svg.format(1184.5)) == (1184.5, 1184.5) and size_note(svg.format(1184)) is None
    assert (
        size_note(svg.format(1186))
        == "on a sheet of A4 its words are 4.9 points high, below the 5 that can be read"
    )
    assert (
        size_note(svg.format(2000))
        == "on a sheet of A4 its words are 2.9 points high, below the 5 that can be read"
    )
