"""Prints what does not stop a build but should be known."""

from collections.abc import Iterable
from dataclasses import replace

from archcompile.api import LayerGraph
from archcompile.cli.console import say, say_diagnostic
from archcompile.error_text import SHOWN
from archcompile.errors import Diagnostic, SpecError


def tell_notes(graph: LayerGraph, strict: bool = False) -> None:
    """Prints notes and warnings on stderr. Raises SpecError instead if they count as errors."""
    if strict and graph.notes:
        raise SpecError([replace(note, severity="error") for note in graph.notes])
    tell(graph.notes)


def tell(diagnostics: Iterable[Diagnostic]) -> None:
    """Findings on stderr, no more than a person reads."""
    items = list(diagnostics)
    for item in items[:SHOWN]:
        say_diagnostic(item)
    if len(items) > SHOWN:
        say(f"… and {len(items) - SHOWN} more")
