"""A network without its last softmax."""

import pytest

from archcompile.api import compile as compile_spec
from archcompile.api import compile_text
from archcompile.passes import bare_logits

HEAD = "archc: 1\ninput: [8, 8, 3]\nallow: [no-softmax]\nhead: [global_avg_pool, {}]\n"


@pytest.mark.parametrize(
    ("steps", "logits"),
    [
        ("dense: {units: 5, activation: softmax}", "dense: {units: 5}"),
        ("dense: {units: 5}, softmax", "dense: {units: 5}"),
    ],
)
def test_what_is_left_is_the_network_of_logits(steps: str, logits: str) -> None:
    graph = compile_text(HEAD.format(steps))
    bare, changed = bare_logits(graph)
    assert bare.hash == compile_text(HEAD.format(logits)).hash
    assert len(changed) == 1
    assert set(bare.nodes) <= set(graph.nodes)
    assert all(node in bare.nodes for node in bare.parts.values())


def test_logits_stay_as_they_are() -> None:
    graph = compile_text(HEAD.format("dense: {units: 5}"))
    assert bare_logits(graph) == (graph, ())


def test_a_softmax_within_the_network_stays() -> None:
    inner = compile_text(HEAD.format("softmax, dense: {units: 5}"))
    assert bare_logits(inner) == (inner, ())


def test_the_same_layers_keep_their_names() -> None:
    graph = compile_spec("resnet_50")
    bare, changed = bare_logits(graph)
    assert list(bare.nodes) == list(graph.nodes)
    assert changed == tuple(graph.outputs.values())
