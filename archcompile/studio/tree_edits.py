"""Edits of files that are not open: what a new name or a remedy changes besides the text."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from archcompile.editor import TextEdit, Workspace, apply_edits
from archcompile.errors import UsageError
from archcompile.run_files import is_of_run
from archcompile.studio.draft import Draft, with_line_feeds
from archcompile.studio.spec_tree import SpecTree


def edit_others(
    tree: SpecTree, workspace: Workspace, file: Path, *, edits: Iterable[TextEdit]
) -> tuple[Draft, ...]:
    """The other files that edits concern, each with its new text, which is not saved yet.

    Raises UsageError where one is none of the tree's, belongs to a run, or is being written by
    another program; DataError where it cannot be read.
    """
    by_file: dict[Path, list[TextEdit]] = {}
    for edit in edits:
        by_file.setdefault(edit.place.file, []).append(edit)
    return tuple(
        _edit(tree, workspace, path, edits=each) for path, each in by_file.items() if path != file
    )


def _edit(tree: SpecTree, workspace: Workspace, path: Path, *, edits: Sequence[TextEdit]) -> Draft:
    if not tree.holds(path):
        raise UsageError(
            f"{path} would have to be changed, too, and is outside {tree.folder}",
            hint="the studio reads and writes only the tree of its spec",
        )
    if is_of_run(path):
        raise UsageError(f"{path} belongs to a run, which is never changed")
    draft = Draft.open(path)
    if with_line_feeds(workspace.read(path)) != draft.text:
        raise UsageError(f"{path.name} is being changed by another program", hint="try again")
    draft.text = apply_edits(draft.text, edits)
    return draft
