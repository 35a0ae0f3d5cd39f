"""Edits of files that are not open: what a new name or a remedy changes besides the text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the tree, and its text before and after a change."""

    file: Path
    before: str
    after: str


class TreeChanges:
    """What was written into files that are not open, by number, so that it can be taken back."""

    def __init__(self) -> None:
        self._changes: list[list[FileChange]] = []

    def begin(self) -> int:
        """The number of the next change."""
        self._changes.append([])
        return len(self._changes) - 1

    def write(self, number: int, drafts: Iterable[Draft]) -> None:
        """Saves the drafts. Raises ChangedOnDisk; what was saved before can still be taken back."""
        for draft in drafts:
            before = draft.saved.text if draft.saved else ""
            draft.save()
            self._changes[number].append(FileChange(draft.file, before, draft.text))

    def turn(self, number: int, tree: SpecTree, *, is_undone: bool) -> tuple[Path, ...]:
        """Takes a change back, or makes it again; the files that have changed.

        Raises UsageError and DataError, with no file changed, where one was changed since.
        """
        changes = self._changes[number] if 0 <= number < len(self._changes) else []
        drafts = [_turn(change, tree, is_undone=is_undone) for change in changes]
        for draft in drafts:
            draft.save()
        return tuple(draft.file for draft in drafts)


def _turn(change: FileChange, tree: SpecTree, *, is_undone: bool) -> Draft:
    """A file with its other text, which is not saved yet."""
    now, then = (change.after, change.before) if is_undone else (change.before, change.after)
    draft = Draft.open(change.file)
    if draft.text != now or not tree.holds(change.file):
        raise UsageError(f"{change.file.name} was changed since, and stays as it is")
    draft.text = then
    return draft
