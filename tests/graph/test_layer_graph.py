"""The layer graph: networkx form, checker, text and JSON."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import prod

import networkx
import pytest

import archcompile
from archcompile.analyses.cost import layers, totals
from archcompile.api import LayerGraph, compile_text
from archcompile.graph.checks import BrokenGraph, check
from archcompile.graph.text import to_json, to_text
from archcompile.ops import REGISTRY
from tests.conftest import shipped_graph, shipped_params
from tests.graph.nets import NET, SMALL

# ---- networkx ------------------------------------------------------------------------------------


def test_nx_carries_everything() -> None:
    graph = compile_text(NET)
    nx = graph.nx
    assert isinstance(nx, networkx.MultiDiGraph) and nx.name == "spec"
    assert list(nx.nodes) == list(graph.nodes)
    for name, data in nx.nodes(data=True):
        assert set(data) == {"op", "shape", "origin"}
        node = graph.nodes[name]
        assert (data["op"], data["shape"], data["origin"]) == (node.op, node.shape, node.origin)
        incoming = sorted(nx.in_edges(name, keys=True, data="port"), key=lambda edge: edge[3])
        assert tuple(source for source, *_ in incoming) == node.inputs, (
            "ports tell the order of arguments"
        )
        assert [port for *_, port in incoming] == list(range(len(node.inputs)))
    assert nx.number_of_edges("head_concat1", "head_multiply1") == 2, "parallel edges"
    assert networkx.is_directed_acyclic_graph(nx)
    assert graph.nx is nx, "made once"


@pytest.mark.parametrize(
    "name", ["resnet_v1_20", "resnet_v2_29", "keras_mobilenet_v3_small", "googlenet", "highway_19"]
)
def test_a_shipped_graph_is_one_acyclic_piece(name: str) -> None:
    graph = shipped_graph(name)
    nx = graph.nx
    order = {node: i for i, node in enumerate(graph.nodes)}
    assert all(order[a] < order[b] for a, b in nx.edges()), "nodes stand in topological order"
    assert [n for n in nx if not nx.in_degree(n)] == ["input"]
    assert {n for n in nx if not nx.out_degree(n)} <= set(graph.outputs.values())
    assert networkx.number_weakly_connected_components(nx) == 1


# ---- the checker ---------------------------------------------------------------------------------


def _swap(graph: LayerGraph, name: str, **changes: object) -> LayerGraph:
    return replace(graph, nodes={**graph.nodes, name: replace(graph.nodes[name], **changes)})  # type: ignore[arg-type]


BREAKS: dict[str, Callable[[LayerGraph], LayerGraph]] = {
    "shape": lambda g: _swap(g, "stem_bn1", shape=(8, 8, 5)),
    "order": lambda g: replace(g, nodes=dict(reversed(list(g.nodes.items())))),
    "arity": lambda g: _swap(g, "stem_bn1", inputs=("input", "input")),
    "unknown input": lambda g: _swap(g, "stem_bn1", inputs=("nowhere",)),
    "unknown output": lambda g: replace(g, outputs={"output": "nowhere"}),
    "unknown part": lambda g: replace(g, parts={"stem": "nowhere"}),
    "unknown join": lambda g: replace(g, joins=("nowhere",)),
    "another op": lambda g: _swap(g, "stem_entry", op=REGISTRY["conv"](filters=5, kernel=3)),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_the_checker_finds_what_is_broken(kind: str) -> None:
    graph = compile_text(NET)
    check(graph)
    with pytest.raises(BrokenGraph):
        check(BREAKS[kind](graph))


# ---- text and JSON -------------------------------------------------------------------------------


def test_text_is_one_line_a_node() -> None:
    graph = compile_text(NET)
    lines = to_text(graph).splitlines()
    assert len(lines) == len(graph) + 1
    assert lines[1] == (
        "stem_entry = conv(input) activation=null bias=true bias_init=0.0 dilation=[1, 1] "
        "filters=4 groups=1 "
        'init="glorot_uniform" kernel=[3, 3] l2=0.0 padding="same" stride=[1, 1] -> 8x8x4'
    )
    assert lines[-1] == "output output = head_dense1"


def test_json_says_what_the_graph_says() -> None:
    graph = archcompile.compile("resnet_v2_29")
    data = json.loads(to_json(graph))
    assert data["archc"] == 1  # the version of the language
    assert (data["name"], data["hash"]) == (graph.name, graph.hash)
    assert [n["name"] for n in data["nodes"]] == list(graph.nodes)
    for record, node in zip(data["nodes"], graph, strict=True):
        assert record["inputs"] == list(node.inputs) and tuple(record["shape"]) == node.shape
        assert record["settings"] == node.op.settings()
        assert record["origin"]["line"] == node.origin.location.line
    count = sum(prod(w["shape"]) for n in data["nodes"] for w in n["weights"])
    assert count == totals(layers(graph)).params
    assert data["joins"] == list(graph.joins) and data["parts"] == dict(graph.parts)


@pytest.mark.parametrize("name", shipped_params(SMALL))
def test_the_resolved_spec_is_the_same_architecture(name: str) -> None:
    graph = shipped_graph(name)
    again = compile_text(graph.spec_text, file="resolved.yaml")
    assert again.hash == graph.hash
    assert again.spec_text == graph.spec_text, "a fixed point"
    assert "extends" not in graph.spec_text and "uses" not in graph.spec_text


@pytest.mark.parametrize(
    "sets",
    [
        ["depth=32"],
        ["shortcut=none"],
        ["defaults.bn.epsilon=1e-5"],
        ["stages.s2.filters=48", "input=[16, 16, 3]", "head=[global_avg_pool, dense: {units: 4}]"],
        ["shortcut={projection: {}}"],
        ["classes=100", "depth=26"],
    ],
)
def test_so_is_one_with_settings(sets: list[str]) -> None:
    graph = archcompile.compile("resnet_v1", sets=sets)
    again = compile_text(graph.spec_text, file="resolved.yaml")
    assert again.hash == graph.hash != archcompile.compile("resnet_v1").hash
    assert again.name == graph.name
