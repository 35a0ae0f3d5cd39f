"""The SVG: what stands in it is the graph, whatever things are called, and the same bytes every
time.
"""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import archcompile
from archcompile.choices import Level
from archcompile.drawing.figure.boxes import Style
from archcompile.drawing.formats.svg_drawing import svg
from archcompile.drawing.formats.svg_markup import rounded_path
from archcompile.errors import visible
from archcompile.graph.ir import LayerGraph
from tests.drawing import nets

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "\"><script>alert(1)</script>&amp;]]>\x00\x1b\u202e'"
GRAPHS = [
    nets.residual(3),
    nets.residual(2, rule="none"),
    nets.preactivation(2),
    nets.plain(),
    nets.branching(),
    nets.dense_block(),
    *(nets.random_graph(seed) for seed in range(5)),
]


def parse(graph: LayerGraph, style: Style = "paper", level: Level = "layer") -> ElementTree.Element:
    return ElementTree.fromstring(svg(graph, level, style))


def drawn_edges(root: ElementTree.Element) -> Counter[tuple[str, str]]:
    paths = [path for path in root.iter(f"{SVG}path") if "data-from" in path.attrib]
    assert all(path.attrib["d"].startswith("M") and "L" in path.attrib["d"] for path in paths)
    return Counter((path.attrib["data-from"], path.attrib["data-to"]) for path in paths)


def drawn_boxes(root: ElementTree.Element) -> list[str]:
    return [
        group.attrib["data-node"] for group in root.iter(f"{SVG}g") if "data-node" in group.attrib
    ]


def wanted_edges(graph: LayerGraph, kept: set[str]) -> Counter[tuple[str, str]]:
    """The edges that a drawing with these boxes must have, found by walking back from every
    argument on its own.
    """
    result: Counter[tuple[str, str]] = Counter()
    for name in kept:
        for argument in graph.nodes[name].inputs:
            source = argument
            while source not in kept:
                (source,) = graph.nodes[source].inputs
            result[source, name] += 1
    return result


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.name)
def test_every_node_and_every_argument_is_drawn_in_full(graph: LayerGraph) -> None:
    root = parse(graph, "full")
    assert drawn_boxes(root) == list(graph.nodes)
    assert drawn_edges(root) == Counter(
        (source, node.name) for node in graph for source in node.inputs
    )


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.name)
def test_paper_style_keeps_weights_pools_merges_outputs_and_changes_of_shape(
    graph: LayerGraph,
) -> None:
    root = parse(graph)
    boxes = set(drawn_boxes(root))
    roles = {"input", "conv", "dense", "pool", "merge"}
    assert boxes == {
        n.name
        for n in graph
        if n.op.role in roles
        or n.name in graph.outputs.values()
        or n.shape not in graph.input_shapes(n)
    }
    assert drawn_edges(root) == wanted_edges(graph, boxes)


@pytest.mark.parametrize("style", ["paper", "full"])
@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.name)
def test_every_merge_has_all_its_arguments(graph: LayerGraph, style: Style) -> None:
    incoming = Counter(dict.fromkeys(graph.nodes, 0))
    for (_, target), count in drawn_edges(parse(graph, style)).items():
        incoming[target] += count
    for node in graph:
        if node.op.role == "merge":
            assert incoming[node.name] == len(node.inputs) >= 2


@pytest.mark.parametrize("style", ["paper", "full"])
def test_projections_are_dashed_and_explained_identities_are_not(style: Style) -> None:
    root = parse(nets.residual(3), style)
    dashed = {
        (p.get("data-from"), p.get("data-to"))
        for p in root.iter(f"{SVG}path")
        if p.get("data-from") and p.get("stroke-dasharray")
    }
    last = "shortcut_add1" if style == "paper" else "out_relu1"
    assert dashed == {
        (f"s1_b3_{last}", "s2_b1_shortcut_conv1"),
        ("s2_b1_shortcut_conv1", "s2_b1_shortcut_add1"),
        (f"s2_b3_{last}", "s3_b1_shortcut_conv1"),
        ("s3_b1_shortcut_conv1", "s3_b1_shortcut_add1"),
    }
    assert "identity shortcut" in svg(nets.residual(3), "layer", style)
    assert "identity shortcut" not in svg(nets.residual(3, rule="none"), "layer", style)


def net_with_rule(on_shortcut: bool) -> LayerGraph:
    """A unit whose rule has one weightless step: a pad to more pixels on the shortcut, or a dropout
    on the branch.
    """
    net = nets.Net(name="ruled")
    x = net.input(8, 8, 4)
    net.part, net.unit, net.block = "s1", 1, "some_block"
    y = net.add("branch", nets.conv(4), x)
    if on_shortcut:
        y = net.add("crop", nets.op("pad", size=1), y)
    net.rule = "some_rule"
    side = (
        net.add("aside", nets.op("pad", size=1), x)
        if on_shortcut
        else net.add("aside", nets.op("dropout", rate=0.5), y)
    )
    net.joins.append(net.add("join", nets.op("add"), *((side, y) if on_shortcut else (x, side))))
    return net.graph()


def test_a_change_of_shape_is_dashed_even_without_weights_but_not_a_rule_on_the_branch() -> None:
    assert [
        (edge.get("data-from"), edge.get("data-to"))
        for edge in parse(net_with_rule(on_shortcut=True)).iter(f"{SVG}path")
        if edge.get("stroke-dasharray") and edge.get("data-to")
    ] == [("input", "aside"), ("aside", "join")]
    assert "stroke-dasharray" not in svg(net_with_rule(on_shortcut=False), "layer", "full")


