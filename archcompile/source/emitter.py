"""Prints a graph as Python source that imports only keras and leaves the model in `model`.

The style `flat` has a line per layer and variables called like nodes; the style `article` has a
function for each block type, and loops. Either way the graph becomes a tree of statements, and that
is printed.
"""

from archcompile.choices import SourceStyle
from archcompile.graph import LayerGraph
from archcompile.source.flat import flat_statements
from archcompile.source.header import header
from archcompile.source.printer import print_statements
from archcompile.source.read_back import check
from archcompile.source.structured import structured_statements


def to_source(graph: LayerGraph, style: SourceStyle = "flat") -> str:
    """The source, formatted as `ruff format` would; running it leaves the model in `model`.

    It has been read back, and builds the graph. Raises SourceDiffers, a fault of archc, where it
    does not.
    """
    statements = structured_statements(graph) if style == "article" else flat_statements(graph)
    text = "\n".join([*print_statements([*header(graph), *statements]), ""])
    check(text, graph)
    return text
