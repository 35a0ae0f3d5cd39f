"""The number of paths and their lengths, against enumeration and against what residual networks
must have.
"""

from collections import Counter
from fractions import Fraction
from math import comb

import pytest

import archcompile
from archcompile.analyses.depths import carriers, depth
from archcompile.analyses.paths import Lengths, path_lengths
from archcompile.api import LayerGraph, compile_text
from tests.conftest import seeds, shipped_graph
from tests.spec.random_graphs import graph_rich_in_ops

START = "archc: 1\ninput: [8, 8, 3]\n"


def enumerate_lengths(graph: LayerGraph, name: str) -> Counter[int]:
    """Lengths by walking every single path back to the input."""
    node = graph.nodes[name]
    if not node.inputs:
        return Counter([0])
    return Counter(
        length + node.op.is_weighted
        for i in carriers(graph, node)
        for length in enumerate_lengths(graph, i).elements()
    )


@pytest.mark.parametrize("seed", seeds(15, 60))
def test_random_nets(seed: int) -> None:
    graph = graph_rich_in_ops(seed)
    if sum(lengths.total for lengths in path_lengths(graph).values()) > 5000:
        pytest.skip("too many paths to walk")
    for label, actual in path_lengths(graph).items():
        walked = enumerate_lengths(graph, graph.outputs[label])
        assert {actual.shortest + k: n for k, n in enumerate(actual.counts) if n} == dict(walked)
        assert (actual.shortest, actual.longest, actual.total) == (
            min(walked),
            max(walked),
            walked.total(),
        )
        assert actual.mean == Fraction(sum(walked.elements()), walked.total())


def test_a_residual_net_is_the_binomial_of_its_units() -> None:
    """54 units of two layers, between a stem and a head: 2**54 paths (Veit et al. 2016)."""
    (actual,) = path_lengths(shipped_graph("resnet_a_110")).values()
    assert actual == Lengths(2, tuple(comb(54, k // 2) * (k % 2 == 0) for k in range(109)))
    assert (actual.total, actual.longest, actual.mean) == (2**54, 110, 56)
    low, high = actual.middle(Fraction(95, 100))
    inside = sum(comb(54, k) for k in range((low - 2) // 2, (high - 2) // 2 + 1))
    narrower = inside - comb(54, (low - 2) // 2) - comb(54, (high - 2) // 2)
    assert inside >= 0.95 * 2**54 > narrower and low + high == 2 * 56


def test_a_plain_net_has_one_path() -> None:
    (actual,) = path_lengths(shipped_graph("plain_56")).values()
    assert actual == Lengths(56, (1,)) and actual.middle(Fraction(95, 100)) == (56, 56)


def test_a_projection_lengthens_the_shortcut_of_its_unit() -> None:
    (actual,) = path_lengths(shipped_graph("resnet_v1_20")).values()
    assert (actual.total, actual.shortest, actual.longest) == (2**9, 4, 20)


def test_thousands_of_layers() -> None:
    (actual,) = path_lengths(archcompile.compile("resnet_v1_1202")).values()
    assert actual.total == 2**600 and actual.longest == 1202


def test_gates_are_no_paths_on_either_side() -> None:
    """y = T * H + (1 - T) * x: the transform and the carry, whatever T is made of."""
    (actual,) = path_lengths(shipped_graph("highway_19")).values()
    gated = sum(node.op.is_mirror for node in shipped_graph("highway_19"))
    assert actual.total == 2**gated and depth(shipped_graph("highway_19")) == actual.longest == 19


def test_outputs_have_paths_of_their_own_and_twice_the_same_input_counts_twice() -> None:
    text = (
        START + "stem: [conv: {filters: 3, kernel: 1}, relu: {name: here}, add: {with: here}]\n"
        "head: [conv: {filters: 3, kernel: 1}]\noutputs: {early: stem, late: head}\n"
    )
    assert path_lengths(compile_text(text)) == {"early": Lengths(1, (2,)), "late": Lengths(2, (2,))}
