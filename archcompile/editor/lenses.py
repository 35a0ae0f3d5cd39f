"""A line about the network above its file."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Lens


def summarise(analysis: Analysis, before: Analysis | None) -> tuple[Lens, ...]:
    """Depth, parameters and multiply-adds, and how they changed since `before`."""
    return ()
