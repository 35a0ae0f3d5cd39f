"""Models as Keras 2 describes them, read as what Keras 3 would have written."""

import json
from pathlib import Path
from typing import Any

import pytest

from archcompile.keras_config.archive import read_archive
from archcompile.keras_config.net import UnknownLayers, UnreadableModel, UnsupportedModel
from archcompile.keras_config.read import read_model
from tests.importer.configs import Config, head, inside, layer, model, obj, sequential, tensor

SHAPE = [None, 8, 8, 3]


def old(kind: str, name: str, *calls: Any, **config: Any) -> Config:
    """A layer as HDF5 of Keras 2 has it: each of `calls` is a list of the tensors of one call."""
    return {
        "class_name": kind,
        "config": {"name": name, **config},
        "name": name,
        "inbound_nodes": list(calls),
    }


def old_head(name: str = "x") -> Config:
    settings = {"dtype": "float32", "sparse": False, "ragged": False}
    return old("InputLayer", name, batch_input_shape=SHAPE, **settings)


def old_model(layers: list[Config], outputs: Any, name: str = "net") -> Config:
    ends = {"input_layers": [["x", 0, 0]], "output_layers": outputs}
    return {"class_name": "Functional", "config": {"name": name, "layers": layers, **ends}}


def read(layer: str, call: int = 0, **arguments: Any) -> list[Any]:
    return [layer, call, 0, arguments]


HE = {"class_name": "HeNormal", "config": {"seed": None}}
NEW_HE = obj("HeNormal", seed=None)
# a norm whose axis is a list, a layer called twice, a merge, a slope of another name, and settings
# that a depthwise convolution inherits
OLD = old_model(
    [
        old_head(),
        old("Conv2D", "c", [read("x")], kernel_initializer=HE, filters=3),
        old("BatchNormalization", "n", [read("c")], axis=[3]),
        old("LeakyReLU", "l", [read("n")], [read("x")], alpha=0.25),
        old("Add", "a", [read("l"), read("l", 1)]),
        old("DepthwiseConv2D", "d", [read("a")], groups=1, kernel_initializer=HE, kernel_size=3),
        old("Dropout", "p", [read("d", training=False)], rate=0.5),
    ],
    [["p", 0, 0]],
)
NEW = model(
    [
        head(),
        layer("Conv2D", "c", [tensor("x")], kernel_initializer=NEW_HE, filters=3),
        layer("BatchNormalization", "n", [tensor("c")], axis=3),
        layer("LeakyReLU", "l", [tensor("n")], [tensor("x")], negative_slope=0.25),
        layer("Add", "a", [[tensor("l"), tensor("l", 1)]]),
        layer("DepthwiseConv2D", "d", [tensor("a")], kernel_size=3),
        layer("Dropout", "p", [tensor("d")], rate=0.5),
    ],
    ("p", 0, 0),
)
NEW["config"]["layers"][-1]["inbound_nodes"][0]["kwargs"] = {"training": False}
INNER_LAYERS = [
    old_head(),
    old("ReLU", "r", [read("x")], max_value=None, negative_slope=0, threshold=0),
]
RELU = layer("ReLU", "r", [tensor("x")], max_value=None, negative_slope=0, threshold=0)
OLD_INNER = old_model(INNER_LAYERS, [["r", 0, 0]], "m")
NEW_INNER = model([head(), RELU], ("r", 0, 0), name="m")
CHAIN = [
    old("Conv2D", "c", batch_input_shape=SHAPE, filters=2, kernel_size=[1, 1]),
    old("Flatten", "f", data_format="channels_last"),
]
NEW_CHAIN = sequential(
    layer("Conv2D", "c", filters=2, kernel_size=[1, 1]),
    layer("Flatten", "f", data_format="channels_last"),
)
NEW_CHAIN["config"]["build_input_shape"] = SHAPE
KINDS = ["input", "conv", "bn", "leaky_relu", "flatten", "dense"]
PAIRS = {
    "layers": (OLD, NEW),
    # its calls are counted from 1, since it was called when it was made
    "a model within a model": (
        old_model(
            [
                old_head(),
                {**OLD_INNER, "name": "m", "inbound_nodes": [[read("x")]]},
            ],
            [["m", 1, 0]],
        ),
        model(
            [head(), inside(model([head(), RELU], ("r", 0, 0), name="m"), [tensor("x")])],
            ("m", 1, 0),
        ),
    ),
    "a chain": (
        {"class_name": "Sequential", "config": {"name": "chain", "layers": CHAIN}},
        NEW_CHAIN,
    ),
}


@pytest.mark.parametrize(("record", "expected"), PAIRS.values(), ids=PAIRS)
def test_the_net_is_that_of_keras_3(record: Config, expected: Config) -> None:
    net, modern = read_model(record), read_model(expected)
    assert [(each.path, each.kind, each.settings) for each in net.layers] == [
        (each.path, each.kind, each.settings) for each in modern.layers
    ]
    assert [(call.layer, call.inputs, call.kwargs) for call in net.calls] == [
        (call.layer, call.inputs, call.kwargs) for call in modern.calls
    ]
    assert net.outputs == modern.outputs


def test_a_class_of_somebody_else_stays_unknown() -> None:
    for kind in ("Mine", "my>Dense", "Lambda", "TFOpLambda"):
        record = old_model([old_head(), old(kind, "m", [read("x")])], [["m", 0, 0]])
        with pytest.raises(UnknownLayers, match=kind):
            read_model(record)


def test_what_is_not_as_keras_2_writes_it() -> None:
    for calls in ([[]], [["x"]], [[["x", 0, 0]], 3]):
        record = old_model([old_head(), old("ReLU", "r", *calls)], [["r", 0, 0]])
        with pytest.raises((UnsupportedModel, UnreadableModel)):
            read_model(record)


def test_hdf5_holds_the_description_beside_the_weights(tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(OLD)
    assert read_archive(path) == OLD
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = ["a"]
    with pytest.raises(UnreadableModel, match="holds weights, and no description"):
        read_archive(path)
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = h5py.Empty("f")
    with pytest.raises(UnreadableModel, match="is damaged"):
        read_archive(path)


@pytest.mark.keras
def test_a_model_of_keras_2_is_imported(keras_2_file: Path) -> None:
    from archcompile.authoring.keras_import import import_model

    imported = import_model(str(keras_2_file), "spec.yaml")
    assert [node.op.kind for node in imported.graph] == KINDS


@pytest.fixture
def keras_2_file(tmp_path: Path) -> Path:
    import h5py

    layers = [
        old("Conv2D", "c", batch_input_shape=SHAPE, filters=2, kernel_size=[8, 8], groups=1),
        old("BatchNormalization", "n", axis=[3], momentum=0.9),
        old("LeakyReLU", "l", alpha=0.25),
        old("Flatten", "f"),
        old("Dense", "d", units=3, activation="softmax"),
    ]
    record = {"class_name": "Sequential", "config": {"name": "chain", "layers": layers}}
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(record)
    return path
