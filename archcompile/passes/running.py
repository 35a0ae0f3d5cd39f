"""Passes by name, run one after another, the graph checked before and after each."""

from collections.abc import Callable, Mapping, Sequence

from archcompile.errors import UsageError, did_you_mean
from archcompile.graph import BrokenGraph, LayerGraph, check
from archcompile.passes.drop_dead_bias import drop_dead_bias
from archcompile.passes.fold_bn import fold_bn
from archcompile.passes.rewrite import Rewrite, Weights

PASSES: Mapping[str, Callable[[LayerGraph], Rewrite]] = {
    "fold_bn": fold_bn,
    "drop_dead_bias": drop_dead_bias,
}


def parse_names(text: str) -> tuple[str, ...]:
    """The names in `a,b`. Raises UsageError where there is none, or one that is no pass."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError("no pass is named", hint=f"passes are {', '.join(PASSES)}")
    for name in names:
        if name not in PASSES:
            raise UsageError(f"there is no pass `{name}`", hint=did_you_mean(name, PASSES))
    return names


def run(graph: LayerGraph, names: Sequence[str]) -> Rewrite:
    """All these passes as one. Raises BrokenGraph where one breaks the graph: a fault of archc."""
    check(graph)
    done: list[Rewrite] = []
    for name in names:
        before = done[-1].graph if done else graph
        done.append(PASSES[name](before))
        check(done[-1].graph)
        if done[-1].graph.output_shapes != before.output_shapes:
            raise BrokenGraph(
                f"{name} changes the outputs from {before.output_shapes} to "
                f"{done[-1].graph.output_shapes}"
            )

    def carry(weights: Weights) -> Weights:
        for rewrite in done:
            weights = rewrite.carry(weights)
        return weights

    return Rewrite(
        done[-1].graph if done else graph,
        carry,
        tuple(node for rewrite in done for node in rewrite.done),
    )
