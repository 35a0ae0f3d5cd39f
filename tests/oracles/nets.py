"""The net of a spec as the interpreter has it, and as the compiler has it, in one form."""

from collections.abc import Iterator
from typing import Any

from tests.oracles.language import Net


def plain(value: Any) -> Any:
    """A value of either side, in one form."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    return tuple(plain(item) for item in value) if isinstance(value, list | tuple) else value


def of_interpreter(net: Net) -> dict[str, Any]:
    nodes = {
        node.name: (node.kind, plain(node.attributes), node.inputs, node.shape, node.weights)
        for node in net.nodes.values()
    }
    return {**nodes, "outputs of all": list(net.outputs.items()), "joins of all": net.joins}


def of_compiler(graph: Any) -> dict[str, Any]:
    nodes = {}
    for node in graph:
        attributes = plain(node.op.model_dump())
        if node.op.kind == "reshape":
            attributes = {"shape": attributes["to"]}
        weights = tuple(
            (weight.name, tuple(weight.shape), weight.trainable) for weight in graph.weights(node)
        )
        nodes[node.name] = (
            node.op.kind,
            attributes,
            tuple(node.inputs),
            tuple(node.shape),
            weights,
        )
    return {
        **nodes,
        "outputs of all": list(graph.outputs.items()),
        "joins of all": list(graph.joins),
    }


def differences(interpreted: dict[str, Any], compiled: dict[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*interpreted, *compiled]):
        first, second = interpreted.get(name), compiled.get(name)
        if first != second:
            yield f"{name}: the interpreter has {first}, archc has {second}"
