"""The Keras and the source emitter: the same calls, the same names, the same order, whatever a spec
contains.
"""

import ast
import json
import sys
from typing import Any

import pytest

import archcompile
from archcompile.api import LayerGraph, compile_text
from archcompile.keras_model.recursion import (
    CHAIN_THAT_BUILDS,
    DEFAULT_LIMIT,
    longest_chain,
    needed_limit,
)
from archcompile.source.emitter import to_source
from tests.conftest import ROOT, shipped_graph

START = "archc: 1\ninput: [8, 8, 3]\n"
MIXED = (
    START
    + """\
stem:
  - conv:
      {filters: 4, kernel: [3, 1], stride: [2, 1], padding: symmetric,
       init: {normal: {std: 0.5}}, l2: 1e-4, bias_init: 2}
  - bn: {epsilon: 1.001e-5, momentum: 0.9, scale: false}
  - swish
  - leaky_relu: {slope: 0.1}
head:
  - concat:
      branches:
        a: [conv: {filters: 2, kernel: 1, name: tap}]
        b: []
        c: [max_pool: {size: 3, stride: 1, padding: same}]
  - subtract: {branches: {left: [], right: [rescale: {scale: -1, offset: 0.5}]}}
  - pad_channels: {after: 2}
  - lrn: {size: 3}
  - drop_path: {drop_rate: 0.25}
  - global_avg_pool
  - dense: {units: 3, activation: softmax, init: {variance_scaling: {scale: 2, mode: fan_out}}}
outputs: {scores: head, map: head.tap}
"""
)


def deep(n: int) -> LayerGraph:
    return compile_text(START + f"stem: [relu: {{repeat: {n}}}]\n")


