"""Findings of a file: each where its user can act, in the file that was asked about."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from archcompile.editor.answers import Finding, Place, Position, Severity, Span, span_in_line
from archcompile.editor.names import Meaning, occurrences
from archcompile.editor.quick_fixes import fixes_for
from archcompile.errors import Diagnostic, Location

if TYPE_CHECKING:
    from archcompile.editor.analysis import Analysis


def find_problems(analysis: "Analysis") -> tuple[Finding, ...]:
    """All mistakes, warnings and remarks of a file."""
    return analysis.findings


def findings_of(analysis: "Analysis", diagnostics: Iterable[Diagnostic]) -> tuple[Finding, ...]:
    return tuple(_finding(analysis, diagnostic) for diagnostic in diagnostics)


def _finding(analysis: "Analysis", diagnostic: Diagnostic) -> Finding:
    at, notes = _place_to_act(analysis, diagnostic)
    return Finding(
        code=diagnostic.code,
        severity=cast("Severity", diagnostic.severity),
        message=diagnostic.message,
        hint=diagnostic.hint,
        span=at,
        notes=notes,
        fixes=fixes_for(analysis, diagnostic, at),
    )


def _place_to_act(
    analysis: "Analysis", diagnostic: Diagnostic
) -> tuple[Span, tuple[tuple[str, Place], ...]]:
    """Where a finding stands in the file, and its other places as notes.

    One in another file stands where that is used, or brought in.
    """
    location = diagnostic.location
    notes = [(text, at) for text, at in diagnostic.notes]
    if location.file == analysis.shown_file:
        span = span_of(location)
    else:
        in_file = [note for note in notes if note[1].file == analysis.shown_file]
        in_file.sort(key=lambda note: note[0] != "used here")  # the row, before its causes
        notes = [(f"in {Path(location.file).name}", location), *notes]
        span = span_of(in_file[0][1]) if in_file else _where_brought_in(analysis, location)
    return span, tuple((text, place_of(analysis, at)) for text, at in notes)


def _where_brought_in(analysis: "Analysis", location: Location) -> Span:
    """What has to do with a place in another file: the row that uses the block there.

    Else it is the value that brings the file in: `extends`, or an entry of `uses`.
    """
    file, seen = analysis.locate(location.file), analysis.surroundings
    block = seen.definition_at(file, location.line)
    kinds = {"blocks": "block", "shortcuts": "rule"}
    for each in occurrences(seen.chain[0], seen) if block else ():
        if block and each.meaning == Meaning(kinds[block.shelf], block.name):
            return each.span
    word = analysis.reading.values.get(seen.way_in(file) or ("extends",))
    return word.span if word else Span(Position(1, 1), Position(1, 1))


def span_of(location: Location) -> Span:
    return span_in_line(location.line, location.column, location.width)


def place_of(analysis: "Analysis", location: Location) -> Place:
    return Place(analysis.locate(location.file), span_of(location))
