"""How much work a drawing is: in proportion to the layers, whatever their wiring."""

import pytest

from archcompile.drawing.formats.svg_drawing import lay_out
from tests.call_counts import count_calls
from tests.conftest import shipped_graph

CALLS = 1000  # a layer; most networks take 110 to 340, googlenet 605


@pytest.mark.parametrize(
    "name", ["hrnet_w18", "nasnet_mobile", "densenet_bc_100_12", "resnet_v1_20"]
)
def test_a_layer_is_so_many_calls(name: str) -> None:
    graph = shipped_graph(name)
    calls, _ = count_calls(lambda: lay_out(graph, None, "paper"))
    assert calls / len(graph) < CALLS
