"""What stands below a drawn difference: kinds of lines, and what is not marked."""

from xml.etree import ElementTree

import pytest

from archcompile.analyses.differences import diff
from archcompile.api import compile_text
from archcompile.drawing.formats.difference_drawing import draw_difference
from tests.conftest import shipped_graph

PADDED = """
archc: 1
input: [8, 8, 3]
stem: [conv: {filters: 4, kernel: KERNEL, padding: PADDING}, relu]
"""


@pytest.mark.parametrize(("kernel", "is_marked"), [(1, False), (2, True)])
def test_a_padding_that_adds_nothing_is_no_change(kernel: int, is_marked: bool) -> None:
    text = PADDED.replace("KERNEL", str(kernel))
    a, b = (compile_text(text.replace("PADDING", padding)) for padding in ("valid", "same"))
    note = "".join(ElementTree.fromstring(draw_difference(diff(a, b))).itertext())
    assert ("1 changed" in note) == is_marked
    assert ("not marked: the `padding` of 1 layer of 1x1" in note) == (not is_marked)


def test_dashed_lines_are_in_the_legend() -> None:
    drawn = draw_difference(diff(shipped_graph("resnet_50"), shipped_graph("se_resnet_50")))
    assert "shortcut with weights or a change of shape" in drawn
