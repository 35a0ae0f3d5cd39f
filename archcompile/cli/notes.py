"""Prints what does not stop a build but should be known."""

import sys

from archcompile.api import LayerGraph
from archcompile.cli.console import coloured, render, say


def tell_notes(graph: LayerGraph) -> None:
    for note in graph.notes:
        say(render(note, coloured(sys.stderr)))
