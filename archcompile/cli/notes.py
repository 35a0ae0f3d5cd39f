"""Prints what does not stop a build but should be known."""

import sys
from collections.abc import Iterable
from dataclasses import replace

from archcompile.analyses import parts
from archcompile.api import LayerGraph
from archcompile.cli.console import SHOWN, coloured, render, say, table
from archcompile.errors import Diagnostic, SpecError
from archcompile.ops import show


def tell_notes(graph: LayerGraph, strict: bool = False) -> None:
    """Notes and warnings on stderr. Raises SpecError where there are some and they are to be
    errors.
    """
    if strict and graph.notes:
        raise SpecError([replace(note, severity="error") for note in graph.notes])
    tell(graph.notes)


def tell(found: Iterable[Diagnostic]) -> None:
    """Findings on stderr, no more than a person reads."""
    items = list(found)
    for item in items[:SHOWN]:
        say(render(item, coloured(sys.stderr)))
    if len(items) > SHOWN:
        say(f"… and {len(items) - SHOWN} more")


def stage_lines(graph: LayerGraph) -> str:
    """A line for the stem, each stage and the head: units, joins and their rules, output,
    parameters, multiply-adds.
    """
    rows = [("part", "units", "joins", "output", "parameters", "multiply-adds")]
    for part in parts(graph):
        units = f"{part.units} x {part.block}" if part.units else ""
        joins = f"{part.joins} {', '.join(part.rules)}" if part.joins else ""
        rows.append(
            (
                part.name,
                units,
                joins,
                show(part.shape),
                f"{part.totals.params:,}",
                f"{part.totals.macs:,}",
            )
        )
    return table(rows, frozenset((4, 5)))
