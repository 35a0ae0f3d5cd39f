"""Figures as the bytes of a file: the same figure, the same bytes."""

import io

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def empty_figure(size: tuple[float, float]) -> Figure:
    """A figure without axes, `size` in inches (width, height)."""
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def file_bytes(figure: Figure, suffix: str) -> bytes:
    """The bytes of an `svg` or `png` file."""
    file = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "archcompile", "svg.fonttype": "path"}):
        metadata = {"Date": None} if suffix == "svg" else {"Software": None}
        figure.savefig(file, format=suffix, dpi=120, metadata=metadata)
    return file.getvalue()
