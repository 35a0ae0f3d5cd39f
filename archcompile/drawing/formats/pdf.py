"""A diagram as PDF: lines as lines and text as text, in a font that is embedded."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from archcompile.drawing.formats.svg_shapes import (
    Disc,
    Outline,
    Rectangle,
    Shape,
    Stroke,
    Words,
    shapes_of,
)

POINTS = 72.0  # in an inch: a unit of the drawing is a point
ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def pdf(svg: str) -> bytes:
    """The one page of a diagram, always the same bytes."""
    import matplotlib
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    page, written = shapes_of(svg), BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(page.width / POINTS, page.height / POINTS))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, page.width), ylim=(page.height, 0))
        axes.axis("off")
        for place, shape in enumerate(page.shapes):
            _draw(axes, shape, place)
        FigureCanvasPdf(figure)
        metadata = {"Creator": "archcompile", "Producer": None, "CreationDate": None}
        figure.savefig(written, format="pdf", metadata=metadata)
    return written.getvalue()


def _draw(axes: Any, shape: Shape, place: int) -> None:
    """Draw a shape above those before it."""
    from matplotlib.patches import Circle, FancyBboxPatch, PathPatch
    from matplotlib.path import Path

    if isinstance(shape, Words):
        axes.text(
            shape.x,
            shape.y,
            shape.text,
            fontsize=shape.size,
            fontweight="bold" if shape.is_bold else "normal",
            color=shape.colour,
            ha=ANCHORS[shape.anchor],
            va="baseline",
            parse_math=False,
            zorder=place,
        )
        return
    look = {**_look(shape.stroke), "zorder": place}
    if isinstance(shape, Rectangle):
        corner = f"round,pad=0,rounding_size={shape.radius}" if shape.radius else "square,pad=0"
        box = FancyBboxPatch(
            (shape.left, shape.top), shape.width, shape.height, boxstyle=corner, **look
        )
        axes.add_patch(box)
    elif isinstance(shape, Disc):
        axes.add_patch(Circle((shape.x, shape.y), shape.radius, **look))
    else:
        vertices, codes = zip(*_vertices(shape), strict=True)
        axes.add_patch(PathPatch(Path(vertices, codes), **look))


def _vertices(outline: Outline) -> Iterator[tuple[tuple[float, float], int]]:
    from matplotlib.path import Path

    for place, step in enumerate(outline.steps):
        code = Path.CURVE3 if len(step) == 2 else Path.LINETO
        yield from ((point, int(code if place else Path.MOVETO)) for point in step)
    if outline.is_closed:
        yield outline.steps[0][-1], int(Path.CLOSEPOLY)


def _look(stroke: Stroke) -> dict[str, Any]:
    dashes = (0, tuple(length / stroke.width for length in stroke.dashes)) if stroke.dashes else "-"
    return {
        "facecolor": stroke.fill,
        "edgecolor": stroke.stroke,
        "linewidth": stroke.width,
        "linestyle": dashes,
    }
