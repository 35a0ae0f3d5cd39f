"""fold_bn and drop_dead_bias: what they touch, and that the network computes the same with the
weights they carry.
"""

from typing import Any

import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.api import compile as compile_spec
from archcompile.errors import UsageError
from archcompile.passes.running import parse_names, run

CLOSE = 2e-5  # of the largest output: float32 rounds otherwise
START = "archc: 1\nallow: [bias-before-bn]\ninput: [8, 8, 4]\n"
ALL_KINDS = (
    START
    + """\
stem:
  - conv: {filters: 6, kernel: 3, groups: 2, l2: 1e-3, stride: 2}
  - bn: {epsilon: 1e-2}
  - relu
  - depthwise_conv: {kernel: 3, multiplier: 2, bias: false}
  - bn: {scale: false}
  - bn: {center: false}
  - separable_conv: {filters: 5, kernel: 3, multiplier: 3}
  - bn
  - relu
head:
  - flatten
  - dense: {units: 7}
  - bn: {scale: false, center: false}
  - dense: {units: 3}
  - bn
"""
)
#  steps behind the input, and the norms that are folded, the layers that lose their bias
TOUCHED = {
    "a conv": ("conv: {filters: 4, kernel: 1}, bn", ["stem_bn1"], ["stem_conv1"]),
    "no bias": ("conv: {filters: 4, kernel: 1, bias: false}, bn", ["stem_bn1"], []),
    "an activation inside": ("conv: {filters: 4, kernel: 1, activation: relu}, bn", [], []),
    "an activation between": ("conv: {filters: 4, kernel: 1}, relu, bn", [], []),
    "a pool between": ("conv: {filters: 4, kernel: 1}, max_pool: {size: 2}, bn", [], []),
    "a norm in front": ("bn, conv: {filters: 4, kernel: 1}", [], []),
    "another norm": ("conv: {filters: 4, kernel: 1}, layer_norm", [], []),
    "two in a row": (
        "conv: {filters: 4, kernel: 1}, bn, bn",
        ["stem_bn1", "stem_bn2"],
        ["stem_conv1"],
    ),
    "two readers": ("conv: {filters: 4, kernel: 1}, add: {branches: {a: [bn], b: []}}", [], []),
    "the same reader twice": (
        "conv: {filters: 4, kernel: 1}, bn, add: {branches: {a: [], b: []}}",
        ["stem_bn1"],
        ["stem_conv1"],
    ),
}


@pytest.mark.parametrize("case", TOUCHED)
def test_what_is_touched(case: str) -> None:
    steps, folded, dead = TOUCHED[case]
    graph = compile_text(f"{START}stem: [{steps}]\nhead: [relu]\n")
    first, second = run(graph, ["fold_bn"]), run(graph, ["drop_dead_bias"])
    assert [list(first.done), list(second.done)] == [folded, dead]
    assert set(first.graph.nodes) == set(graph.nodes) - set(folded)
    assert list(second.graph.nodes) == list(graph.nodes)
    assert [w.name for name in dead for w in second.graph.weights(second.graph.nodes[name])] == [
        "kernel"
    ] * len(dead)
    assert run(first.graph, ["fold_bn"]).done == run(second.graph, ["drop_dead_bias"]).done == (), (
        "once is enough"
    )
    assert all(
        name in first.graph.nodes
        for name in (*first.graph.outputs.values(), *first.graph.parts.values(), *first.graph.joins)
    )


def test_an_output_is_left_as_it_is() -> None:
    graph = compile_text(
        f"{START}stem: [conv: {{filters: 4, kernel: 1, name: tap}}, bn]\noutputs: {{a: stem, b: "
        "stem.tap}\n"
    )
    assert run(graph, ["fold_bn", "drop_dead_bias"]).done == ()
    ended = run(
        compile_text(f"{START}stem: [conv: {{filters: 4, kernel: 1}}, bn]\n"), ["fold_bn"]
    ).graph
    assert ended.outputs == {"output": "stem_conv1"} and ended.spec_text == ""


