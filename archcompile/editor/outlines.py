"""The outline of a file."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Symbol


def outline(analysis: Analysis) -> tuple[Symbol, ...]:
    """The parts of a file, as an editor lists them."""
    return ()
