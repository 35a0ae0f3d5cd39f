"""What is asked about a place in the text: words at the mouse, completion, names, the outline."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcompile.editor import (
    LINE_BREAK,
    Analysis,
    Place,
    Symbol,
    complete,
    describe,
    find_definition,
    find_references,
    outline,
)
from archcompile.shipped import shipped_folder
from archcompile.studio.editor_marks import Offsets, completion_options

if TYPE_CHECKING:
    from archcompile.studio.opening import Studio

Respond = Any  # (studio, text, offset) → what is sent as JSON


def _analyse(studio: "Studio", text: str) -> Analysis:
    studio.texts.typed.open(studio.draft.file, text)
    return studio.texts.typed.analyse(studio.draft.file)


def hover(studio: "Studio", text: str, offset: int) -> Any:
    import markdown2  # comes with NiceGUI

    offsets = Offsets(text)
    words = describe(_analyse(studio, text), offsets.position(offset))
    if words is None:
        return None
    start, end = offsets.ends(words.span)
    extras = ["fenced-code-blocks", "tables"]
    html = markdown2.markdown(words.markdown, safe_mode="escape", extras=extras)
    return {"from": start, "to": end, "html": str(html)}


def completion(studio: "Studio", text: str, offset: int) -> Any:
    offsets = Offsets(text)
    words = complete(_analyse(studio, text), offsets.position(offset))
    return completion_options(words, offsets)


def definition(studio: "Studio", text: str, offset: int) -> Any:
    """Where the name is defined; where that is the place itself, all uses."""
    analysis, at = _analyse(studio, text), Offsets(text).position(offset)
    places = find_definition(analysis, at)
    if any(place.file == analysis.file and place.span.holds(at) for place in places):
        return references(studio, text, offset)
    return _show_places(studio, text, places)


def references(studio: "Studio", text: str, offset: int) -> Any:
    """All places that have the name, in all files in reach."""
    analysis, at = _analyse(studio, text), Offsets(text).position(offset)
    return _show_places(studio, text, find_references(studio.texts.typed, analysis, at))


def outline_of_text(studio: "Studio", text: str, offset: int) -> Any:
    offsets = Offsets(text)
    return list(_rows(outline(_analyse(studio, text)), offsets, depth=0))


def _rows(symbols: Sequence[Symbol], offsets: Offsets, *, depth: int) -> Iterator[dict[str, Any]]:
    for symbol in symbols:
        yield {
            "words": symbol.name,
            "detail": symbol.detail,
            "depth": depth,
            "at": offsets.at(symbol.selection.start),
        }
        yield from _rows(symbol.children, offsets, depth=depth + 1)


def _show_places(studio: "Studio", text: str, places: Sequence[Place]) -> Any:
    """Places with their lines; `at` is the offset in the open text, which other files have not.

    `texts` holds the lines of those other files.
    """
    edited, offsets = studio.draft.file, Offsets(text)
    texts = {edited: LINE_BREAK.split(text)}
    rows = []
    for place in places:
        file, line = place.file, place.span.start.line
        if file not in texts:
            texts[file] = LINE_BREAK.split(studio.texts.typed.read(file))
        rows.append(
            {
                "words": _words_of(studio, file, line),
                "detail": texts[file][line - 1].strip() if line <= len(texts[file]) else "",
                "depth": 0,
                "file": str(file),
                "line": line,
                "at": offsets.at(place.span.start) if file == edited else None,
            }
        )
    del texts[edited]
    return {"places": rows, "texts": {str(file): lines for file, lines in texts.items()}}


def _words_of(studio: "Studio", file: Path, line: int) -> str:
    """A place by its file's path in the tree, or among what ships."""
    resolved = file.resolve()
    for folder, note in ((studio.tree.folder, ""), (shipped_folder(), ", which ships")):
        if resolved.is_relative_to(folder.resolve()):
            return f"{resolved.relative_to(folder.resolve()).as_posix()}:{line}{note}"
    return f"{file.name}:{line}"


QUESTIONS: dict[str, Respond] = {
    "/hover": hover,
    "/complete": completion,
    "/definition": definition,
    "/references": references,
    "/outline": outline_of_text,
}
