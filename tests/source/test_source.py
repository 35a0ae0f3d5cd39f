"""Emitted source: what it does, read by a stand-in for Keras; its form; and that nothing in a spec
gets out of its place.
"""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.choices import SourceStyle
from archcompile.source.emitter import to_source
from archcompile.source.keras_version import OLDEST
from tests.conftest import DEEPER, ROOT, every_shipped, rarely, shipped_graph
from tests.source.hostile_graphs import HOSTILE, NET, hostile_graph
from tests.source.recorder import record_graph, record_source
from tests.spec.random_graphs import graph_rich_in_ops

STYLES = get_args(SourceStyle)
SPECS = sorted(path.stem for path in (ROOT / "specs").glob("*.yaml"))


def assert_same(graph: LayerGraph, style: SourceStyle) -> None:
    """The source makes the graph's layers, in order, with their names, settings and inputs, and
    nothing else.
    """
    result, expected = record_source(to_source(graph, style)), record_graph(graph)
    assert list(result.layers) == list(expected.layers)
    assert result.layers == expected.layers
    assert result.model == expected.model


@pytest.mark.parametrize("name", every_shipped())
def test_what_ships_is_what_its_source_makes(name: str) -> None:
    for style in STYLES:
        assert_same(shipped_graph(name), style)


@pytest.mark.parametrize("start", [0, pytest.param(25, marks=pytest.mark.thorough)])
def test_random_specs(start: int) -> None:
    for seed in range(start, start + 25):
        for style in STYLES:
            assert_same(graph_rich_in_ops(seed), style)


@pytest.mark.parametrize("every", [rarely(1), 4])
def test_sources_are_formatted_and_clean(tmp_path: Path, every: int) -> None:
    graphs = [
        *(shipped_graph(name) for name in SPECS[::every] if name not in DEEPER),
        *map(graph_rich_in_ops, range(100, 110, every)),
    ]
    for graph in graphs:
        for style in STYLES:
            (tmp_path / f"{graph.name}_{style}.py").write_text(to_source(graph, style))
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "name", ["resnet_v1_20", "resnet_50_fpn", "keras_mobilenet_v3_small", "deep"]
)
def test_only_keras_is_imported(name: str, style: SourceStyle) -> None:
    deep = compile_text("archc: 1\ninput: [1, 1, 1]\nstem: [relu: {repeat: 1200}]\n")
    tree = ast.parse(to_source(deep if name == "deep" else shipped_graph(name), style))
    modules = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == ({"keras", "sys"} if name == "deep" else {"keras"})


def test_the_articles_network_as_a_person_writes_it() -> None:
    """Its units are one function, its stages one loop; a line of it is where the spec says."""
    text = to_source(shipped_graph("resnet_v1_110"), "article")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    assert [f.name for f in functions] == ["conv", "basic", "resnet_v1_110"]
    assert [a.arg for a in functions[1].args.args + functions[1].args.kwonlyargs] == [
        "x",
        "filters",
        "strides",
        "projection",
        "name",
    ]
    loops = [node for node in ast.walk(functions[2]) if isinstance(node, ast.For)]
    assert [ast.unparse(loop.iter) for loop in loops] == [
        "[('s1', 16, 1), ('s2', 32, 2), ('s3', 64, 2)]",
        "range(1, 19)",
    ]
    assert len(text.splitlines()) < 80
    (line,) = (line for line in text.splitlines() if "_conv2" in line)
    file, number = line.split("# ")[1].split(":")
    assert (
        "- conv: {filters: $filters, kernel: 3}"
        in (ROOT / "specs/blocks" / file).read_text().splitlines()[int(number) - 1]
    )


def functions(name: str) -> list[str]:
    return [
        node.name
        for node in ast.parse(to_source(shipped_graph(name), "article")).body
        if isinstance(node, ast.FunctionDef)
    ]


def test_each_block_type_is_one_function() -> None:
    """Blocks in lists of steps and in other blocks too; units that lack layers have the function of
    the others.
    """
    assert functions("densenet_bc_100_12") == [
        "conv",
        "bn",
        "transition",
        "dense_unit",
        "densenet_bc_100_12",
    ]
    assert functions("resnet_v2_20") == ["conv", "preact_bottleneck", "resnet_v2_20"]
    assert functions("keras_mobilenet_v2") == ["depthwise_conv", "inverted", "keras_mobilenet_v2"]
    assert functions("keras_inception_v3")[:3] == ["max_pool", "avg_pool", "conv_bn"]


# ---- what a spec may not do ----------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_names_stay_in_their_place(text: str, style: SourceStyle) -> None:
    """Names of networks, nodes, blocks, stages, outputs and files that no spec could have; all but
    the files come back.
    """
    odd = hostile_graph(text)
    assert_same(odd, style)
    imported = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(to_source(odd, style)))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert imported == ["import keras", "from keras import layers"]


@pytest.mark.parametrize(
    "block",
    [
        "keras",
        "layers",
        "model",
        "range",
        "enumerate",
        "class",
        "conv",
        "filters",
        "net",
        "units",
        "strides",
    ],
)
def test_blocks_may_be_called_like_anything_in_the_source(block: str) -> None:
    """Functions, parameters and variables of loops keep out of each other's way."""
    # no block of a spec is called like an op
    text = NET if block == "conv" else NET.replace("pair", block)
    assert_same(replace(compile_text(text), name=block), "article")


@pytest.mark.parametrize(
    ("version", "right"),
    [("3.8.0", False), ("2.15.0", False), ("3.9.0", True), ("3.10.0.dev1", True), ("4.0.0", True)],
)
def test_the_source_asks_for_the_keras_that_it_needs(
    version: str, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.source.recorder.OLDEST", version)
    text = to_source(shipped_graph("resnet_v1_20"), "article")
    if right:
        assert record_source(text).model
        return
    with pytest.raises(
        ImportError, match=f"^Keras {OLDEST} or newer is needed; this is {version}$"
    ):
        record_source(text)


def test_the_docs_name_the_same_keras() -> None:
    for page in ("docs/tour.md", "docs/language.md"):
        assert f"{OLDEST} or newer" in (ROOT / page).read_text(), page
