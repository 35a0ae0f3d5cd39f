"""The interactive page, without a browser: pieces that fit together, complete data, nothing that
can break out.
"""

import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree

import pytest

from archcompile.analyses.cost import layers
from archcompile.analyses.receptive_fields import receptive
from archcompile.drawing.formats.html import html
from archcompile.drawing.formats.page_fragments import Fragment, fragments
from archcompile.graph.ir import LayerGraph
from tests.conftest import every_shipped, shipped_graph
from tests.drawing import geometry, nets
from tests.drawing.test_svg import HOSTILE, hostile

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {
    "html",
    "head",
    "meta",
    "link",
    "title",
    "style",
    "body",
    "header",
    "div",
    "h1",
    "p",
    "input",
    "output",
    "button",
    "main",
    "aside",
    "noscript",
    "code",
    "footer",
    "script",
    "svg",
    "g",
    "defs",
    "marker",
    "path",
    "rect",
    "circle",
    "text",
    "details",
    "summary",
    "span",
}
GRAPHS = [
    nets.residual(3),
    nets.preactivation(2),
    nets.plain(),
    nets.branching(),
    nets.dense_block(),
    nets.nested_units(),
    *(nets.random_graph(seed) for seed in range(5)),
]


def data_of(page: str) -> dict[str, Any]:
    (result,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    data: dict[str, Any] = json.loads(result)
    return data


def pieces(graph: LayerGraph) -> list[Fragment]:
    result = []
    for part in fragments(graph).parts:
        result.append(part.closed)
        for piece in part.pieces:
            result += [piece.closed, piece.open]
    return result


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.name)
def test_pieces_are_drawn_without_overlaps(graph: LayerGraph) -> None:
    for piece in pieces(graph):
        assert geometry.overlapping_boxes(piece.placed) == []
        assert geometry.crossed_boxes(piece.placed) == []
        assert geometry.loose_ends(piece.placed) == []
        assert all(
            rect.y - rect.h / 2 >= 0 and rect.y + rect.h / 2 <= piece.height + 0.01
            for rect in piece.placed.rects.values()
        )


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.name)
def test_unfolded_pieces_and_links_are_the_graph(graph: LayerGraph) -> None:
    check_links(graph)


@pytest.mark.parametrize("name", every_shipped())
def test_so_are_those_of_what_ships(name: str) -> None:
    check_links(shipped_graph(name))


def check_links(graph: LayerGraph) -> None:
    """Every argument of every node is an edge in a piece, or an end at its top to which a link
    leads from another's foot.
    """
    actual = fragments(graph)
    listed = [piece for part in actual.parts for piece in part.pieces]
    assert sorted(n.name for piece in listed for unit in piece.group.units for n in unit) == sorted(
        graph.nodes
    )
    for number, piece in enumerate(listed):
        links = {link.node for link in actual.links if link.target == number}
        for fragment in (piece.open, piece.closed):
            assert set(fragment.enters) <= links
        assert set(piece.open.enters) == links
        leaving = {link.node for link in actual.links if link.source == number}
        assert set(piece.open.leaves) == set(piece.closed.leaves) == leaving
        edges = [
            (e.source, e.target)
            for e in piece.open.placed.figure.edges
            if not e.target.endswith(" out")
        ]
        same = {
            n.name: first.name
            for second in listed
            for unit in second.group.units
            for n, first in zip(unit, second.group.nodes, strict=True)
        }
        assert edges == [(same[i], n.name) for n in piece.group.nodes for i in n.inputs]


