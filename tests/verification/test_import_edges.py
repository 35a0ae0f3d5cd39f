"""What `import` says of labels of outputs, of norms that it cannot read, and of what would help."""

import re
from pathlib import Path
from typing import Any

import pytest

from archcompile.api import compile_text

pytestmark = pytest.mark.keras


def import_keras(model: Any, path: Path) -> Any:
    from archcompile.authoring.keras_import import import_model

    model.save(path)
    return import_model(str(path), "spec.yaml")


def test_an_input_that_is_an_output(keras: Any, tmp_path: Path) -> None:
    from archcompile.importer.inexpressible import Inexpressible

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
    from archcompile.verification.proof_sides import of_graph, reference

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
    claimed = re.sub(r"^expect: .*\n", "", result.text, flags=re.MULTILINE)
    text, count = re.subn(r"normalize:(\n +(mean|variance): .*){2}", "normalize", claimed)
    assert count == 2
    left_open = compile_text(text)
    assert WORDS[prove(of_graph(left_open), again).verdict] == "different"


@pytest.mark.parametrize(("axis", "words"), [(None, "axis=()"), ((1, 2, 3), "axis=(1, 2, 3)")])
def test_other_axes_of_normalization_are_refused_and_compared(
    keras: Any, tmp_path: Path, axis: Any, words: str
) -> None:
    import numpy as np

    from archcompile.verification.proof import WORDS, prove
    from archcompile.verification.proof_sides import of_graph, reference

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

    from archcompile.keras_config.adapted_statistics import read_file
    from archcompile.keras_config.net import UnsupportedModel

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
    from archcompile.importer.inexpressible import Inexpressible

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
    from archcompile.verification.proof_sides import of_graph, reference

    graph = import_model(str(tmp_path / "open.keras"), "spec.yaml", (16, 12, 3)).graph
    again = reference(
        str(tmp_path / "open.keras"), graph.input_shape, False, compile_text=compile_text
    )
    assert WORDS[prove(of_graph(graph), again).verdict] == "same", (
        "the sizes that a file leaves open are those of the spec"
    )


def test_verify_names_the_level_that_would_do(keras: Any) -> None:
    from archcompile.verification.proof import prove
    from archcompile.verification.proof_sides import of_graph

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
        keras.Model(x, keras.layers.RandomCrop(4, 4, name="crop")(x)), tmp_path / "crop.keras"
    )
    assert "`crop`: keras.layers.RandomCrop, stock, but archc has no op for it" in message
