"""Stable text forms of a graph: lines for people, JSON, and the text behind the semantic hash."""

import hashlib
import json
from typing import Any

from archcompile.graph.ir import LayerGraph, Node
from archcompile.ops import show


def settings_text(node: Node) -> str:
    """`bias=true filters=16 …`, in a fixed order; see `Op.unnamed`."""
    unnamed = node.op.unnamed.items()
    return " ".join(
        f"{key}={json.dumps(value)}"
        for key, value in sorted(node.op.settings().items())
        if (key, value) not in unnamed
    )


def to_text(graph: LayerGraph) -> str:
    """One line a node: `name = kind(inputs) settings -> shape`."""
    lines = []
    for node in graph:
        call = f"{node.op.kind}({', '.join(node.inputs)}) {settings_text(node)}"
        lines.append(f"{node.name} = {call.rstrip()} -> {show(node.shape)}")
    lines += [f"output {label} = {name}" for label, name in graph.outputs.items()]
    return "\n".join(lines) + "\n"


def canonical(graph: LayerGraph) -> str:
    """The architecture and nothing else: ops with all settings, wiring, shapes, output labels.

    Names of layers are no part of it. Nodes are numbered in the order in which a depth-first walk
    from the outputs, by their labels, first inputs first, finishes them, so that neither names nor
    the order of writing matter.
    """
    ends = sorted(graph.outputs.items()) if graph.is_labelled else list(graph.outputs.items())
    numbers: dict[str, int] = {}
    for _, output in ends:
        stack = [(output, iter(graph.nodes[output].inputs))]
        while stack:
            name, rest = stack[-1]
            following = next((i for i in rest if i not in numbers), None)
            if following is not None:
                stack.append((following, iter(graph.nodes[following].inputs)))
            else:
                numbers.setdefault(name, len(numbers))
                stack.pop()
    lines = []
    for name, number in sorted(numbers.items(), key=lambda item: item[1]):
        node = graph.nodes[name]
        inputs = " ".join(str(numbers[i]) for i in node.inputs)
        lines.append(
            f"{number} {node.op.kind} {settings_text(node)} <- {inputs} : {show(node.shape)}"
        )
    outputs = [str(numbers[name]) for _, name in ends]
    if graph.is_labelled:
        outputs = [f"{label}={numbers[name]}" for label, name in ends]
    return "\n".join([*lines, "outputs " + " ".join(outputs)])


def semantic_hash(graph: LayerGraph) -> str:
    """sha256 of the canonical text, 64 hex digits; 12 are shown."""
    return hashlib.sha256(canonical(graph).encode()).hexdigest()


def to_json(graph: LayerGraph) -> str:
    """The whole graph as one JSON document, a line a node."""
    data = as_data(graph)
    nodes = ",\n  ".join(json.dumps(node) for node in data.pop("nodes"))
    rest = json.dumps(data, indent=1)[:-2]
    return f'{rest},\n "nodes": [\n  {nodes}\n ]\n}}\n'


def as_data(graph: LayerGraph) -> dict[str, Any]:
    """The whole graph as plain data."""
    return {
        "archc": 1,
        "name": graph.name,
        "hash": semantic_hash(graph),
        "nodes": [_node_json(graph, node) for node in graph],
        "outputs": dict(graph.outputs),
        "parts": dict(graph.parts),
        "joins": list(graph.joins),
    }


def _node_json(graph: LayerGraph, node: Node) -> dict[str, Any]:
    origin = node.origin
    return {
        "name": node.name,
        "op": node.op.kind,
        "settings": node.op.settings(),
        "inputs": list(node.inputs),
        "shape": list(node.shape),
        "weights": [
            {"name": w.name, "shape": list(w.shape), "trainable": w.trainable}
            for w in graph.weights(node)
        ],
        "origin": {
            "file": origin.location.file,
            "line": origin.location.line,
            "part": origin.part,
            "block": origin.block,
            "unit": origin.unit,
            "rule": origin.rule,
        },
    }
