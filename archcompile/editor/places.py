"""Where a name is defined, and where it is used."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Place, Position
from archcompile.editor.workspace import Workspace


def find_definition(analysis: Analysis, position: Position) -> tuple[Place, ...]:
    """Where the name at a position is defined."""
    return ()


def find_references(
    workspace: Workspace, analysis: Analysis, position: Position
) -> tuple[Place, ...]:
    """All places that have the name at a position, its definition first."""
    return ()
