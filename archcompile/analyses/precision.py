"""Which layers compute in float32 whatever the precision of a training."""

from collections.abc import Set

from archcompile.graph.ir import LayerGraph


def float32_nodes(graph: LayerGraph) -> Set[str]:
    """The nodes that compute in float32 whatever the precision: the head, and what happens to pixels before the first layer.

    A softmax in 16 bits loses the gradient of hopeless examples altogether, and bfloat16 has no room for 256 grey levels
    with a mean subtracted.
    """
    names = list(graph.nodes)
    weighted = [place for place, node in enumerate(graph) if node.op.weighted]
    if not weighted:
        return frozenset(names)
    return frozenset([*names[: weighted[0]], *names[weighted[-1] :]])
