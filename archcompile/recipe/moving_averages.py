"""How much of their first values the moving averages of norms still hold after a training.

A norm trains with the mean and variance of each batch, and is tested with moving averages, which
begin at 0 and 1: each step leaves `momentum` of what they were.
"""

from typing import TYPE_CHECKING

from archcompile.errors import plural

if TYPE_CHECKING:
    from archcompile.graph import LayerGraph
LAGGING = 0.05  # the part from which on tests show it


def slowest_momentum(graph: "LayerGraph") -> float | None:
    """The largest momentum of a norm that keeps moving averages; None where there is none."""
    momenta = [getattr(node.op, "momentum", None) for node in graph]
    return max((momentum for momentum in momenta if momentum is not None), default=None)


def share_of_start(graph: "LayerGraph", steps: int) -> float:
    """The part, 0 to 1, that the first values have in the slowest averages after so many steps."""
    momentum = slowest_momentum(graph)
    return 0.0 if momentum is None else float(momentum**steps)


def lag_words(graph: "LayerGraph", steps: int) -> str:
    """What is wrong with the averages, with its figures."""
    share = share_of_start(graph, steps)
    return (
        f"the moving averages of batch norm, of momentum {slowest_momentum(graph):g}, are "
        f"{100 * share:.0f} % of what they began with after {plural(f'{steps:,}', 'step')}"
    )
