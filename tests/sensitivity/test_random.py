"""Random networks, each with one attribute, wire or label changed at random, and each written
otherwise.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from archcompile.api import LayerGraph
from archcompile.errors import ShapeError
from archcompile.graph.ir import Node
from archcompile.ops import REGISTRY, Op
from tests.sensitivity.changes import ATTRIBUTES, ORDERED
from tests.sensitivity.readings import readings
from tests.spec.random_graphs import graph_rich_in_ops

CHANGED, ALIKE = (
    dict.fromkeys(("hash", "diff", "source", "verify"), same) for same in (False, True)
)
TRIES = 50


def with_outputs(graph: LayerGraph, rng: random.Random) -> LayerGraph:
    """The graph with a few labelled outputs, the end among them."""
    more = rng.sample([node.name for node in graph if node.inputs], min(2, len(graph) - 1))
    ends = dict(zip(("out", "fine", "coarse"), [*graph.outputs.values(), *more], strict=False))
    return replace(graph, outputs=ends, is_labelled=True)


# ---- what makes another network ------------------------------------------------------------------


def rebuilt(
    graph: LayerGraph, changed: Mapping[str, tuple[Op, tuple[str, ...]]]
) -> LayerGraph | None:
    """The graph with other ops and inputs for some nodes, shapes inferred anew; None where they do
    not fit.
    """
    nodes: dict[str, Node] = {}
    for node in graph:
        op, inputs = changed.get(node.name, (node.op, node.inputs))
        try:
            shape = op.shape(*(nodes[name].shape for name in inputs))
        except (ShapeError, KeyError):  # a wire from further down
            return None
        nodes[node.name] = replace(node, op=op, inputs=inputs, shape=shape)
    return replace(graph, nodes=nodes)


def other_attribute(graph: LayerGraph, rng: random.Random) -> LayerGraph | None:
    """One attribute of one op is one of the values of the table that it is not now."""
    node = rng.choice([node for node in graph if ATTRIBUTES.get(node.op.kind)])
    name = rng.choice(sorted(ATTRIBUTES[node.op.kind]))
    values = node.op.model_dump(by_alias=True, exclude_none=True)
    op = REGISTRY[node.op.kind].model_validate(
        {**values, name: rng.choice(ATTRIBUTES[node.op.kind][name])}
    )
    # what is written as several ops is no change of one
    same = op.settings() == node.op.settings() or op.lower() != (op,)
    return None if same else rebuilt(graph, {node.name: (op, node.inputs)})


def other_op(graph: LayerGraph, rng: random.Random) -> LayerGraph | None:
    node = rng.choice(
        [node for node in graph if node.op.role == "act"] or [graph.nodes[next(iter(graph.nodes))]]
    )
    kind = rng.choice(("relu", "relu6", "swish", "gelu", "tanh", "sigmoid"))
    return (
        None
        if kind == node.op.kind or not node.inputs
        else rebuilt(graph, {node.name: (REGISTRY[kind](), node.inputs)})
    )


def other_wire(graph: LayerGraph, rng: random.Random) -> LayerGraph | None:
    """One argument of one op comes from elsewhere; whatever led only to it would be lost, so it may
    not.
    """
    node = rng.choice([node for node in graph if node.inputs])
    port, source = rng.randrange(len(node.inputs)), rng.choice(list(graph.nodes))
    inputs = (*node.inputs[:port], source, *node.inputs[port + 1 :])
    read = [name for each in graph for name in (inputs if each is node else each.inputs)] + list(
        graph.outputs.values()
    )
    if source == node.inputs[port] or node.inputs[port] not in read:
        return None
    if node.op.kind not in ORDERED and sorted(inputs) == sorted(node.inputs):
        return None
    return rebuilt(graph, {node.name: (node.op, inputs)})


def other_order(graph: LayerGraph, rng: random.Random) -> LayerGraph | None:
    """The arguments of an op for which their order counts, the other way round."""
    nodes = [node for node in graph if node.op.kind in ORDERED and node.inputs[::-1] != node.inputs]
    if not nodes:
        return None
    node = rng.choice(nodes)
    return rebuilt(graph, {node.name: (node.op, node.inputs[::-1])})


def other_label(graph: LayerGraph, rng: random.Random) -> LayerGraph | None:
    labels, ends = list(graph.outputs), list(graph.outputs.values())
    labels[rng.randrange(len(labels))] = "another"
    return replace(graph, outputs=dict(zip(labels, ends, strict=True)))


def exchanged_labels(graph: LayerGraph, rng: random.Random) -> LayerGraph | None:
    ends = list(graph.outputs.values())
    turned = [*ends[1:], ends[0]]
    return (
        None
        if turned == ends
        else replace(graph, outputs=dict(zip(graph.outputs, turned, strict=True)))
    )


CHANGES = (
    other_attribute,
    other_attribute,
    other_op,
    other_wire,
    other_order,
    other_label,
    exchanged_labels,
)


def changed_graphs(graph: LayerGraph, rng: random.Random) -> Iterator[tuple[str, LayerGraph]]:
    """A change of each kind, where one is found."""
    for change in CHANGES:
        built = next(filter(None, (change(graph, rng) for _ in range(TRIES))), None)
        if built is not None:
            yield change.__name__, built


# ---- what does not -------------------------------------------------------------------------------


def written_otherwise(graph: LayerGraph, rng: random.Random) -> LayerGraph:
    """Other names, another order of nodes, another order of labels."""
    names = dict(
        zip(
            graph.nodes,
            rng.sample([f"n{number}" for number in range(len(graph))], len(graph)),
            strict=True,
        )
    )
    names["input"] = "input"
    waiting, nodes = list(graph), {}

    def is_ready(node: Node) -> bool:
        return all(names[name] in nodes for name in node.inputs)

    while waiting:
        node = rng.choice(list(filter(is_ready, waiting)))
        waiting.remove(node)
        nodes[names[node.name]] = replace(
            node, name=names[node.name], inputs=tuple(names[name] for name in node.inputs)
        )
    outputs = rng.sample(list(graph.outputs.items()), len(graph.outputs))
    return replace(
        graph,
        nodes=nodes,
        outputs={label: names[end] for label, end in outputs},
        name="other",
        parts={part: names[end] for part, end in graph.parts.items()},
        joins=tuple(names[name] for name in graph.joins),
    )


def check(seed: int) -> None:
    rng = random.Random(seed)
    graph: Any = with_outputs(graph_rich_in_ops(seed), rng)
    assert readings(graph, written_otherwise(graph, rng)) == ALIKE
    for what, another in changed_graphs(graph, rng):
        assert readings(graph, another) == CHANGED, what


def test_random_changes() -> None:
    for seed in range(8):
        check(seed)


@pytest.mark.thorough
@pytest.mark.parametrize("start", range(0, 2000, 100))
def test_many_random_changes(start: int) -> None:
    for seed in range(start, start + 100):
        check(seed)
