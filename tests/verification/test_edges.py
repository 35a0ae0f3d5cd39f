"""What `verify` and `import` say of outputs with labels, of networks without weights, and of what
no training gives back.
"""

from pathlib import Path
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


@pytest.fixture(scope="module")
def keras() -> Any:
    from archcompile.verification.exact_start import start_exactly

    start_exactly()
    import keras

    return keras


def net(outputs: str = "") -> LayerGraph:
    return compile_text(NET + (f"outputs: {outputs}\n" if outputs else ""))


def verdict(graph: LayerGraph, reference: Any) -> tuple[str, str]:
    """Of a spec against another, or against a model."""
    from archcompile.keras_config.live_models import live
    from archcompile.verification.proof import WORDS, prove
    from archcompile.verification.subject import ProofSide, of_graph

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
    from archcompile.verification.subject import of_graph
    from archcompile.verification.weights import copy_weights, randomise

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


# ---- import --------------------------------------------------------------------------------------


def import_keras(model: Any, path: Path) -> Any:
    from archcompile.authoring.keras_import import import_model

    model.save(path)
    return import_model(str(path), "spec.yaml")


def test_an_input_that_is_an_output(keras: Any, tmp_path: Path) -> None:
    from archcompile.importer.layers import Inexpressible

    x = keras.Input((8, 8, 3), name="picture")
    for number, ends in enumerate(
        (x, {"a": x, "b": keras.layers.ReLU()(x)}, [keras.layers.ReLU()(x), x])
    ):
        with pytest.raises(Inexpressible, match="`picture`: is "):
            import_keras(keras.Model(x, ends), tmp_path / f"{number}.keras")


def test_labels_are_imported_or_told(keras: Any, tmp_path: Path) -> None:
    x = keras.Input((8, 8, 3))
    first, two = keras.layers.ReLU()(x), keras.layers.Conv2D(2, 1)(x)
    kept = import_keras(keras.Model(x, {"fine": first, "coarse": two}), tmp_path / "a.keras")
    assert list(kept.graph.outputs) == ["coarse", "fine"] and kept.notes == ()
    second = import_keras(keras.Model(x, {"Fine one": first, "conv2d": two}), tmp_path / "b.keras")
    assert (
        list(second.graph.outputs) == ["out_1", "out_2"]
        and "returns a map of Fine one, conv2d" in second.notes[0]
    )
    bare = import_keras(keras.Model(x, [two, first]), tmp_path / "c.keras")
    assert (
        bare.graph.outputs["out_1"].endswith("out_1")
        and bare.graph.nodes[bare.graph.outputs["out_1"]].op.kind == "conv"
    )


def test_what_normalization_was_adapted_to_is_carried(keras: Any, tmp_path: Path) -> None:
    import numpy as np

    from archcompile.verification.proof import WORDS, prove
    from archcompile.verification.subject import of_graph, reference

    inner = keras.layers.Normalization(name="inside")
    within = keras.Sequential(
        [keras.Input((8, 8, 3)), inner, keras.layers.Activation("tanh")], name="within"
    )
    outer, fresh = (
        keras.layers.Normalization(name="outside"),
        keras.layers.Normalization(name="fresh"),
    )
    random_images = np.random.default_rng(0).normal(3, 2, (20, 8, 8, 3))
    outer.adapt(random_images)
    inner.adapt(random_images[:5])
    x = keras.Input((8, 8, 3))
    model = keras.Model(x, keras.layers.Conv2D(2, 3)(fresh(within(outer(x)))))
    result = import_keras(model, tmp_path / "adapted.keras")
    ops = [node.op for node in result.graph if node.op.kind == "normalize"]
    assert ops[2].settings() == {"mean": None, "variance": None}
    for op, layer in zip(ops, (outer, inner), strict=False):
        for name in ("mean", "variance"):
            assert np.array_equal(
                np.asarray(op.settings()[name], "float32"), np.ravel(getattr(layer, name))
            )
    again = reference(str(tmp_path / "adapted.keras"), None, False, compile_text=compile_text)
    assert WORDS[prove(of_graph(result.graph), again).verdict] == "same"
    left_open = compile_text(
        "\n".join(
            line.partition("normalize: ")[0] + "normalize" if "normalize: " in line else line
            for line in result.text.splitlines()
            if not line.startswith("expect")
        )
    )
    assert WORDS[prove(of_graph(left_open), again).verdict] == "different"


@pytest.mark.parametrize(("axis", "words"), [(None, "axis=()"), ((1, 2, 3), "axis=(1, 2, 3)")])
def test_other_axes_of_normalization_are_refused_and_compared(
    keras: Any, tmp_path: Path, axis: Any, words: str
) -> None:
    import numpy as np

    from archcompile.verification.proof import WORDS, prove
    from archcompile.verification.subject import of_graph, reference

    norm = keras.layers.Normalization(axis=axis, name="norm")
    norm.adapt(np.random.default_rng(0).normal(3, 2, (20, 4, 4, 3)))
    x = keras.Input((4, 4, 3))
    message, _ = refusal(keras.Model(x, norm(x)), tmp_path / "m.keras")
    assert f"`norm`: {words} is not that of the channels" in message
    file = reference(str(tmp_path / "m.keras"), None, False, compile_text=compile_text)
    assert (
        WORDS[
            prove(
                of_graph(compile_text("archc: 1\ninput: [4, 4, 3]\nstem: [normalize]\n")), file
            ).verdict
        ]
        == "different"
    )
    assert WORDS[prove(file, file).verdict] == "same", "the statistics keep their shape"


