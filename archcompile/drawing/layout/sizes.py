"""The sizes of boxes and words in the units of a drawing: pixels, if it is shown unscaled."""

from archcompile.drawing.figure import Box, Frame, Line
from archcompile.errors import visible

LABEL, SMALL = 11, 9.5  # font sizes of layers and of other steps
LINE = {"title": 14.0, "label": 13.0, "fact": 11.5}
JOIN, STEP = 15.0, 16.0  # heights of a circle and of a step
PAD = 7.0  # above and below the lines of a box, together
LOOP, LOOP_HEIGHT = 20.0, 15.0  # how far a loop reaches to the right, and its share of the height

# between a frame and what it holds on the right, and the room for each of its horizontal sides
FRAME = 9.0


PAPER = 297.0 - 20, 210.0 - 20  # millimetres of a sheet of A4 within margins of a centimetre
POINT = 25.4 / 72  # millimetres
READABLE = 5.0  # points: the smallest letters that journals print in figures


def letters(width: float, height: float) -> float:
    """How high labels are, in points, where a drawing fills a sheet of A4, upright or across."""
    return max(min(w / width, h / height) for w, h in (PAPER, PAPER[::-1])) * LABEL / POINT


def fits_a_page(width: float, height: float) -> bool:
    """Whether labels are large enough where a drawing fills a sheet of A4."""
    return letters(width, height) >= READABLE


def text_width(text: str, size: float, bold: bool = False) -> float:
    """A width the text will not exceed by much in any of the fonts it may be shown in."""
    return len(visible(text)) * size * (0.69 if bold else 0.61)


def line_width(line: Line, form: str) -> float:
    return text_width(line.words, font(line, form), bold=line.kind == "title")


def font(line: Line, form: str) -> float:
    """The size of a line's letters."""
    return SMALL if line.kind == "fact" or form == "step" else LABEL


def box_width(box: Box) -> float:
    """The least width of a box; joins and ends have one of their own."""
    if box.form in ("join", "end"):
        return JOIN if box.form == "join" else 0.0
    return max((line_width(line, box.form) for line in box.lines), default=0.0) + 14


def box_height(box: Box) -> float:
    if box.form in ("join", "end"):
        return JOIN if box.form == "join" else 0.0
    if box.form == "step" and len(box.lines) == 1:
        return STEP
    return max(PAD + sum(LINE[line.kind] for line in box.lines), 4 + LOOP_HEIGHT * len(box.loops))


def box_aside(box: Box) -> float:
    """The room that the loops of a box take on its right."""
    return max((LOOP + 6 + text_width(loop.words, SMALL) for loop in box.loops), default=0.0)


def frame_aside(frame: Frame) -> float:
    """The room that a frame and its words take on the right of what it holds."""
    notes = (text_width(note, SMALL) for note in frame.notes)
    return FRAME + 5 + max(text_width(frame.words, LABEL + 2, bold=True), *notes, 0.0)
