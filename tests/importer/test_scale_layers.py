"""Layers that keras.applications has for itself, and means over pixels, are what they do."""

from pathlib import Path
from typing import Any

import pytest

from archcompile.keras_config.net import UnknownLayers
from archcompile.keras_config.read import read_model
from archcompile.keras_config.scale_layers import is_scale_layer
from tests.importer.test_keras_2 import old, old_head, old_model, read

pytestmark = pytest.mark.keras


@pytest.fixture
def keras() -> Any:
    from archcompile.verification import start_exactly

    start_exactly()
    import keras

    keras.utils.clear_session()
    return keras


def import_and_verify(model: Any, path: Path, level: str) -> tuple[Any, str]:
    """The import of a saved model, and the verdict on the spec against the live one."""
    from archcompile.authoring import import_model
    from archcompile.keras_config import live
    from archcompile.verification import of_graph, prove
    from archcompile.verification.proof import WORDS
    from archcompile.verification.proof_sides import ProofSide

    model.save(path)
    imported = import_model(str(path), "spec.yaml", level=level)
    side = live(model)
    reference = ProofSide(label="live", identity={}, net=side.net, start=lambda: side)
    return imported, WORDS[prove(of_graph(imported.graph), reference, level).verdict]


def test_layer_scale_of_convnext(keras: Any, tmp_path: Path) -> None:
    from keras.src.applications.convnext import LayerScale

    x = inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3)(x)
    model = keras.Model(inputs, LayerScale(0.5, 4)(x))
    imported, verdict = import_and_verify(model, tmp_path / "a.keras", "exact")
    assert "layer_scale: {value: 0.5}" in imported.text and verdict == "same"


def test_scaled_sum_of_inception_resnet(keras: Any, tmp_path: Path) -> None:
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    x = inputs = keras.Input((8, 8, 3))
    first, second = (keras.layers.Conv2D(4, 3)(x) for _ in range(2))
    model = keras.Model(inputs, CustomScaleLayer(0.25)([first, second]))
    imported, verdict = import_and_verify(model, tmp_path / "a.keras", "exact")
    assert "rescale: {scale: 0.25}" in imported.text and verdict == "same"
    (sum_node,) = (node for node in imported.graph.nodes.values() if node.op.kind == "add")
    kinds = [imported.graph.nodes[name].op.kind for name in sum_node.inputs]
    assert sorted(kinds) == ["conv", "rescale"]


@pytest.mark.parametrize("keepdims", [False, True])
def test_a_mean_over_pixels_is_a_global_pool(keras: Any, tmp_path: Path, keepdims: bool) -> None:
    from archcompile.importer import Inexpressible

    x = inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3)(x)
    x = keras.ops.mean(x, axis=[1, 2], keepdims=keepdims)
    model = keras.Model(inputs, keras.layers.Activation("tanh")(x))
    imported, verdict = import_and_verify(model, tmp_path / "a.keras", "canonical")
    assert "global_avg_pool" in imported.text and verdict == "same"
    with pytest.raises(Inexpressible, match="over the pixels"):
        import_and_verify(model, tmp_path / "b.keras", "exact")


def test_other_means_stay_out(keras: Any, tmp_path: Path) -> None:
    from archcompile.importer import Inexpressible

    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3)(inputs)
    rows = keras.layers.Flatten()(keras.ops.mean(x, axis=1))
    with pytest.raises(Inexpressible, match="ops.Mean, which is not an op"):
        import_and_verify(keras.Model(inputs, rows), tmp_path / "a.keras", "canonical")


def test_a_class_of_somebody_is_no_scale_layer() -> None:
    ours = {"module": "keras.src.applications.convnext", "class_name": "LayerScale"}
    assert is_scale_layer(ours)
    for change in ({"module": None}, {"class_name": "Other"}, {"registered_name": "my>LayerScale"}):
        assert not is_scale_layer({**ours, **change})
    assert not is_scale_layer({"module": None, "class_name": "Other"})


def mean_of_keras_2(**arguments: Any) -> dict[str, Any]:
    function = arguments.pop("function", "math.reduce_mean")
    call = read("x", **arguments)
    return old_model([old_head(), old("TFOpLambda", "m", call, function=function)], [["m", 0, 0]])


def test_a_mean_of_keras_2() -> None:
    net = read_model(mean_of_keras_2(axis=[1, 2], keepdims=True))
    assert net.layers[1].kind == "ops.Mean"
    assert net.layers[1].settings == {"axis": (1, 2), "keepdims": True}
    for arguments, words in (
        ({"function": "split"}, "tf.split: 1, the first is `m`"),
        ({"axis": [1, 2], "input_tensor": 3}, "tf.math.reduce_mean"),
    ):
        with pytest.raises(UnknownLayers, match=words):
            read_model(mean_of_keras_2(**arguments))
