"""A new name for what is called by one, in all files."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Position, TextEdit
from archcompile.editor.workspace import Workspace


def rename(
    workspace: Workspace, analysis: Analysis, position: Position, new_name: str
) -> tuple[TextEdit, ...]:
    """The edits that give it a new name. Raises UsageError where it cannot have that."""
    return ()
