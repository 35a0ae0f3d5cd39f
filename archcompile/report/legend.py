"""The legend of charts: in a page as a list, in a file as lines above the charts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archcompile.drawing.layout import text_width
from archcompile.report.chart import FONT, INK, SOFT, line_look
from archcompile.report.markup import Markup, tag, text

SAMPLE = 34  # the room for a stroke before its words
GAP = 22  # between two entries
ROW = 21  # height of a line


@dataclass(frozen=True)
class Entry:
    label: str
    colour: str
    is_dashed: bool = False


def legend_list(entries: Sequence[Entry]) -> Markup:
    return tag("ul", *(tag("li", _key(e), text(e.label)) for e in entries), class_="legend")


def _key(entry: Entry) -> Markup:
    line = tag("line", x1=0, y1=5, x2=28, y2=5, **line_look(entry.colour, entry.is_dashed))
    return tag("svg", line, width=28, height=10, aria_hidden="true")


def legend_rows(entries: Sequence[Entry], width: float) -> list[list[Entry]]:
    """The entries, in each line as many as fit into a width; grey ones stand apart."""
    rows: list[list[Entry]] = []
    room = 0.0
    for entry in entries:
        room -= entry_width(entry)
        is_apart = bool(rows) and rows[-1][-1].colour == SOFT != entry.colour
        if room < 0 or is_apart or not rows:
            rows.append([])
            room = width - entry_width(entry)
        rows[-1].append(entry)
    return rows


def entry_width(entry: Entry) -> float:
    return SAMPLE + text_width(entry.label, FONT) + GAP


def legend_lines(rows: Sequence[Sequence[Entry]], left: float, top: float) -> Iterator[Markup]:
    """The elements of such lines; `top` is that of the first."""
    for number, row in enumerate(rows):
        x, y = left, top + ROW * (number + 0.5)
        for entry in row:
            look = line_look(entry.colour, entry.is_dashed)
            yield tag("line", x1=f"{x:g}", y1=y, x2=f"{x + 28:g}", y2=y, **look)
            place = {"x": f"{x + SAMPLE:g}", "y": y + 4.5}
            yield tag("text", text(entry.label), **place, fill=INK, font_size=FONT)
            x = round(x + entry_width(entry), 1)
