"""What the page gives away: files that the browser saves, and source for the clipboard."""

from pathlib import Path

from archcompile.api import LayerGraph
from archcompile.drawing.formats import check_request, draw_networks

SOURCE = ".py"
FORMATS = {
    ".svg": "Drawing as SVG",
    ".png": "Drawing as PNG",
    ".pdf": "Drawing as PDF",
    ".tex": "Drawing as TikZ",
    ".html": "Page to fold and search",
    ".mmd": "Mermaid",
    ".dot": "DOT",
    ".json": "Graph as JSON",
    SOURCE: "Python source",
}


def export_bytes(graph: LayerGraph, suffix: str) -> bytes:
    """The content of a file. Raises UsageError, MissingError."""
    if suffix == SOURCE:
        return python_source(graph).encode()
    request = check_request(Path(f"drawing{suffix}"), 1, None, style=None, shown="")
    content, _ = draw_networks([graph], request)
    return content if isinstance(content, bytes) else content.encode()


def python_source(graph: LayerGraph) -> str:
    """Source that imports only keras, with functions and loops."""
    return graph.to_source("article")
