"""Prints what does not stop a build but should be known."""

import sys
from collections.abc import Iterable

from archcompile.api import LayerGraph
from archcompile.cli.console import coloured, render, say
from archcompile.errors import Diagnostic


def tell_notes(graph: LayerGraph) -> None:
    tell(graph.notes)


def tell(found: Iterable[Diagnostic]) -> None:
    for note in found:
        say(render(note, coloured(sys.stderr)))
