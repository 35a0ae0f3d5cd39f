"""A line about the network above its file."""

from archcompile.analyses import depth
from archcompile.editor.analysis import Analysis, Compiled
from archcompile.editor.answers import Lens
from archcompile.graph import semantic_hash

_LABELS = ("depth {}", "{} parameters", "{} multiply-adds")


def summarise(analysis: Analysis, before: Analysis | None) -> tuple[Lens, ...]:
    """Depth, parameters and multiply-adds, and how they changed since `before`.

    `before` is the saved or the committed text; while the file is broken, nothing is said.
    """
    now, then = analysis.compiled, before.compiled if before else None
    if now is None:
        return ()
    figures = _figures(now)
    earlier = _figures(then) if then else figures
    words = [
        _in_words(label, value, value - old)
        for label, value, old in zip(_LABELS, figures, earlier, strict=True)
    ]
    if then and figures == earlier and semantic_hash(then.graph) == semantic_hash(now.graph):
        words.append("the same network as before")
    return (Lens(1, " · ".join(words)),)


def _figures(compiled: Compiled) -> tuple[int, int, int]:
    return depth(compiled.graph), compiled.sums.params, compiled.sums.macs


def _in_words(label: str, value: int, difference: int) -> str:
    """`depth 20 (+12)`."""
    words = label.format(f"{value:,}")
    return f"{words} ({difference:+,})" if difference else words
