"""The DOT text: every node and argument once, names that cannot leave their quotes."""

import re

import pytest

from archcompile.drawing.formats.dot import dot
from archcompile.graph.ir import LayerGraph
from tests.drawing import nets

STRING = r'"((?:[^"\\]|\\.)*)"'


def read(text: str) -> tuple[list[str], list[tuple[str, str, bool]]]:
    """Node and edge statements, with names as DOT reads them."""
    boxes = [unquote(m) for m in re.findall(rf"^    {STRING} \[label=", text, re.MULTILINE)]
    edges = re.findall(rf"^  {STRING} -> {STRING}( \[style=dashed\])?;$", text, re.MULTILINE)
    return boxes, [(unquote(a), unquote(b), bool(dashed)) for a, b, dashed in edges]


def unquote(text: str) -> str:
    return text.replace('\\"', '"').replace("\\\\", "\\")


@pytest.mark.parametrize(
    "graph",
    [nets.residual(2), nets.branching(), nets.random_graph(2)],
    ids=lambda graph: graph.name,
)
def test_nodes_and_arguments(graph: LayerGraph) -> None:
    boxes, edges = read(dot(graph))
    assert sorted(boxes) == sorted(graph.nodes)
    assert sorted((a, b) for a, b, _ in edges) == sorted(
        (i, node.name) for node in graph for i in node.inputs
    )


def test_paper_style_and_dashes() -> None:
    boxes, edges = read(dot(nets.residual(2), style="paper"))
    assert "s1_b1_bn1" not in boxes
    assert [(a, b) for a, b, dashed in edges if dashed] == [
        ("s1_b2_shortcut_add1", "s2_b1_shortcut_conv1"),
        ("s2_b1_shortcut_conv1", "s2_b1_shortcut_add1"),
        ("s2_b2_shortcut_add1", "s3_b1_shortcut_conv1"),
        ("s3_b1_shortcut_conv1", "s3_b1_shortcut_add1"),
    ]


def test_one_cluster_for_each_part() -> None:
    assert re.findall(r'subgraph "cluster_(\w+)"', dot(nets.residual(2))) == [
        "input",
        "stem",
        "s1",
        "s2",
        "s3",
        "head",
    ]


def test_repeats_are_a_cluster_and_shortcuts_of_stages_loops() -> None:
    text = dot(nets.residual(3), "block")
    assert re.findall(r'subgraph "cluster_repeated_(\w+)" {\n +label="(×\d)"', text) == [
        ("s1_b1_conv1", "×3"),
        ("s2_b2_conv1", "×2"),
        ("s3_b2_conv1", "×2"),
    ]
    assert text.count("{") == text.count("}")
    assert '[label="two_convs\\n3x3 conv, 16 ×2"' in text
    stages = dot(nets.residual(3), "stage")
    assert re.findall(r'"(s\d)" -> "\1" \[label="(.*?)"(, style=dashed)?\]', stages) == [
        ("s1", "×3 identity", ""),
        ("s2", "×1 projection", ", style=dashed"),
        ("s2", "×2 identity", ""),
        ("s3", "×1 projection", ", style=dashed"),
        ("s3", "×2 identity", ""),
    ]


@pytest.mark.parametrize("name", ['"]; x [', "back\\", 'both\\"', "line\nend", "\\N \\G", "\x1b"])
def test_hostile_names_stay_in_their_quotes(name: str) -> None:
    net = nets.Net(name=name)
    x = net.input(8, 8, 3)
    net.part = name
    net.add(name, nets.conv(3), x)
    text = dot(net.graph())
    left = re.sub(STRING, "", text)
    assert '"' not in left
    assert re.sub(r"\s+", " ", left).startswith("digraph { graph [rankdir=TB")
    assert len(left.splitlines()) == len(dot(nets.random_graph(1, 1)).splitlines())
    assert [(a, b) for a, b, _ in read(text)[1]] == [("input", read(text)[0][1])]


def test_colours_are_written_in_full() -> None:
    """Graphviz knows no `#333`."""
    assert {len(colour) for colour in re.findall("#[0-9a-f]+", dot(nets.residual(2)))} == {7}
