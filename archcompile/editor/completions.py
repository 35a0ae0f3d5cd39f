"""What may be written at a place."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Completion, Position


def complete(analysis: Analysis, position: Position) -> tuple[Completion, ...]:
    """The words that may stand at a position."""
    return ()
