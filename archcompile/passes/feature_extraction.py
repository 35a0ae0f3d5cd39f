"""A backbone for detectors: the outputs become the last node of every stage."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from archcompile.errors import UsageError
from archcompile.graph import LayerGraph, check

Graph = TypeVar("Graph", bound=LayerGraph)

NO_STAGES = ("stem", "head")


def features(graph: Graph) -> Graph:
    """The graph with the stages' last nodes as outputs, labelled by stage; the rest is left out.

    Raises UsageError for a network without stages.
    """
    outputs = {part: node for part, node in graph.parts.items() if part not in NO_STAGES}
    if not outputs:
        raise UsageError(f"'{graph.name}' has no stages, so there are no features to output")
    kept = _trace_back(graph, outputs.values())
    backbone = replace(
        graph,
        name=f"{graph.name}-features",
        nodes={name: node for name, node in graph.nodes.items() if name in kept},
        outputs=outputs,
        is_labelled=True,
        parts={part: node for part, node in graph.parts.items() if node in kept},
        joins=tuple(join for join in graph.joins if join in kept),
        spec_text="",
    )
    check(backbone)
    return backbone


def _trace_back(graph: LayerGraph, ends: Iterable[str]) -> set[str]:
    """The nodes that the ends are made from, themselves included."""
    todo = list(ends)
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo.extend(graph.nodes[name].inputs)
    return reached