@pytest.mark.parametrize("name", ["resnet_v1_20", "resnet_50_fpn", "keras_inception_v3"])
def test_the_page_knows_everything_of_every_node(name: str) -> None:
    graph = shipped_graph(name)
    data = data_of(html(graph))
    names = list(graph.nodes)
    fields = receptive(graph)
    for node, cost, row in zip(graph, layers(graph), data["nodes"], strict=True):
        called, label, op, shape, inputs, trainable, fixed, macs, field, line, _, rule = row
        assert (called, label, shape) == (
            node.name,
            node.op.label(),
            "x".join(map(str, node.shape)),
        )
        assert [names[i] for i in inputs] == list(node.inputs)
        assert (trainable, fixed, macs) == (cost.trainable, cost.non_trainable, cost.macs)
        assert data["ops"][op]["kind"] == node.op.kind
        reported = {key for key, _ in data["ops"][op]["given"] + data["ops"][op]["default"]}
        assert reported == {info.alias or key for key, info in type(node.op).model_fields.items()}
        assert field.startswith(f"{fields[node.name].smallest[0]}x{fields[node.name].smallest[1]}")
        assert re.fullmatch(r"specs/[\w/]+\.yaml:\d+", line)
        assert rule == (node.origin.rule or "")
    units = [
        node
        for part in data["parts"]
        for piece in part["pieces"]
        for unit in piece["units"]
        for node in unit
    ]
    assert sorted(units) == list(range(len(graph)))
    assert {int(at): label for at, label in data["outputs"].items()} == {
        names.index(n): label for label, n in graph.outputs.items()
    }


@pytest.mark.parametrize("graph", [*GRAPHS, hostile()], ids=lambda graph: ascii(graph.name))
def test_the_page_is_xml_and_asks_for_nothing(graph: LayerGraph) -> None:
    check_page(graph)


def test_so_is_that_of_several_outputs() -> None:
    check_page(shipped_graph("resnet_50_fpn"))


def check_page(graph: LayerGraph) -> None:
    page = html(graph, shown=("shapes", "params", "macs"))
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    assert {
        element.tag.removeprefix(XHTML).removeprefix(SVG) for element in root.iter()
    } <= ELEMENTS
    for element in root.iter():
        assert not any(
            name.startswith("on") or name in ("src", "style") for name in element.attrib
        ), element.attrib
        assert element.attrib.get("href", "data:,") == "data:,"
    assert len(root.findall(f".//{XHTML}main/{SVG}svg")) == 1
    assert page.count("</script>") == page.count("<script") == 2
    groups = [g for g in root.iter(f"{SVG}g") if g.get("class", "").startswith("fragment")]
    data = data_of(page)
    assert len(groups) == len(data["fragments"])
    for group, fragment in zip(groups, data["fragments"], strict=True):
        assert len([g for g in group.iter(f"{SVG}g") if "data-node" in g.attrib]) == len(
            fragment["boxes"]
        )


def test_hostile_names_arrive_as_they_are() -> None:
    data = data_of(html(hostile()))
    assert data["nodes"][1][0] == HOSTILE
    assert HOSTILE in {part["name"] for part in data["parts"]}


def test_only_the_pages_own_script_and_style_may_run() -> None:
    page = html(nets.residual(1))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.S)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (script, style)]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "img-src data:"
    )
    assert "]]>" not in script.removesuffix("/*]]>*/")


@pytest.mark.parametrize(
    ("name", "level"),
    [("resnet_v1_20", "block"), ("resnet_v2_1001", "block"), ("keras_densenet121", "block")],
)
def test_how_far_the_page_is_unfolded_at_first(name: str, level: str) -> None:
    assert data_of(html(shipped_graph(name)))["level"] == level
    assert data_of(html(shipped_graph(name), "layer"))["level"] == "layer"


def test_a_page_of_a_thousand_layers_is_small() -> None:
    page = html(shipped_graph("resnet_v2_1001"))
    assert len(data_of(page)["fragments"]) < 40
    assert len(page) < 800_000


@pytest.mark.parametrize(
    ("graph", "sizes", "has_dashes", "has_repeats"),
    [
        (shipped_graph("resnet_v1_20"), "32x32 16x16 8x8", True, True),
        (nets.plain(), None, False, False),
    ],
    ids=["v1-20", "plain"],
)
def test_the_legend_explains_what_the_page_draws(
    graph: LayerGraph, sizes: str | None, has_dashes: bool, has_repeats: bool
) -> None:
    legend = ElementTree.fromstring(html(graph).split("\n", 1)[1]).find(f".//{XHTML}details")
    assert legend is not None and legend.get("id") == "legend"
    words = " ".join(" ".join(legend.itertext()).split())
    if sizes:
        assert sizes in words
    assert ("change of shape" in words) == has_dashes
    assert bool(legend.findall(f".//{SVG}path[@stroke-dasharray]")) == has_dashes
    assert ("units alike" in words) == has_repeats and "folded" in words
