"""The checker: re-derives what a graph claims. Run after lowering and after every pass."""

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.graph.ir import LayerGraph, Node


class BrokenGraph(RuntimeError):
    """A graph that contradicts itself: our own fault, never the user's."""


def check(graph: LayerGraph) -> None:
    """Raises BrokenGraph where order, inputs or shapes are wrong; SpecError where a head would silently change."""
    seen: set[str] = set()
    for node in graph:
        if any(i not in seen for i in node.inputs):
            raise BrokenGraph(f"{node.name} comes before one of its inputs {node.inputs}")
        least, most = node.op.arity
        if len(node.inputs) < least or (most is not None and len(node.inputs) > most):
            raise BrokenGraph(f"{node.name} ({node.op.kind}) has {len(node.inputs)} inputs")
        shape = node.op.shape(*graph.input_shapes(node))
        if shape != node.shape:
            raise BrokenGraph(f"{node.name} has shape {node.shape}, its op says {shape}")
        seen.add(node.name)
    for name in (*graph.outputs.values(), *graph.parts.values(), *graph.joins):
        if name not in seen:
            raise BrokenGraph(f"there is no node {name}")
    problems = [found for node in graph if node.op.flattens and (found := _pool_before(graph, node))]
    if problems:
        raise SpecError(problems)


def _pool_before(graph: LayerGraph, node: Node) -> Diagnostic | None:
    """The pool in front of a flatten that does not reach the whole map: with another input size the head would change."""
    while len(node.inputs) == 1:
        node = graph.nodes[node.inputs[0]]
        reason = node.op.uncovered(*graph.input_shapes(node))
        if reason and "pool-does-not-cover" not in node.origin.allow:
            notes: tuple[tuple[str, Location], ...] = (
                (("used here", node.origin.used_at),) if node.origin.used_at else ()
            )
            return Diagnostic("pool-does-not-cover", f"{node.name}: {reason}", node.origin.location,
                              "use `global_avg_pool`, or write `allow: [pool-does-not-cover]` on this step if it is meant",
                              notes)  # fmt: skip
        if node.op.role == "pool" or node.op.weighted or node.op.role == "input":
            return None
    return None
