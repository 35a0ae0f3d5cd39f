"""What `verify` and `import` say of outputs with labels, of networks without weights, and of what
no training gives back.
"""

from typing import Any

import pytest

from archcompile.api import LayerGraph, compile_text

pytestmark = pytest.mark.keras

NET = """\
archc: 1
input: [8, 8, 3]
stem: [conv: {filters: 4, kernel: 3, name: c1}, conv: {filters: 4, kernel: 3, name: c2}]
"""
HALF = [[0.5, 1.5, 2.5], [0.25, 2.0, 4.0]]


def net(outputs: str = "") -> LayerGraph:
    return compile_text(NET + (f"outputs: {outputs}\n" if outputs else ""))


def verdict(graph: LayerGraph, reference: Any) -> tuple[str, str]:
    """Of a spec against another, or against a model."""
    from archcompile.keras_config.live_models import live
    from archcompile.verification.proof import WORDS, prove
    from archcompile.verification.proof_sides import ProofSide, of_graph

    if isinstance(reference, LayerGraph):
        another = of_graph(reference)
    else:
        side = live(reference)
        another = ProofSide(label="model", identity={}, net=side.net, start=lambda: side)
    proof = prove(of_graph(graph), another)
    assert proof.certificate()["verdict"] == WORDS[proof.verdict]
    same = (
        proof.certificate()["candidate"]["structure"]
        == proof.certificate()["reference"]["structure"]
    )
    assert same == (WORDS[proof.verdict] == "same")
    return WORDS[proof.verdict], proof.reason


LABELS = {  # the outputs of two specs -> the verdict, and what it names
    ("{fine: stem.c1, coarse: stem.c2}", "{coarse: stem.c2, fine: stem.c1}"): (
        "same",
        "3 layers alike",
    ),
    ("{fine: stem.c1, coarse: stem.c2}", "{coarse: stem.c1, fine: stem.c2}"): (
        "different",
        (
            "the output `coarse` is that of `stem_c1` (Conv2D) in the reference and of `stem_c2` "
            "(Conv2D) at spec.yaml:3"
        ),
    ),
    ("{fine: stem.c1, coarse: stem.c2}", "{fine: stem.c1, middle: stem.c2}"): (
        "different",
        (
            "the outputs have other labels: `fine`, `middle` in the reference, `coarse`, `fine` in "
            "the candidate"
        ),
    ),
    ("{fine: stem.c1, coarse: stem.c2}", "{fine: stem.c2}"): (
        "different",
        "the reference has 1 outputs, the candidate 2",
    ),
    ("{a: stem.c2, b: stem.c2}", "{b: stem.c2, a: stem.c2}"): ("same", "3 layers alike"),
    ("{a: stem.c2}", "{b: stem.c2}"): (
        "different",
        "other labels: `b` in the reference, `a` in the candidate",
    ),
    ("{a: stem.c2}", ""): ("same", "3 layers alike"),
}


@pytest.mark.parametrize(("first", "second"), LABELS)
def test_outputs_are_compared_by_their_labels(keras: Any, first: str, second: str) -> None:
    word, words = LABELS[first, second]
    message, reason = verdict(net(first), net(second))
    assert message == word and words in reason


@pytest.mark.parametrize("turned", [False, True])
def test_a_bare_list_is_compared_by_place(keras: Any, turned: bool) -> None:
    """The places are those of the spec, whatever order Keras puts labels in."""
    x = keras.Input((8, 8, 3))
    first = keras.layers.Conv2D(4, 3, padding="same", name="one")(x)
    two = keras.layers.Conv2D(4, 3, padding="same", name="two")(first)
    graph = net(
        "{fine: stem.c2, coarse: stem.c1}" if turned else "{fine: stem.c1, coarse: stem.c2}"
    )
    assert verdict(graph, keras.Model(x, [two, first] if turned else [first, two]))[0] == "same"
    message, reason = verdict(graph, keras.Model(x, [first, two] if turned else [two, first]))
    assert message == "different" and "the output number 0 is that of `" in reason
    named = {"fine": two if turned else first, "coarse": first if turned else two}
    assert verdict(graph, keras.Model(x, named))[0] == "same"


def test_numbers_are_those_of_the_output_of_that_label(keras: Any) -> None:
    """Numbers that differ at one output name it."""
    from archcompile.keras_config.live_models import live
    from archcompile.verification.compared_steps import exact_view
    from archcompile.verification.match import match
    from archcompile.verification.numerics import compare
    from archcompile.verification.proof_sides import of_graph
    from archcompile.verification.random_weights import copy_weights, randomise

    graph = net("{fine: stem.c1, coarse: stem.c2}")
    subject, side = of_graph(graph), live(graph.to_keras())
    pairing = match(exact_view(side.net), exact_view(subject.net))
    randomise(side, 0)
    copy_weights(side, subject.start(), pairing)
    bias = subject.start().model.get_layer("stem_c2").bias
    bias.assign(bias + 1.0)
    report = compare(side, subject.start(), pairing, seed=0)
    assert {(q.name, q.verdict.value) for q in report.quantities if q.kind == "output"} == {
        ("coarse (stem_c2)", "different"),
        ("fine (stem_c1)", "equal"),
    }


def test_a_network_without_weights(keras: Any) -> None:
    graph = compile_text("archc: 1\ninput: [8, 8, 3]\nstem: [relu, global_avg_pool]\n")
    assert verdict(graph, graph)[0] == "same"
    assert (
        verdict(graph, compile_text("archc: 1\ninput: [8, 8, 3]\nstem: [relu, global_max_pool]\n"))[
            0
        ]
        == "different"
    )
    # twice the images: no target of its own
    scaled = compile_text("archc: 1\ninput: [8, 8, 3]\nstem: [rescale: {scale: 2.0}]\n")
    assert verdict(scaled, scaled)[0] == "same"