# ---- framework-free ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["resnet_v1_20", "resnet_v2_29", "keras_mobilenet_v3_small", "googlenet"]
)
def test_source_is_one_call_a_layer_named_like_its_node(name: str) -> None:
    graph = shipped_graph(name)
    tree = ast.parse(graph.to_source())
    assigned = [
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    assert [a for a in assigned if a in graph.nodes] == list(graph.nodes)
    assert assigned[-1] == "model"


@pytest.mark.parametrize(
    "about",
    [
        '"""',
        "''' ends",
        "a \\ b",
        "tail\\",
        'quote"',
        "{braces} %s",
        "\\u2028 \\0 \\x85",
        "x\\ny",
        "é 日本",
        "import os",
        "#",
        '\\"""\\"""',
    ],
)
def test_nothing_in_a_spec_leaves_the_docstring(about: str) -> None:
    graph = compile_text(f"archc: 1\nabout: {json.dumps(about)}\ninput: [1, 1, 1]\nstem: [relu]\n")
    tree = ast.parse(graph.to_source())
    assert [type(node).__name__ for node in tree.body] == [
        "Expr",
        "Import",
        "ImportFrom",
        "If",
        "Assign",
        "Assign",
        "Assign",
    ]
    assert "Written by archcompile" in (ast.get_docstring(tree) or "")


def test_source_says_only_what_differs_from_keras() -> None:
    source = compile_text(START + "stem: [conv: {filters: 4, kernel: 3}, bn]\n").to_source()
    assert 'stem_conv1 = layers.Conv2D(4, 3, padding="same", name="stem_conv1")(input)' in source
    assert 'stem_bn1 = layers.BatchNormalization(name="stem_bn1")(stem_conv1)' in source


def test_the_recursion_limit_is_raised_only_where_it_must_be() -> None:
    small, large = deep(CHAIN_THAT_BUILDS - 1), deep(CHAIN_THAT_BUILDS + 50)
    assert longest_chain(small) == CHAIN_THAT_BUILDS and needed_limit(small) == DEFAULT_LIMIT
    assert "import sys" not in to_source(small)
    assert needed_limit(large) > DEFAULT_LIMIT
    assert (
        f"sys.setrecursionlimit(max(sys.getrecursionlimit(), {needed_limit(large)}))"
        in to_source(large)
    )


# ---- with Keras ----------------------------------------------------------------------------------


def run(source: str) -> Any:
    names: dict[str, Any] = {}
    exec(compile(source, "model.py", "exec"), names)
    return names["model"]


def configs(graph: LayerGraph) -> list[Any]:
    """Everything that Keras says of the model, and of those that sources make; functions are
    counted anew for each.
    """
    from archcompile.quiet import load_keras

    result = []
    for make in (
        graph.to_keras,
        lambda: run(graph.to_source()),
        lambda: run(graph.to_source("article")),
    ):
        load_keras().utils.clear_session()
        result.append(json.loads(make().to_json())["config"])
    return result


@pytest.mark.keras
@pytest.mark.parametrize(
    ("text", "sets"),
    [(MIXED, []), ("resnet_v1", ["depth=14"]), ("se_resnet", ["depth=8"])],
    ids=["mixed", "v1_14", "se_8"],
)
def test_both_emitters_make_the_same_model(text: str, sets: list[str]) -> None:
    graph = compile_text(text) if "\n" in text else archcompile.compile(text, sets=sets)
    model, printed, article = configs(graph)
    assert model == printed == article
    names = [layer["config"]["name"] for layer in model["layers"]]
    assert set(graph.nodes) <= set(names) and len(set(names)) == len(names)
    assert model["name"] == graph.name


@pytest.mark.keras
def test_weights_are_those_that_the_graph_counts() -> None:
    graph = compile_text(MIXED)
    model = graph.to_keras()
    for node in graph:
        layer = model.get_layer(node.name)
        actual = [(tuple(w.shape), w.trainable) for w in layer.weights if "seed" not in w.path]
        assert actual == [(w.shape, w.trainable) for w in graph.weights(node)], node.name
    assert model.input_shape == (None, *graph.input_shape)
    assert {
        label: tuple(tensor.shape[1:]) for label, tensor in model.output.items()
    } == graph.output_shapes


@pytest.mark.keras
def test_operands_keep_their_order() -> None:
    import numpy as np

    graph = compile_text(
        START
        + (
            "stem:\n  - subtract: {branches: {one: [rescale: {scale: 3}], other: [rescale: {scale: "
            "5}]}}\n"
        )
    )
    for model in (graph.to_keras(), run(graph.to_source()), run(graph.to_source("article"))):
        assert np.allclose(model(np.ones((1, 8, 8, 3), "float32")), -2)
    joined = compile_text(
        START + "stem:\n  - concat: {branches: {b: [rescale: {scale: 3}], a: []}}\n"
    ).to_keras()
    assert np.asarray(joined(np.ones((1, 8, 8, 3), "float32")))[0, 0, 0].tolist() == [
        3,
        3,
        3,
        1,
        1,
        1,
    ]


@pytest.mark.keras
@pytest.mark.thorough
def test_very_deep_nets_build_save_and_load(tmp_path: Any) -> None:
    from archcompile.keras_model.build import recursion_for, save_model
    from archcompile.quiet import load_keras

    graph, before = deep(1200), sys.getrecursionlimit()
    save_model(graph, graph.to_keras(), tmp_path / "deep.keras")
    assert sys.getrecursionlimit() == before, "the limit is put back"
    with recursion_for(graph):
        assert len(load_keras().models.load_model(tmp_path / "deep.keras").layers) == 1201
    assert [p.name for p in tmp_path.iterdir()] == ["deep.keras"]


@pytest.mark.keras
def test_names_of_the_pieces_of_an_op_clash_with_nothing() -> None:
    graph = compile_text(
        START + "stem: [pad_channels: {after: 1}, relu: {name: pad_channels1_swapped}]\n"
    )
    model, printed, article = configs(graph)
    assert model == printed == article


@pytest.mark.keras
@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "specs").glob("*.yaml")))
def test_every_shipped_spec_is_its_source(name: str) -> None:
    model, printed, article = configs(shipped_graph(name))
    assert model == printed == article
