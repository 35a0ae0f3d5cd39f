"""Every emitter held to the graph: what each prints is read back, and must have the graph's nodes,
arguments and outputs.

`check_emitters(graph)` takes any graph; `EMITTERS` has a row for each way of writing one down.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from xml.etree import ElementTree

from archcompile.choices import SourceStyle
from archcompile.drawing.formats.dot import dot
from archcompile.drawing.formats.json_drawing import drawing_json
from archcompile.drawing.formats.svg_drawing import draw, lay_out
from archcompile.graph.ir import LayerGraph
from archcompile.graph.text import to_json
from archcompile.ops import REGISTRY, Input
from archcompile.source.emitter import to_source
from tests.drawing.test_dot import read
from tests.source.recorder import record_graph, record_source

SVG = "{http://www.w3.org/2000/svg}"
OPS = {**REGISTRY, Input.kind: Input}
Edges = Counter[tuple[str, str]]


def arguments(graph: LayerGraph) -> Edges:
    """Each argument of each node, as often as the node takes it."""
    return Counter((source, node.name) for node in graph for source in node.inputs)


def assert_source(graph: LayerGraph, style: SourceStyle) -> None:
    """The source makes the graph's layers, in order, with their names, settings and inputs, and
    nothing else.
    """
    got, expected = record_source(to_source(graph, style)), record_graph(graph)
    assert list(got.layers) == list(expected.layers)
    assert got.layers == expected.layers
    assert got.model == expected.model


def _settings(row: dict[str, Any]) -> dict[str, Any]:
    """The settings that an op has which is made of those written."""
    return OPS[row["op"]].model_validate(row["settings"], by_name=True).settings()


def assert_graph_json(graph: LayerGraph) -> None:
    """The graph as data: every op can be made of it anew."""
    data = json.loads(to_json(graph))
    rows = [
        (row["name"], row["op"], _settings(row), tuple(row["inputs"]), tuple(row["shape"]))
        for row in data["nodes"]
    ]
    assert rows == [
        (node.name, node.op.kind, node.op.settings(), node.inputs, node.shape) for node in graph
    ]
    for row, node in zip(data["nodes"], graph, strict=True):
        weights = [(w["name"], tuple(w["shape"]), w["trainable"]) for w in row["weights"]]
        assert weights == [(w.name, w.shape, w.trainable) for w in graph.weights(node)]
    assert (data["outputs"], data["parts"], tuple(data["joins"])) == (
        dict(graph.outputs),
        dict(graph.parts),
        graph.joins,
    )
    assert [row["origin"]["line"] for row in data["nodes"]] == [
        node.origin.location.line for node in graph
    ]


def assert_drawing_json(graph: LayerGraph) -> None:
    data = json.loads(drawing_json(graph, lay_out(graph, "layer", "full", shown=())))
    assert [
        (box["name"], box["nodes"], tuple(box["shape"]), box["part"]) for box in data["boxes"]
    ] == [(node.name, [node.name], node.shape, node.origin.part) for node in graph]
    assert Counter((edge["from"], edge["to"]) for edge in data["edges"]) == arguments(graph)


def assert_svg(graph: LayerGraph) -> None:
    """A box for each node and a line for each argument; a box that is an output says its label."""
    root = ElementTree.fromstring(draw(lay_out(graph, "layer", "full", shown=())))
    boxes = {
        group.get("data-node"): group for group in root.iter(f"{SVG}g") if group.get("data-node")
    }
    assert sorted(map(str, boxes)) == sorted(graph.nodes)
    assert Counter(
        (str(p.get("data-from")), str(p.get("data-to")))
        for p in root.iter(f"{SVG}path")
        if p.get("data-to")
    ) == arguments(graph)
    for label, name in graph.outputs.items() if len(graph.outputs) > 1 else ():
        assert label in " ".join(boxes[name].itertext()), (label, name)


def assert_dot(graph: LayerGraph) -> None:
    boxes, edges = read(dot(graph, "layer", "full"))
    assert sorted(boxes) == sorted(graph.nodes)
    assert Counter((source, target) for source, target, _ in edges) == arguments(graph)


EMITTERS: Mapping[str, Callable[[LayerGraph], Any]] = {
    "flat source": partial(assert_source, style="flat"),
    "structured source": partial(assert_source, style="article"),
    "graph as data": assert_graph_json,
    "drawing as data": assert_drawing_json,
    "svg": assert_svg,
    "dot": assert_dot,
}


def check_emitters(graph: LayerGraph) -> None:
    """Raises AssertionError, which names the emitter, where one says anything else than the
    graph.
    """
    for name, hold in EMITTERS.items():
        try:
            hold(graph)
        except Exception as error:
            raise AssertionError(
                f"{name} of {graph.name}: {type(error).__name__}: {str(error)[:500]}"
            ) from error
