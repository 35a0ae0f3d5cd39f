"""Which layers compute in float32 whatever the precision of a training."""

from collections.abc import Iterator, Set

from archcompile.graph import LayerGraph


def float32_nodes(graph: LayerGraph) -> Set[str]:
    """The nodes that always compute in float32: the head, and all before the first weighted layer.

    A softmax in 16 bits loses the gradient of hopeless examples altogether, and bfloat16 has no
    room for 256 grey levels with a mean subtracted.
    """
    names = list(graph.nodes)
    weighted = [place for place, node in enumerate(graph) if node.op.is_weighted]
    if not weighted:
        return frozenset(names)
    return frozenset([*names[: weighted[0]], *names[weighted[-1] :], *_last_shares(graph)])


def _last_shares(graph: LayerGraph) -> Iterator[str]:
    """Each softmax or sigmoid that only averages and views follow."""
    seen, open_ = set[str](), list(graph.outputs.values())
    while open_:
        name = open_.pop()
        node = graph.nodes[name]
        if name in seen:
            continue
        seen.add(name)
        if node.op.span in ("softmax", "sigmoid"):
            yield name
        elif node.op.is_averaging(*graph.input_shapes(node)):
            open_.extend(node.inputs)
