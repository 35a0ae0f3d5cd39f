"""The checker: re-derives what a graph claims. Run after lowering and after every pass."""

from collections.abc import Iterator

from archcompile.errors import Diagnostic, Location, SpecError
from archcompile.graph.ir import LayerGraph, Node
from archcompile.spec.check import move_to_use
from archcompile.spec.language import permits


class BrokenGraph(RuntimeError):
    """A graph that contradicts itself: our own fault, never the user's."""


def check(graph: LayerGraph) -> None:
    """Raises BrokenGraph where order, inputs or shapes are wrong.

    Raises SpecError where another input size would silently change the head.
    """
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
    problems = [
        _coverage_error(pool, reason)
        for pool, reason in pools_before_flatten(graph)
        if not permits(pool.origin.allow, "pool-does-not-cover")
    ]
    if problems:
        raise SpecError(problems)


def pools_before_flatten(graph: LayerGraph) -> Iterator[tuple[Node, str]]:
    """Pools in front of a flatten that do not reach the whole map, and why.

    With another input size such a head would change.
    """
    for flatten in graph:
        node = flatten
        while flatten.op.is_flattening and len(node.inputs) == 1:
            node = graph.nodes[node.inputs[0]]
            reason = node.op.explain_uncovered(*graph.input_shapes(node))
            if reason:
                yield node, reason
            if node.op.role in ("pool", "input") or node.op.is_weighted:
                break


def _coverage_error(pool: Node, reason: str) -> Diagnostic:
    used_at = pool.origin.used_at
    notes: tuple[tuple[str, Location], ...] = (("used here", used_at),) if used_at else ()
    return move_to_use(
        Diagnostic(
            code="pool-does-not-cover",
            message=f"{pool.name}: {reason}",
            location=pool.origin.location,
            hint="use `global_avg_pool`, or write `allow: [pool-does-not-cover]` on this step if "
            "this is meant",
            notes=notes,
        )
    )
