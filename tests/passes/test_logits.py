"""Networks without the softmax or sigmoid at their end."""

import pytest

from archcompile.api import compile_text
from archcompile.passes import logits

HEADS = {
    "[dense: {units: 3}, softmax]": ["head_dense1"],
    "[dense: {units: 3, activation: softmax}]": ["head_dense1"],
    "[dense: {units: 1, activation: sigmoid}]": ["head_dense1"],
    "[dense: {units: 3}]": ["head_dense1"],
    "[dense: {units: 3, activation: relu}]": ["head_dense1"],
    "[dense: {units: 3}, softmax, rescale: {scale: 2}]": ["head_rescale1"],
    "[softmax]": ["stem_flatten1"],
}
START = "archc: 1\ninput: [2, 2, 1]\nstem: [relu, flatten]\n"


@pytest.mark.parametrize("head", HEADS)
def test_outputs_are_bare(head: str) -> None:
    graph = compile_text(f"{START}head: {head}\n")
    bare = logits(graph)
    assert list(bare.outputs.values()) == HEADS[head]
    kept = [node for node in bare if node.op.kind == "softmax"]
    assert bool(kept) == ("rescale" in head)
    end = bare.nodes[HEADS[head][0]]
    assert getattr(end.op, "activation", None) == ("relu" if "relu" in head else None)
    assert [bare.weights(node) for node in bare if bare.weights(node)] == [
        graph.weights(node) for node in graph if graph.weights(node)
    ]


def test_what_is_bare_or_read_stays() -> None:
    alone = compile_text("archc: 1\ninput: [2, 2, 1]\nhead: [softmax]\n")
    assert logits(alone) is alone
    read = compile_text(
        f"{START}head: [dense: {{units: 3}}, softmax: {{name: a}}, dense: {{units: 2}}]\n"
        "outputs: {first: head.a, last: head}\n"
    )
    assert logits(read) is read
