"""The drawing of a difference: both networks are in it whole, and marked where they differ."""

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import networkx as nx
import pytest

import archcompile
from archcompile.analyses.diff import diff
from archcompile.emit.difference import LOOKS, difference
from archcompile.graph.ir import LayerGraph
from tests.conftest import shipped
from tests.emit import nets
from tests.emit.test_svg import HOSTILE, SVG, drawn_boxes, drawn_edges, wanted_edges

PAIRS = [(nets.residual(3), nets.residual(2)), (nets.residual(2), nets.residual(2, rule="none")), (nets.plain(), nets.plain()),
         (nets.residual(2), nets.preactivated(2)), (nets.plain(), nets.branched()), (shipped("vgg_16"), shipped("vgg_19")),
         (shipped("resnet_a_20"), shipped("plain_20")), (shipped("densenet_bc_100_12"), shipped("resnet_v1_20")),
         *((nets.random_graph(seed), nets.random_graph(seed + 1)) for seed in range(4))]  # fmt: skip


def stroke_of(root: ElementTree.Element) -> dict[tuple[str, str], str | None]:
    return {(path.attrib["data-from"], path.attrib["data-to"]): path.get("stroke") for path in root.iter(f"{SVG}path")
            if "data-from" in path.attrib}  # fmt: skip


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=[f"{a.name}-{b.name}" for a, b in PAIRS])
def test_both_networks_are_drawn_and_marked(a: LayerGraph, b: LayerGraph) -> None:
    found = diff(a, b)
    root = ElementTree.fromstring(difference(found))
    boxes = drawn_boxes(root)
    assert len(boxes) == len(set(boxes))
    differing = {node.name for node in (*found.removed, *found.added)} | {change.before.name for change in found.changed}
    assert differing <= set(boxes) <= a.nodes.keys() | found.b.nodes.keys()

    before, after = (wanted_edges(graph, set(boxes) & graph.nodes.keys()) for graph in (a, found.b))
    drawn, strokes = drawn_edges(root), stroke_of(root)
    assert all(count == (after[edge] or before[edge]) for edge, count in drawn.items())
    one_sided = nx.DiGraph(edge for edge, stroke in strokes.items() if stroke is None and (edge in before) != (edge in after))
    ways = {edge: way(one_sided, edge) for edge in before | after if edge not in drawn}
    upwards = sum(before[edge] for edge, lines in ways.items() if not lines)
    assert all(lines or edge in before for edge, lines in ways.items()), "all of the second network"
    note = "".join(root.itertext())
    assert (f"{upwards} edges of" in note) == bool(upwards)
    assert ("goes on without it" in note) == bool(one_sided)
    assert set(one_sided.edges) == set().union(*ways.values()), "a line without a mark stands for one that is not drawn"
    for edge, stroke in strokes.items():
        sign = {(True, False): "-", (False, True): "+"}.get((edge in before, edge in after))
        assert stroke == (LOOKS[sign].colours[1] if sign and edge not in one_sided.edges else None), edge


def way(lines: nx.DiGraph, edge: tuple[str, str]) -> set[tuple[str, str]]:
    """The lines that lead from the source of an edge to its target; none where there is no way."""
    source, target = edge
    if not {source, target} <= set(lines) or not nx.has_path(lines, source, target):
        return set()
    between = ({source} | nx.descendants(lines, source)) & ({target} | nx.ancestors(lines, target))
    return set(lines.subgraph(between).edges)


def test_a_plain_network_seems_to_gain_no_line() -> None:
    found = diff(shipped("resnet_a_56"), shipped("plain_56"))
    root = ElementTree.fromstring(difference(found))
    assert set(stroke_of(root).values()) == {LOOKS["-"].colours[1], None}
    marked = [edge for edge, stroke in stroke_of(root).items() if stroke]
    assert len(marked) == 25 + 2 * 3, "25 identities are a line each, two are three lines with layers between"
    width, height = (float(root.attrib[key]) for key in ("width", "height"))
    assert 1 < width / height < 2, "columns side by side, as where one network is drawn"


def test_outputs_that_came_are_told() -> None:
    one = nets.branched()
    other = replace(one, outputs={**one.outputs, "more": list(one.nodes)[1]})
    words = "".join(ElementTree.fromstring(difference(diff(one, other))).itertext())
    assert f"outputs of {one.name}: {', '.join(other.outputs.values())}" in words


def test_each_sign_has_its_colour_its_stroke_and_its_character() -> None:
    changed = archcompile.compile("resnet_a_20", sets=["shortcut=none", "stages.s2.filters=24"])
    root = ElementTree.fromstring(difference(diff(shipped("resnet_a_20"), changed)))
    looks = {}
    for group in root.iter(f"{SVG}g"):
        if (name := group.get("data-node")) is not None:
            words = [text.text for text in group.iter(f"{SVG}text")]
            shape = next(child for child in group if child.tag in (f"{SVG}rect", f"{SVG}circle"))
            looks[name] = (words[0], shape.get("stroke"), shape.get("stroke-dasharray"))
    assert looks["s1_b1_conv1"] == ("3x3 conv, 16", "#8c8c8c", None)
    assert looks["s2_b1_conv1"] == ("~ 3x3 conv, 24, /2", "#c98a00", None)
    assert looks["s2_b1_shortcut_subsample1"] == ("\N{MINUS SIGN} subsample, /2", "#d55e00", "1.5 2.5")
    assert looks["s1_b1_shortcut_add1"] == ("+", "#d55e00", "1.5 2.5"), "a circle, whose plus is its op"
    told = {text.text for text in root.iter(f"{SVG}text")}
    assert {"only in resnet_a_20", "in both, with other settings or inputs"} <= told
    assert "a line through what only one network has goes on without it in the other" in told


def test_equal_networks_have_no_marks() -> None:
    root = ElementTree.fromstring(difference(diff(shipped("resnet_v1_20"), shipped("resnet_v1_20"))))
    assert set(stroke_of(root).values()) == {None}
    assert Counter(text.text for text in root.iter(f"{SVG}text"))["no layer differs"] == 1


def test_names_cannot_break_out() -> None:
    plain = nets.plain()
    found = difference(diff(replace(plain, name=HOSTILE), replace(nets.residual(2), name=HOSTILE)))
    assert "<script" not in found
    ElementTree.fromstring(found)