def test_statistics_that_cannot_be_read_are_refused(keras: Any, tmp_path: Path) -> None:
    import zipfile

    from archcompile.keras_config.net import UnsupportedModel
    from archcompile.keras_config.state import read_file

    x = keras.Input((4, 4, 3))
    keras.Model(x, keras.layers.Normalization()(x)).save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for file, names, reported in (
        ("packed", members, "is compressed"),
        ("bare", ("config.json", "metadata.json"), "holds no model.weights.h5"),
    ):
        with zipfile.ZipFile(tmp_path / f"{file}.keras", "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, members[name])
        with pytest.raises(UnsupportedModel, match=reported):
            read_file(tmp_path / f"{file}.keras")


# ---- what would help -----------------------------------------------------------------------------


def refusal(model: Any, path: Path, **options: Any) -> tuple[str, str]:
    """The message and the hint of an import."""
    from archcompile.authoring.keras_import import import_model
    from archcompile.importer.layers import Inexpressible

    model.save(path)
    with pytest.raises(Inexpressible) as caught:
        import_model(str(path), "spec.yaml", **options)
    return caught.value.message, str(caught.value.hint)


def test_a_frozen_base_is_one_line_and_can_be_left_aside(keras: Any, tmp_path: Path) -> None:
    from archcompile.authoring.keras_import import import_model

    layers = keras.layers
    base = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU()],
        name="base",
    )
    base.trainable = False
    x = keras.Input((8, 8, 3))
    y = layers.Dense(2)(layers.GlobalAveragePooling2D()(base(x, training=False)))
    message, hint = refusal(keras.Model(x, y), tmp_path / "m.keras")
    assert message.splitlines()[1:] == [
        (
            "  `the model`: 3 layers are frozen (trainable=False) and 3 calls have training=False, "
            "which a spec cannot express"
        )
    ]
    assert hint == "--thaw ignores what is frozen"
    result = import_model(str(tmp_path / "m.keras"), "spec.yaml", thaw=True)
    assert len(result.graph) == 6 and result.notes[0].startswith("ignored: 3 layers are frozen")
    message, _ = refusal(
        keras.Model(x, layers.GaussianNoise(0.1, name="noise")(y)), tmp_path / "n.keras"
    )
    assert (
        "`noise`: is a GaussianNoise: stock, but archc has no op for it" in message
        and len(message.splitlines()) == 3
    )


def test_what_another_option_takes_is_named(keras: Any, tmp_path: Path) -> None:
    x = keras.Input((8, 8, 3))
    _, hint = refusal(keras.Model(x, keras.layers.ReLU()(x) + x), tmp_path / "sum.keras")
    assert hint == "--level canonical takes all of these"
    y = keras.layers.GaussianNoise(0.1)(x)
    assert "canonical takes" not in refusal(keras.Model(x, y + x), tmp_path / "noise.keras")[1]
    wide = keras.Input((None, None, 3), name="picture")
    model = keras.Model(
        wide, keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, padding="same")(wide))
    )
    _, hint = refusal(model, tmp_path / "open.keras")
    assert hint == "--input H,W,3 sets the sizes that the model leaves open"
    sum_ = keras.layers.Conv2D(3, 3, padding="same")(wide) + wide
    _, hint = refusal(
        keras.Model(wide, keras.layers.GlobalAveragePooling2D()(sum_)), tmp_path / "both.keras"
    )
    assert hint == (
        "--input H,W,3 sets the sizes that the model leaves open; --level canonical takes all "
        "others"
    )
    from archcompile.authoring.keras_import import import_model
    from archcompile.verification.proof import WORDS, prove
    from archcompile.verification.subject import of_graph, reference

    graph = import_model(str(tmp_path / "open.keras"), "spec.yaml", (16, 12, 3)).graph
    again = reference(
        str(tmp_path / "open.keras"), graph.input_shape, False, compile_text=compile_text
    )
    assert WORDS[prove(of_graph(graph), again).verdict] == "same", (
        "the sizes that a file leaves open are those of the spec"
    )


def test_verify_names_the_level_that_would_do(keras: Any) -> None:
    from archcompile.verification.proof import prove
    from archcompile.verification.subject import of_graph

    inside, behind, another = (
        of_graph(compile_text(f"archc: 1\ninput: [8, 8, 3]\nstem: [{steps}]\n"))
        for steps in (
            "conv: {filters: 2, kernel: 3, activation: relu}",
            "conv: {filters: 2, kernel: 3}, relu",
            "conv: {filters: 2, kernel: 3}, tanh",
        )
    )
    assert prove(inside, behind).advice.startswith("with --level canonical")
    assert prove(inside, behind, "canonical").advice == prove(inside, another).advice == ""


def test_a_stock_layer_that_is_not_read_is_called_so(keras: Any, tmp_path: Path) -> None:
    x = keras.Input((8, 8, 3))
    message, _ = refusal(
        keras.Model(x, keras.layers.RandomFlip(name="flip")(x)), tmp_path / "flip.keras"
    )
    assert "`flip`: keras.layers.RandomFlip, stock, but archc has no op for it" in message
