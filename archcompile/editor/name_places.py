"""Where a name is defined, and where it is used."""

from collections.abc import Iterator
from pathlib import Path

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Place, Position, Span
from archcompile.editor.names import Meaning, occurrence_at, occurrences
from archcompile.editor.reach import uses_of
from archcompile.editor.workspace import Workspace
from archcompile.errors import ArchError, Location
from archcompile.shipped import shipped_files
from archcompile.spec.language import Reach

_START = Span(Position(1, 1), Position(1, 1))


def find_definition(analysis: Analysis, position: Position) -> tuple[Place, ...]:
    """Where the name at a position is defined; for a file that is named, the file."""
    occurrence = occurrence_at(analysis.surroundings, position)
    return tuple(_definitions(analysis, occurrence.meaning)) if occurrence else ()


def _definitions(analysis: Analysis, meaning: Meaning) -> Iterator[Place]:
    seen = analysis.surroundings
    match meaning.kind:
        case "block" | "rule":
            shelf = "blocks" if meaning.kind == "block" else "shortcuts"
            if definition := seen.definition(shelf, meaning.name):
                yield definition.place
        case "argument":
            definition = seen.definition(*meaning.owner)
            if definition and meaning.name in definition.arguments:
                yield Place(definition.file, definition.arguments[meaning.name].word.span)
        case "parent" | "library":
            yield from _file(analysis, meaning)
        case "recipe":
            recipe = shipped_files("recipe").get(meaning.name)
            if recipe:
                yield Place(recipe, _START)
        case "part" if meaning.name in ("stem", "head"):
            for file in seen.chain:
                if (meaning.name,) in file.reading.keys:
                    yield Place(file.path, file.reading.keys[meaning.name,].span)
                    return
        case "variable" | "part" | "point" | "output" | "branch":
            for file in seen.chain:
                for each in occurrences(file, seen):
                    if each.is_definition and each.meaning == meaning:
                        yield each.place(file.path)
                        return


def _file(analysis: Analysis, meaning: Meaning) -> Iterator[Place]:
    shelf = "blocks" if meaning.kind == "library" else ""
    at = Location(file=analysis.shown_file, line=1, column=1)
    try:
        path = Reach.of(analysis.file).follow(meaning.name, analysis.file, at, shelf=shelf)
    except ArchError:
        return
    yield Place(analysis.locate(str(path)), _START)


def find_references(
    workspace: Workspace, analysis: Analysis, position: Position
) -> tuple[Place, ...]:
    """All places that have the name at a position, in all files in reach."""
    occurrence = occurrence_at(analysis.surroundings, position)
    if occurrence is None:
        return ()
    uses: list[tuple[Path, bool, Span]] = [
        (file, not each.is_definition, each.span)
        for file, each in uses_of(workspace, analysis, occurrence.meaning)
    ]
    return tuple(Place(file, span) for file, _, span in uses)
