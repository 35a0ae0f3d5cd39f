"""What the tests of the editor room share: texts with a cursor, and edits applied as editors do."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from archcompile.editor import Analysis, Position, TextEdit, Workspace
from archcompile.editor.words import LINE_BREAK


def offset(text: str, position: Position) -> int:
    starts = [0, *(match.end() for match in LINE_BREAK.finditer(text))]
    if position.line > len(starts):
        return len(text)
    return starts[position.line - 1] + position.column - 1


def position(text: str, at: int) -> Position:
    before = LINE_BREAK.split(text[:at])
    return Position(len(before), len(before[-1]) + 1)


def apply(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with all edits made at once; none may overlap another."""
    spans = [
        (offset(text, edit.place.span.start), offset(text, edit.place.span.end), number, edit.text)
        for number, edit in enumerate(edits)
    ]
    parts, at = [], 0
    for start, end, _, new in sorted(spans):
        assert start >= at, "edits overlap"
        parts += [text[at:start], new]
        at = end
    return "".join((*parts, text[at:]))


def by_file(edits: Iterable[TextEdit]) -> Mapping[Path, list[TextEdit]]:
    files: dict[Path, list[TextEdit]] = {}
    for edit in edits:
        files.setdefault(edit.place.file, []).append(edit)
    return files


def apply_to_files(workspace: Workspace, edits: Iterable[TextEdit]) -> Workspace:
    """A workspace in which the files of the edits are open, changed and not saved."""
    changed = Workspace()
    for file, text in workspace.open_files.items():
        changed.open(file, text)
    for file, each in by_file(edits).items():
        changed.open(file, apply(workspace.read(file), each))
    return changed


def analyse(text: str, file: Path, *, earlier: str | None = None) -> Analysis:
    """What is known of a text that was typed into a file, after an `earlier` one that compiles."""
    workspace = Workspace()
    if earlier is not None:
        workspace.open(file, earlier)
        assert workspace.analyse(file).graph
    workspace.open(file, text)
    return workspace.analyse(file)


def with_cursor(text: str) -> tuple[str, Position]:
    """A text without its `@`, and where that stood."""
    at = text.index("@")
    return text.replace("@", "", 1), position(text, at)
