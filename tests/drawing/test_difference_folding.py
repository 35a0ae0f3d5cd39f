"""The drawing of a difference in the style of a paper's figure, repeats folded."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from archcompile.analyses.differences import diff
from archcompile.api import compile_text
from archcompile.drawing.formats.difference_drawing import draw_difference
from archcompile.graph.ir import LayerGraph
from tests.conftest import shipped_graph
from tests.drawing.test_svg import SVG, drawn_boxes

CONV, WIDE = "conv: {filters: 4, kernel: 3}", "conv: {filters: 6, kernel: 5}"


def test_what_is_added_looks_like_what_stays() -> None:
    """Two units of each stage, by their layers with weights; projections stay dashed."""
    actual = diff(shipped_graph("resnet_v1_20"), shipped_graph("resnet_v1_32"))
    root = ElementTree.fromstring(draw_difference(actual))
    assert {"s1_b4_conv1", "s1_b4_conv2", "s1_b4_shortcut_add1"} <= set(drawn_boxes(root))
    assert not [name for name in drawn_boxes(root) if "_bn" in name or "_relu" in name]
    dashed = {
        path.get("data-to")
        for path in root.iter(f"{SVG}path")
        if path.get("stroke-dasharray") and path.get("data-to")
    }
    assert dashed == {f"s{n}_b1_shortcut_{op}1" for n in (2, 3) for op in ("conv", "add")}


def test_a_layer_that_comes_alone_is_drawn() -> None:
    first, second = (
        compile_text(f"archc: 1\ninput: [8, 8, 4]\nstem: [{steps}]\n")
        for steps in ("conv: {filters: 4, kernel: 3}", "conv: {filters: 4, kernel: 3}, bn: {}")
    )
    assert "stem_bn1" in drawn_boxes(ElementTree.fromstring(draw_difference(diff(first, second))))


def stages_net(stages: str) -> LayerGraph:
    return compile_text(
        f"archc: 1\ninput: [8, 8, 4]\nstages: {{first: [{CONV}], {stages}, last: [{CONV}]}}\n"
        "head: [global_avg_pool, dense: {units: 2, activation: softmax}]\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"gone: [{CONV}, {CONV}]", f"come: [{WIDE}, {WIDE}, {WIDE}, {CONV}]"),
        (f"gone: [{CONV}, {CONV}, {CONV}, {CONV}]", f"come: [{WIDE}]"),
        (f"gone: [{CONV}], too: [{CONV}, {CONV}]", f"come: [{WIDE}, {WIDE}, {WIDE}, {CONV}]"),
        (f"gone: [{CONV}]", f"come: [{WIDE}, {WIDE}, {CONV}], more: [{CONV}]"),
    ],
)
def test_every_stage_has_its_bar_beside_its_boxes(before: str, after: str) -> None:
    """Also where one lies beside the trunk, since another stage has come in its place."""
    root = ElementTree.fromstring(draw_difference(diff(stages_net(before), stages_net(after))))
    bars = {}
    for mark in root.iter(f"{SVG}g"):
        path, words = mark.find(f"{SVG}path"), mark.find(f"{SVG}text")
        if words is not None and path is not None and path.get("stroke-width") == "2.5":
            place = re.fullmatch(r"M([\d.]+) ([\d.]+)V([\d.]+)", path.get("d", ""))
            assert place is not None
            bars[words.text] = tuple(map(float, place.groups()))
    for box in root.iter(f"{SVG}g"):
        name, rect = box.get("data-node", "input"), box.find(f"{SVG}rect")
        if rect is not None and not name.startswith("input"):
            _, top, bottom = bars[name.split("_")[0]]
            y, height = float(rect.get("y", "")), float(rect.get("height", ""))
            assert top - 0.2 <= y and y + height <= bottom + 0.2, f"{name} is beside its bar"
    spans = [(x, top, bottom) for x, top, bottom in bars.values()]
    for (x, top, bottom), (x2, top2, bottom2) in combinations(spans, 2):
        assert x != x2 or bottom < top2 or bottom2 < top, "no bar lies on another"
