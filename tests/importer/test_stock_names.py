"""What passes for stock Keras: by class, by module, and by the name that is registered."""

from typing import Any

import pytest

from archcompile.keras_config.net import UnknownLayers, UnreadableModel
from archcompile.keras_config.read import read_model


def record(**changes: Any) -> dict[str, Any]:
    """A model of an input and a dense layer; `changes` are made to the model, or to the layer under
    `layer`.
    """
    layer = {
        "module": "keras.layers",
        "class_name": "Dense",
        "registered_name": None,
        "name": "d",
        "config": {"name": "d", "units": 2, "activation": "linear"},
        **changes.pop("layer", {}),
    }
    start = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "registered_name": None,
        "name": "i",
        "config": {"name": "i", "batch_shape": [None, 4]},
    }
    layers = [start, layer, *changes.pop("more", [])]
    return {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": None,
        "config": {"name": "m", "layers": layers},
        **changes,
    }


def test_stock_is_read() -> None:
    assert [layer.kind for layer in read_model(record()).layers] == ["InputLayer", "Dense"]


@pytest.mark.parametrize(
    "changes",
    [
        {"module": "evil", "class_name": "MyModel", "registered_name": "evil>MyModel"},
        {"class_name": "MyModel"},
        {"registered_name": "evil>Sequential"},
        {"module": None},
        {"layer": {"registered_name": "evil>Dense"}},
        {"layer": {"module": "keras.layers.evil"}},
        {"layer": {"class_name": "Lambda"}},
    ],
)
def test_what_is_not_stock_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(UnknownLayers, match="cannot be read"):
        read_model(record(**changes))


def test_a_class_name_forges_no_line() -> None:
    with pytest.raises(UnknownLayers) as caught:
        read_model(record(layer={"class_name": "x\nsame: all"}))
    assert "\nsame" not in caught.value.message


def test_two_layers_of_one_name() -> None:
    layers = record()["config"]["layers"]
    nodes = [{**layer, "inbound_nodes": []} for layer in (layers[0], layers[1], layers[1])]
    config = {
        "name": "m",
        "layers": nodes,
        "input_layers": [["i", 0, 0]],
        "output_layers": [["d", 0, 0]],
    }
    with pytest.raises(UnreadableModel, match="two layers of the model are called `d`"):
        read_model(record(class_name="Functional", config=config))
