"""Charts side by side as an SVG or PNG file, with a title and a legend above them."""

from collections.abc import Sequence

from archcompile.drawing.formats import FONTS, encode_drawing
from archcompile.drawing.layout import text_width
from archcompile.report.chart import INK, Chart, panel
from archcompile.report.legend import ROW, Entry, entry_width, legend_lines, legend_rows
from archcompile.report.markup import NAMESPACE, tag, text

HEADING = 17  # size of letters
MARGIN = 16
GAP = 12  # between charts
BELOW = 8  # a legend


def draw_charts(
    title: str, charts: Sequence[Chart], suffix: str, *, entries: Sequence[Entry] = ()
) -> bytes:
    """The bytes of an `svg` or `png` file; the same charts, the same bytes.

    Raises MissingError where PNG cannot be made on this machine.
    """
    across = sum(chart.width for chart in charts) + GAP * (len(charts) - 1)
    words = [text_width(title, HEADING, bold=True), *map(entry_width, entries)]
    width = round(2 * MARGIN + max(across, *words))
    rows = legend_rows(entries, width - 2 * MARGIN)
    top = MARGIN + 2 * HEADING
    below = top + ROW * len(rows) + (BELOW if rows else 0)
    height = below + max(chart.height for chart in charts)
    panels, x = [], MARGIN
    for chart in charts:
        panels.append(tag("g", *panel(chart), transform=f"translate({x} {below})"))
        x += chart.width + GAP
    look = {"fill": INK, "font_size": HEADING, "font_weight": "bold"}
    drawing = tag(
        "svg",
        tag("title", text(title)),
        tag("rect", width="100%", height="100%", fill="#fff"),
        tag("text", text(title), x=MARGIN, y=MARGIN + HEADING, **look),
        *legend_lines(rows, MARGIN, top),
        *panels,
        xmlns=NAMESPACE,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        font_family=FONTS,
    )
    content = encode_drawing(drawing + "\n", f".{suffix}")
    return content if isinstance(content, bytes) else content.encode()
