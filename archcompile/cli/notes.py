"""Prints what does not stop a build but should be known."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from archcompile.api import LayerGraph
from archcompile.cli.console import say, say_diagnostic
from archcompile.error_text import SHOWN
from archcompile.errors import Diagnostic, SpecError
from archcompile.shipped import shipped_specs


def tell_notes(graph: LayerGraph, strict: bool = False) -> None:
    """Prints notes and warnings on stderr. Raises SpecError instead if they count as errors."""
    if strict and graph.notes:
        raise SpecError([replace(note, severity="error") for note in graph.notes])
    tell(graph.notes)


def tell_namesake(file: Path) -> None:
    """A note where a new file is called as a spec that ships."""
    if file.stem in shipped_specs():
        say(f"note: `{file.stem}` alone goes on to mean the spec that ships; write {file}")


def tell(diagnostics: Iterable[Diagnostic]) -> None:
    """Findings on stderr, no more than a person reads."""
    items = list(diagnostics)
    for item in items[:SHOWN]:
        say_diagnostic(item)
    if len(items) > SHOWN:
        say(f"… and {len(items) - SHOWN} more")
