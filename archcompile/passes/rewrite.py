"""What a pass gives: another graph that computes the same, and how weights get there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from archcompile.graph import LayerGraph, Node

Array = Any  # a numpy array: passes over graphs need no numpy
Weights = Mapping[str, Array]  # by NODE/WEIGHT, as `Op.weights` names them


def keep_weights(weights: Weights) -> Weights:
    return weights


@dataclass(frozen=True)
class Rewrite:
    """`carry` takes weights from the graph before to `graph`; `done` are the changed nodes."""

    graph: LayerGraph
    carry: Callable[[Weights], Weights] = keep_weights
    done: tuple[str, ...] = field(default=())


def only_reader(graph: LayerGraph) -> Mapping[str, str]:
    """The one node that reads each node that has one reader and is no output of the network."""
    readers: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for node in graph:
        for source in node.inputs:
            readers[source].append(node.name)
    ends = set(graph.outputs.values())
    return {
        name: names[0] for name, names in readers.items() if len(names) == 1 and name not in ends
    }


Graph = TypeVar("Graph", bound=LayerGraph)


def replace_nodes(graph: Graph, gone: Mapping[str, str], changed: Sequence[Node]) -> Graph:
    """The graph with `changed` nodes, and without `gone` ones, whose substitutes are read instead.

    It no longer has a spec.
    """
    by_name = {node.name: node for node in changed}

    def name_in_result(name: str) -> str:
        while name in gone:
            name = gone[name]
        return name

    nodes = {}
    for node in graph:
        if node.name not in gone:
            new = by_name.get(node.name, node)
            nodes[node.name] = replace(new, inputs=tuple(name_in_result(i) for i in new.inputs))
    return replace(
        graph,
        nodes=nodes,
        outputs={label: name_in_result(name) for label, name in graph.outputs.items()},
        parts={part: name_in_result(name) for part, name in graph.parts.items()},
        spec_text="",
    )
