"""How many paths lead from the input to an output, and how many weighted layers lie on each.

A residual network can be read as the ensemble of its paths (Veit et al. 2016, "Residual networks
behave like ensembles of relatively shallow networks"): a unit doubles their number, and most are
far shorter than the depth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from archcompile.analyses.depths import carriers
from archcompile.graph import LayerGraph


@dataclass(frozen=True, slots=True)
class Lengths:
    """`counts[k]` paths have `shortest` + k weighted layers; the last count is not 0."""

    shortest: int
    counts: tuple[int, ...]

    @property
    def longest(self) -> int:
        return self.shortest + len(self.counts) - 1

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> Fraction:
        return self.shortest + Fraction(
            sum(k * count for k, count in enumerate(self.counts)), self.total
        )

    def middle(self, share: Fraction) -> tuple[int, int]:
        """The lengths between which `share` of the paths lie, cut off evenly at both ends."""
        cut = self.total * (1 - share) / 2
        first = next(k for k, below in enumerate(accumulate(self.counts)) if below > cut)
        last = next(k for k, above in enumerate(accumulate(reversed(self.counts))) if above > cut)
        return self.shortest + first, self.longest - last


def path_lengths(graph: LayerGraph) -> Mapping[str, Lengths]:
    """The lengths of all paths to each output, by its label, in weighted layers.

    Those are conv, depthwise conv and dense; a gate is not a path.

    Exact, by dynamic programming: paths to a node are those to its inputs. An input that is given
    twice counts twice.
    """
    lengths: dict[str, Lengths] = {}
    for node in graph:
        before = [lengths[i] for i in carriers(graph, node)] or [Lengths(0, (1,))]
        together = before[0] if len(before) == 1 else _sum(before)
        lengths[node.name] = Lengths(together.shortest + node.op.depth, together.counts)
    return {label: lengths[name] for label, name in graph.outputs.items()}


def _sum(parts: list[Lengths]) -> Lengths:
    shortest, longest = min(p.shortest for p in parts), max(p.longest for p in parts)
    counts = [0] * (longest - shortest + 1)
    for part in parts:
        for at, count in enumerate(part.counts, start=part.shortest - shortest):
            counts[at] += count
    return Lengths(shortest, tuple(counts))