@pytest.mark.parametrize(
    ("name", "solid"),
    [
        ("resnet_v1_20", "identity shortcut"),  # a rule that projects or only adds
        ("resnet_a_20", "identity shortcut"),
        ("highway_19", "shortcut without weights"),  # the products of its gates
        ("stochastic_depth_110", "shortcut without weights"),
        ("nasnet_mobile", "branch without weights"),  # no rule joins anything
    ],
)
def test_the_legend_speaks_of_identities_only_where_all_are(name: str, solid: str) -> None:
    drawn = svg(archcompile.compile(name))
    assert {
        words
        for words in ("identity shortcut", "shortcut without weights", "branch without weights")
        if f">{words}<" in drawn
    } == {solid}


def test_labels_and_tips_say_op_shape_and_parameters() -> None:
    root = parse(nets.residual(3))
    box = next(g for g in root.iter(f"{SVG}g") if g.get("data-node") == "s2_b1_conv1")
    assert (
        box.findtext(f"{SVG}title") == "s2_b1_conv1\n3x3 conv, 32, /2\n16x16x32\n4,640 parameters"
    )
    assert box.findtext(f"{SVG}text") == "3x3 conv, 32, /2"
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"net_20", "s1", "32x32x16", "s2", "16x16x32", "s3", "8x8x64", "+"} <= set(texts)
    assert any("depth 20, 274,442 parameters" in (text or "") for text in texts)
    assert root.findtext(f"{SVG}title") == "net_20"
    assert "274,442" in (root.findtext(f"{SVG}desc") or "")


def test_repeats_are_framed_and_counted() -> None:
    root = parse(nets.residual(4), level="block")
    frames = [group for group in root.iter(f"{SVG}g") if group.get("class") == "frame"]
    assert [frame.findtext(f"{SVG}text") for frame in frames] == ["×4", "×3", "×3"]
    assert frames[1].get("data-boxes") == "s2_b2_conv1 s2_b2_shortcut_add1"


def test_shortcuts_of_a_stage_are_loops_dashed_where_they_project() -> None:
    root = parse(nets.residual(4), level="stage")
    box = next(g for g in root.iter(f"{SVG}g") if g.get("data-node") == "s2")
    assert [("stroke-dasharray" in path.attrib) for path in box.iter(f"{SVG}path")] == [True, False]
    assert [text.text for text in box.iter(f"{SVG}text") if text.get("text-anchor") == "start"] == [
        "×1 projection",
        "×3 identity",
    ]


def hostile() -> LayerGraph:
    net = nets.Net(name=HOSTILE)
    x = net.input(8, 8, 3)
    net.part = HOSTILE
    a = net.add(HOSTILE, nets.conv(3), x)
    net.add("join" + HOSTILE, nets.op("add"), x, a)
    graph = net.graph("join" + HOSTILE, a)
    return replace(graph, outputs={HOSTILE: a, "other": "join" + HOSTILE})


@pytest.mark.parametrize(
    ("level", "style"),
    [("layer", "paper"), ("layer", "full"), ("block", "paper"), ("stage", "paper")],
)
def test_hostile_names_stay_text(level: Level, style: Style) -> None:
    root = parse(hostile(), style, level)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "defs",
        "marker",
        "path",
        "rect",
        "text",
        "g",
        "circle",
    }
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)
    names = (
        [visible(HOSTILE)] if level == "stage" else [visible(HOSTILE), visible("join" + HOSTILE)]
    )
    assert drawn_boxes(root) == ["input", *names]


def test_the_bytes_do_not_depend_on_hash_seeds() -> None:
    program = (
        "import sys; from tests.drawing import nets; from archcompile.drawing.formats.svg_drawing "
        "import svg;"
        "sys.stdout.write(''.join(svg(g) for g in (nets.residual(9), nets.random_graph(3))))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            check=True,
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_the_image_in_the_documentation_is_up_to_date() -> None:
    graph = archcompile.compile("resnet_v1_20")
    assert (ROOT / "docs" / "resnet_v1_20.svg").read_text(encoding="utf-8") == svg(graph)


# corners of a way, and its path: straight through points in the middle, corners rounded by at most
# half a side
ROUNDED = [
    ([(0, 0), (0, 5), (0, 10)], "M0 0L0 10"),
    ([(0, 0), (5, 0), (10, 0)], "M0 0L10 0"),
    ([(1, 2), (1, 9)], "M1 2L1 9"),
    ([(0, 0), (0, 20), (30, 20)], "M0 0L0 15Q0 20 5 20L30 20"),
    ([(0, 0), (0, 4), (30, 4)], "M0 0L0 2Q0 4 2 4L30 4"),
    ([(0, 0), (0, 20), (6, 20)], "M0 0L0 17Q0 20 3 20L6 20"),
    ([(30, 0), (0, 0), (0, 30)], "M30 0L5 0Q0 0 0 5L0 30"),
    ([(0, 0), (0, 10), (0, 20), (30, 20), (40, 20)], "M0 0L0 15Q0 20 5 20L40 20"),
    ([(5, 5), (5, 25), (25, 25), (25, 5)], "M5 5L5 20Q5 25 10 25L20 25Q25 25 25 20L25 5"),
    ([(0, 0), (0, 7.26), (9, 7.26)], "M0 0L0 3.6Q0 7.3 3.6 7.3L9 7.3"),
]


@pytest.mark.parametrize(("way", "path"), ROUNDED)
def test_ways_have_round_corners(way: list[tuple[float, float]], path: str) -> None:
    assert rounded_path(way) == path
