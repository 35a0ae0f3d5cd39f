"""Pairs the steps of two views with networkx, where their hashes tie."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from archcompile.verification.compared_steps import View
from archcompile.verification.step_hashes import UNORDERED, Hashes


def search(
    reference: View, candidate: View, left: Hashes, *, right: Hashes
) -> dict[int, int] | None:
    """A pairing by networkx's matcher, hashes as colours; None where there is none."""
    from networkx.algorithms.isomorphism import DiGraphMatcher

    matcher = DiGraphMatcher(
        as_nx(reference, left.place),
        as_nx(candidate, right.place),
        node_match=lambda a, b: a["colour"] == b["colour"],
        edge_match=lambda a, b: a["ports"] == b["ports"],
    )
    if not matcher.is_isomorphic():
        return None
    return {number: target for number, target in matcher.mapping.items() if isinstance(number, int)}


def as_nx(view: View, colours: Sequence[str]) -> Any:
    """The view for networkx: steps as numbers.

    Shared layers are nodes of their own that their steps point to.
    """
    import networkx

    graph: Any = networkx.DiGraph()
    ports: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for number, step in enumerate(view.steps):
        graph.add_node(number, colour=colours[number])
        for port, ref in enumerate(step.inputs):
            ports[ref.call, number].append((port if step.is_ordered else UNORDERED, ref.output))
        if view.is_shared(step):
            for layer in view.layers(step):
                graph.add_node(f"layer {layer}", colour="shared layer")
                graph.add_edge(number, f"layer {layer}", ports=())
    for position, ref in enumerate(view.outputs):
        graph.add_node(f"output {position}", colour=f"output {position}")
        graph.add_edge(ref.call, f"output {position}", ports=((0, ref.output),))
    for (source, target), edges in ports.items():
        graph.add_edge(source, target, ports=tuple(sorted(edges)))
    return graph
