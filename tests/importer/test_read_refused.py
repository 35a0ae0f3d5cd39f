"""Descriptions of models that are refused: by name where they are foreign, and in no case run or
imported.
"""

import re
from typing import Any

import pytest

from archcompile.keras_config.net import (
    UnknownLayers,
    UnreadableModel,
    UnsupportedModel,
)
from archcompile.keras_config.read import read_model
from tests.importer.configs import (
    Config,
    head,
    inside,
    layer,
    model,
    obj,
    sequential,
    tensor,
)


def test_all_unknown_layers_are_listed() -> None:
    record = model(
        [
            head(),
            layer("Lambda", "evil", [tensor("x")]),
            layer("Swirl", "s1", [tensor("evil")], module="me"),
            layer("Swirl", "s2", [tensor("s1")], module="me"),
            layer("TFSMLayer", "t", [tensor("s2")]),
        ],
        ("t", 0, 0),
    )
    with pytest.raises(UnknownLayers) as caught:
        read_model(record)
    for words in (
        "keras.layers.Lambda, stock, but archc has no op for it: 1, the first is `evil`",
        "me.Swirl: 2, the first is `s1`",
        "keras.layers.TFSMLayer",
    ):
        assert words in caught.value.message


HOSTILE: dict[str, Config] = {
    "initialiser": {"kernel_initializer": obj("system", "os")},
    "function": {
        "activation": {
            "module": "os",
            "class_name": "function",
            "config": "system",
            "registered_name": "x",
        }
    },
    "lambda": {"activation": {"class_name": "__lambda__", "config": {"value": "4wEAAA=="}}},
    "in a list": {"units": [obj("system", "os")]},
    "in a map": {"units": {"deep": obj("Lambda", "keras.layers")}},
    "policy": {"dtype": obj("Anything", "keras", name="float32")},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_objects_that_are_not_stock_are_refused(case: str) -> None:
    with pytest.raises(UnknownLayers):
        read_model(sequential(head(), layer("Dense", "d", **HOSTILE[case])))


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


BROKEN: dict[str, Config] = {
    "no model": {"class_name": "Model", "config": {}},
    "no config": {"class_name": "Model"},
    "a source that is not there": model([head(), layer("Dense", "d", [tensor("y")])], ("d", 0, 0)),
    "a call that is not there": model([head(), layer("Dense", "d", [tensor("x", 3)])], ("d", 0, 0)),
    "an output that is not there": model([head()], ("d", 0, 0)),
    "a layer that feeds itself": model([head(), layer("Dense", "d", [tensor("d")])], ("d", 0, 0)),
    "no inbound nodes": model(
        [{"module": "keras.layers", "class_name": "Dense", "config": {}, "name": "d"}], ("d", 0, 0)
    ),
    "an input that is none": model([layer("Dense", "x", [])], ("x", 0, 0)),
    "lists without end": sequential(head(), layer("Dense", "d", units=_deep(5000))),
    "an object as an argument": model(
        [head(), layer("Dense", "d", [tensor("x"), obj("X", "m")])], ("d", 0, 0)
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_configs_are_reported(case: str) -> None:
    with pytest.raises(UnreadableModel):
        read_model(BROKEN[case])


def test_models_within_models_are_bounded() -> None:
    """Ten calls of a model of ten calls of a model …: a short text must not become a net without
    end.
    """
    inner = model([head("x"), layer("ReLU", "r", [tensor("x")])], ("r", 0, 0), name="m0")
    for depth in range(1, 6):
        name = f"m{depth - 1}"
        calls = [[tensor("x")]] + [[tensor(name, n)] for n in range(9)]
        inner = model([head("x"), inside(inner, *calls)], (name, 10, 0), name=f"m{depth}")
    with pytest.raises(UnreadableModel, match="more than 20000 calls"):
        read_model(inner)
    # a model of no layer: what grows makes no call
    empty = model([head("x")], ("x", 0, 0), name="m0")
    for depth in range(1, 15):
        name = f"m{depth - 1}"
        empty = model(
            [head("x"), inside(empty, [tensor("x")], [tensor(name, 0)])],
            (name, 2, 0),
            name=f"m{depth}",
        )
    with pytest.raises(UnsupportedModel, match="more than 20000 calls of models"):
        read_model(empty)
    for depth in range(6, 40):
        inner = sequential(inner, name=f"m{depth}")
    with pytest.raises(UnreadableModel, match="nests more than"):
        read_model(inner)


# nothing of it is damaged: what it is, and what names it
FOREIGN: dict[str, tuple[Config, str]] = {
    "a class of a script": (
        model(
            [
                head(),
                {**layer("Mine", "m", [tensor("x")]), "module": None, "registered_name": "my>Mine"},
            ],
            ("m", 0, 0),
        ),
        "  Mine registered as my>Mine: 1, the first is `m`",
    ),
    "a registered function": (
        model(
            [
                head(),
                layer(
                    "Dense",
                    "d",
                    [tensor("x")],
                    activation=obj("function", "builtins") | {"config": "my>act"},
                ),
            ],
            ("d", 0, 0),
        ),
        "the function `my>act` as `activation`: 1, the first is `d`",
    ),
    "a function by its name alone": (
        model([head(), layer("LSTM", "d", [tensor("x")], recurrent_activation="act")], ("d", 0, 0)),
        "the function `act` as `recurrent_activation`",
    ),
    "a lambda": (
        model(
            [
                head(),
                layer("Dense", "d", [tensor("x")], activation={"value": ["4wEA", None, None]}),
            ],
            ("d", 0, 0),
        ),
        "a lambda as `activation`: 1, the first is `d`",
    ),
    "a lambda of a class": (
        model(
            [head(), layer("Dense", "d", [tensor("x")], activation=obj("__lambda__", "builtins"))],
            ("d", 0, 0),
        ),
        "a lambda as `activation`",
    ),
    "a subclassed model": (
        {"module": None, "class_name": "Net", "config": {}, "registered_name": "Net"},
        "neither a Functional nor",
    ),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_not_stock_is_refused_by_name_and_not_called_damaged(case: str) -> None:
    record, words = FOREIGN[case]
    with pytest.raises((UnknownLayers, UnsupportedModel), match=re.escape(words)) as caught:
        read_model(record)
    assert caught.value.exit_code == 2