def test_passes_go_by_name() -> None:
    assert parse_names(" fold_bn, drop_dead_bias,") == ("fold_bn", "drop_dead_bias")
    with pytest.raises(UsageError) as error:
        parse_names("fold_bm")
    assert error.value.hint == "did you mean `fold_bn`?"


# ---- with Keras ----------------------------------------------------------------------------------


def compile_without_notes(text: str) -> LayerGraph:
    if "\n" in text:
        return compile_text(text)
    name, *sets = text.split()
    graph: LayerGraph = compile_spec(name, sets=sets)
    return graph


BIASED = [ALL_KINDS, "resnet_v1 depth=8", "resnet_v2 depth=11"]  # in front of norms
NETS = [*BIASED, "keras_mobilenet_v2 size=32", "se_resnet depth=8"]
THOROUGH = [
    "resnet_v1_20",
    "resnet_v2_20",
    "densenet_bc_100_12",
    "resnext_29",
    "keras_densenet121 size=32",
]
PAIRS = [
    *(("drop_dead_bias", net) for net in BIASED),
    *(("drop_dead_bias,fold_bn", net) for net in BIASED),
    *(("fold_bn", net) for net in NETS),
]


def both(text: str, passes: list[str]) -> tuple[Any, Any, Any, Any]:
    """A net with random weights and norms whose statistics are not 0 and 1, its rewritten form, and
    the numbers of both.
    """
    import numpy as np

    from archcompile.keras_config.live_models import live
    from archcompile.keras_model.weights import set_weights, weights_of
    from archcompile.quiet import load_keras
    from archcompile.verification.random_weights import randomise

    graph = compile_without_notes(text)
    rewrite = run(graph, passes)
    assert rewrite.done
    before, after = graph.to_keras(), rewrite.graph.to_keras()
    for model in (before, after):  # logits: with such weights a softmax is 0 and 1
        if hasattr(model.layers[-1], "activation"):
            model.layers[-1].activation = load_keras().activations.linear
    randomise(live(before), seed=1)
    set_weights(rewrite.graph, after, rewrite.carry(weights_of(graph, before)))
    return (
        before,
        after,
        np.random.default_rng(0).normal(size=(4, *graph.input_shape)).astype("float32"),
        rewrite,
    )


@pytest.mark.keras
@pytest.mark.parametrize(
    ("passes", "text"),
    [*PAIRS, *(pytest.param("fold_bn", net, marks=pytest.mark.thorough) for net in THOROUGH)],
)
def test_the_network_computes_the_same(passes: str, text: str) -> None:
    import numpy as np

    before, after, x, _ = both(text, passes.split(","))
    first, second = (np.asarray(model(x, training=False)) for model in (before, after))
    assert np.abs(first).max() > 1e-3 and np.abs(first - first.mean(0)).max() > 1e-6, (
        "the numbers say something"
    )
    assert np.abs(first - second).max() <= CLOSE * np.abs(first).max()


@pytest.mark.keras
def test_without_dead_biases_training_is_the_same_too() -> None:
    import numpy as np

    before, after, x, _ = both("resnet_v1 depth=8", ["drop_dead_bias"])
    first, second = (np.asarray(model(x, training=True)) for model in (before, after))
    assert np.abs(first - second).max() <= CLOSE * np.abs(first).max()
    assert before.count_params() - after.count_params() == sum(
        w.shape[0]
        for w in before.weights
        if "conv" in w.path and w.name == "bias" and "shortcut" not in w.path
    )


@pytest.mark.keras
def test_weights_of_another_graph_are_refused() -> None:
    from archcompile.keras_model.weights import set_weights, weights_of

    graph = compile_without_notes("resnet_v1 depth=8")
    model = graph.to_keras()
    with pytest.raises(ValueError, match="differ in"):
        set_weights(run(graph, ["fold_bn"]).graph, model, weights_of(graph, model))
