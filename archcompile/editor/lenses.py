"""A line about the network above its file."""

from archcompile.analyses import NetworkCost, network_cost
from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Lens


def summarise(analysis: Analysis, before: Analysis | None) -> tuple[Lens, ...]:
    """Depth, parameters and multiply-adds, and how they changed since `before`.

    `before` is the saved or the committed text; while the file is broken, nothing is said.
    """
    if analysis.graph is None:
        return ()
    now = network_cost(analysis.graph)
    then = network_cost(before.graph) if before and before.graph else None
    figures = ("depth", "params", "macs")
    words = [_in_words(figure, now, then) for figure in figures]
    if then and then.hash == now.hash:
        words.append("the same network as before")
    return (Lens(1, " · ".join(words)),)


_LABELS = {"depth": "depth {}", "params": "{} parameters", "macs": "{} multiply-adds"}


def _in_words(figure: str, now: NetworkCost, then: NetworkCost | None) -> str:
    """`depth 20 (+12)`."""
    value = getattr(now, figure)
    words = _LABELS[figure].format(f"{value:,}")
    difference = value - getattr(then, figure) if then else 0
    return f"{words} ({difference:+,})" if difference else words
