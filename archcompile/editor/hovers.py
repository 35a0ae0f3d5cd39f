"""What is shown about the word at a place."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Hover, Position


def describe(analysis: Analysis, position: Position) -> Hover | None:
    """What is known of the word at a position, as Markdown."""
    return None
