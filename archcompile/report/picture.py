"""Figures as the bytes of a file: the same figure, the same bytes."""

import io

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def figure(size: tuple[float, float]) -> Figure:
    """An empty figure, `size` in inches (width, height)."""
    made = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(made)
    return made


def written(made: Figure, suffix: str) -> bytes:
    """The bytes of an `svg` or `png` file."""
    file = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "archcompile", "svg.fonttype": "path"}):
        made.savefig(
            file,
            format=suffix,
            dpi=120,
            metadata={"Date": None} if suffix == "svg" else {"Software": None},
        )
    return file.getvalue()
