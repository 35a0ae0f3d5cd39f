"""Models that deviate from the hand-written networks, made by editing their configuration, so that
each differs in just the one thing that its row names.
"""

import copy
from collections.abc import Callable
from typing import Any

Config = dict[str, Any]  # a functional model's `get_config()`


def build(net: str) -> Any:
    """`v1-8` or `v2-11`, written by hand."""
    from tests.oracles import article

    family, depth = net.split("-")
    return getattr(article, f"resnet_{family}")(int(depth))


def deviating(model: Any, edit: Callable[[Config], None]) -> Any:
    config = copy.deepcopy(model.get_config())
    edit(config)
    return type(model).from_config(config)


def _layer(config: Config, name: str) -> Config:
    return next(layer for layer in config["layers"] if layer["name"] == name)


def settings(*names: str, **values: Any) -> Callable[[Config], None]:
    def edit(config: Config) -> None:
        for name in names:
            assert values.keys() <= _layer(config, name)["config"].keys()
            _layer(config, name)["config"].update(values)

    return edit


def source(name: str, number: int, new: str) -> Callable[[Config], None]:
    """Input `number` of layer `name` comes from layer `new`."""

    def edit(config: Config) -> None:
        argument = _layer(config, name)["inbound_nodes"][0]["args"][0]
        tensor = argument[number] if isinstance(argument, list) else argument
        tensor["config"]["keras_history"] = [new, 0, 0]

    return edit


def together(*edits: Callable[[Config], None]) -> Callable[[Config], None]:
    def edit(config: Config) -> None:
        for first in edits:
            first(config)

    return edit


def swap(first: str, second: str, after: str) -> Callable[[Config], None]:
    """`… -> first -> second -> after` becomes `… -> second -> first -> after`."""

    def edit(config: Config) -> None:
        before = _layer(config, first)["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0]
        together(source(second, 0, before), source(first, 0, second), source(after, 0, first))(
            config
        )

    return edit


def norm_behind(name: str, reader: str, number: int) -> Callable[[Config], None]:
    """A batch normalisation between the layer `name` and input `number` of its reader."""

    def edit(config: Config) -> None:
        extra = copy.deepcopy(_layer(config, "batch_normalization_2"))
        extra["name"] = extra["config"]["name"] = "extra"
        tensor = extra["inbound_nodes"][0]["args"][0]["config"]
        shape = copy.deepcopy(
            _layer(config, reader)["inbound_nodes"][0]["args"][0][number]["config"]["shape"]
        )
        tensor["shape"], tensor["keras_history"] = shape, [name, 0, 0]
        extra.get("build_config", {})["input_shape"] = shape
        config["layers"].append(extra)
        source(reader, number, "extra")(config)

    return edit


L2_HALVED = {
    "module": "keras.regularizers",
    "class_name": "L2",
    "config": {"l2": 5e-5},
    "registered_name": None,
}
GLOROT = {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": None}}

# In v1-8 `conv2d_3`, `_4` and the projection `_5` are the second unit, which `add_1` ends; in v2-11
# `conv2d_5`, `_6`,
# `_7` and the projection `_8`. What the message must hold: both layers' places and the setting.
#   net, edit, words of the message
DIFFERENCES = {
    "no bias": (
        "v1-8",
        settings("conv2d_4", use_bias=False),
        ["conv2d_4", "use_bias (True and False)"],
    ),
    "projection with norm": (
        "v1-8",
        norm_behind("conv2d_5", "add_1", 0),
        ["candidate has `extra` (BatchNormalization) after `conv2d_5`"],
    ),
    "epsilon": (
        "v1-8",
        settings("batch_normalization_3", epsilon=1.001e-3),
        ["batch_normalization_3", "epsilon"],
    ),
    "momentum": (
        "v2-11",
        settings("batch_normalization_9", momentum=0.9),
        ["batch_normalization_9", "momentum"],
    ),
    "half the l2": (
        "v1-8",
        settings("conv2d_8", kernel_regularizer=L2_HALVED),
        ["conv2d_8", "kernel_regularizer.l2 (0.0001 and 5e-05)"],
    ),
    "initialiser": (
        "v2-11",
        settings("dense", kernel_initializer=GLOROT),
        ["dense", "HeNormal", "GlorotUniform"],
    ),
    "norm behind relu": (
        "v1-8",
        swap("batch_normalization_1", "activation_1", "conv2d_2"),
        [
            "`batch_normalization_1` (BatchNormalization) after `conv2d_1`",
            "`activation_1` (Activation) after `conv2d_1`",
        ],
    ),
    "shortcut before relu": (
        "v2-11",
        source("conv2d_8", 0, "activation_3"),
        [
            "input 0",
            "`conv2d_8` (Conv2D) comes from `add`",
            "`conv2d_8` (Conv2D) from `activation_3`",
        ],
    ),
    "shortcut behind norm": (
        "v1-8",
        source("add", 0, "batch_normalization"),
        ["`add`", "`activation`"],
    ),
    "stride on the other conv": (
        "v1-8",
        together(settings("conv2d_3", strides=[1, 1]), settings("conv2d_4", strides=[2, 2])),
        ["conv2d_3", "strides ((2, 2) and (1, 1))"],
    ),
    "frozen": (
        "v1-8",
        settings("conv2d_1", trainable=False),
        ["conv2d_1", "trainable (True and False)"],
    ),
    "half precision": ("v1-8", settings("dense", dtype="mixed_float16"), ["dense", "dtype"]),
}
