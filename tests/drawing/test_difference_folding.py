"""The drawing of a difference in the style of a paper's figure, repeats folded."""

import re
from xml.etree import ElementTree

import archcompile
from archcompile.analyses.differences import diff
from archcompile.api import compile_text
from archcompile.drawing.formats.difference_drawing import draw_difference
from tests.conftest import shipped_graph
from tests.drawing.test_svg import SVG, drawn_boxes


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


def test_a_stage_that_is_gone_has_its_bar() -> None:
    smaller = archcompile.compile("resnet_50", sets=["stages.s4.repeat=3"])
    marked = draw_difference(diff(smaller, shipped_graph("resnet_18")))
    assert set(re.findall(r">(s\d)<", marked)) >= {"s1", "s2", "s3", "s4"}
