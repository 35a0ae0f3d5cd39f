"""The canonical level: what it takes for the same, and what it must not."""

from typing import Any

import pytest

from archcompile.keras_config.read import read_model
from archcompile.verification.canonical import canonical_view
from archcompile.verification.compared_steps import View, exact_view
from archcompile.verification.match import match
from archcompile.verification.output_order import ModelsDiffer
from archcompile.verification.zeros import silence
from tests.importer.configs import Config, head, layer, model, obj, sequential, tensor

BASE = {"data_format": "channels_last"}
# class, settings, shape of the input
Steps = list[tuple[str, dict[str, Any], tuple[int | None, ...]]]


def conv(
    padding: str = "same",
    size: int = 3,
    stride: int = 1,
    *,
    activation: str = "linear",
    **more: Any,
) -> Any:
    return (
        "Conv2D",
        {
            **BASE,
            "kernel_size": [size] * 2,
            "strides": [stride] * 2,
            "dilation_rate": [1, 1],
            "filters": 3,
            "padding": padding,
            "activation": activation,
            **more,
        },
        (8, 8, 3),
    )


def pad(sides: Any, height: int = 8) -> Any:
    return ("ZeroPadding2D", {**BASE, "padding": sides}, (height, height, 3))


def pool(size: int = 8, padding: str = "valid", kind: str = "AveragePooling2D") -> Any:
    return (
        kind,
        {**BASE, "pool_size": [size] * 2, "strides": [size] * 2, "padding": padding},
        (8, 8, 3),
    )


def relu(name: str = "relu") -> Any:
    return ("Activation", {"activation": name}, (8, 8, 3))


def with_height(step: Any, height: int) -> Any:
    return (step[0], step[1], (height, height, 3))


GLOBAL = ("GlobalAveragePooling2D", {**BASE, "keepdims": False}, (8, 8, 3))
KEPT = ("GlobalAveragePooling2D", {**BASE, "keepdims": True}, (8, 8, 3))
FLAT = ("Flatten", {**BASE}, (1, 1, 3))
CUBE = ("Reshape", {"target_shape": [1, 1, 3]}, (3,))
DENSE = ("Dense", {"units": 2, "activation": "linear"}, (3,))


def net(steps: Steps) -> Config:
    layers, before = [head()], "x"
    for number, (kind, settings, shape) in enumerate(steps):
        layers.append(layer(kind, f"l{number}", [tensor(before, shape=(None, *shape))], **settings))
        before = f"l{number}"
    return model(layers, (before, 0, 0))


def is_match(first: View, second: View) -> bool:
    try:
        match(first, second)
    except ModelsDiffer:
        return False
    return True


SAME: dict[str, tuple[Steps, Steps]] = {
    "dropout of nothing": ([conv(), ("Dropout", {"rate": 0.0, "seed": None}, (8, 8, 3))], [conv()]),
    "an activation inside": ([conv(), relu()], [conv(activation="relu")]),
    "a softmax behind a dense layer": (
        [DENSE, relu("softmax")],
        [("Dense", {**DENSE[1], "activation": "softmax"}, (3,))],
    ),
    "1x1 convs of either padding": ([conv("same", 1)], [conv("valid", 1)]),
    "strided 1x1 convs of either padding": ([conv("same", 1, 2)], [conv("valid", 1, 2)]),
    "zeros in front": ([conv("same")], [pad([[1, 1], [1, 1]]), with_height(conv("valid"), 10)]),
    "uneven zeros in front": (
        [conv("same", 3, 2)],
        [pad([[0, 1], [0, 1]]), with_height(conv("valid", 3, 2), 9)],
    ),
    "zeros in front, twice": (
        [conv("same")],
        [pad([[1, 0], [0, 1]]), pad([[0, 1], [1, 0]], 9), with_height(conv("valid"), 10)],
    ),
    "all at once": (
        [conv("same", activation="relu")],
        [pad([[1, 1], [1, 1]]), with_height(conv("valid"), 10), relu()],
    ),
    "a pool over all": ([pool(), FLAT], [GLOBAL]),
    "a pool over all that stays a map": ([pool()], [KEPT]),
    "a pool and a reshape": ([GLOBAL, CUBE], [KEPT]),
    "a pool, a reshape and a flatten": ([GLOBAL, CUBE, FLAT], [GLOBAL]),
    "nothing at all": (
        [
            conv(),
            relu("linear"),
            pad([[0, 0], [0, 0]]),
            ("Rescaling", {"scale": 1.0, "offset": 0.0}, (8, 8, 3)),
            ("Identity", {}, (8, 8, 3)),
            pool(1),
        ],
        [conv()],
    ),
}
DIFFERENT: dict[str, tuple[Steps, Steps]] = {
    "another activation": ([conv(), relu("tanh")], [conv(activation="relu")]),
    "zeros on the other side": (
        [conv("same", 3, 2)],
        [pad([[1, 0], [1, 0]]), with_height(conv("valid", 3, 2), 9)],
    ),
    "a 3x3 conv of either padding": ([conv("same")], [conv("valid")]),
    "a pool of half the map": ([pool(4), FLAT], [GLOBAL]),
    "a max pool": ([pool(kind="MaxPooling2D"), FLAT], [GLOBAL]),
    "zeros in front of a max pool": (
        [pad([[1, 1], [1, 1]]), pool(2, kind="MaxPooling2D")],
        [pool(2, "same", "MaxPooling2D")],
    ),
    "dropout": ([conv(), ("Dropout", {"rate": 0.5, "seed": None}, (8, 8, 3))], [conv()]),
    "a factor": ([conv(), ("Rescaling", {"scale": 1.001, "offset": 0.0}, (8, 8, 3))], [conv()]),
    "an activation in front": ([relu(), conv()], [conv(activation="relu")]),
    "dropout of nothing in half precision": (
        [conv(), ("Dropout", {"rate": 0.0, "dtype": "float16"}, (8, 8, 3))],
        [conv()],
    ),
    "a factor of one in bfloat16": (
        [conv(), ("Rescaling", {"scale": 1.0, "offset": 0.0, "dtype": "bfloat16"}, (8, 8, 3))],
        [conv()],
    ),
    "nothing in half precision": (
        [conv(), ("Identity", {"dtype": "float16"}, (8, 8, 3))],
        [conv()],
    ),
    "nothing in full precision behind half": (
        [conv(dtype="float16"), ("Identity", {"dtype": "float32"}, (8, 8, 3))],
        [conv(dtype="float16")],
    ),
    "an activation in half precision": (
        [conv(), ("Activation", {"activation": "relu", "dtype": "float16"}, (8, 8, 3))],
        [conv(activation="relu")],
    ),
    "zeros in half precision": (
        [conv("same")],
        [
            (
                *pad([[1, 1], [1, 1]])[:1],
                {**BASE, "padding": [[1, 1], [1, 1]], "dtype": "float16"},
                (8, 8, 3),
            ),
            with_height(conv("valid"), 10),
        ],
    ),
    "a flatten in half precision": (
        [pool(), ("Flatten", {**BASE, "dtype": "float16"}, (1, 1, 3))],
        [GLOBAL],
    ),
    "a penalty on what does nothing": (
        [
            conv(),
            (
                "Identity",
                {"activity_regularizer": obj("L2", "keras.regularizers", l2=0.1)},
                (8, 8, 3),
            ),
        ],
        [conv()],
    ),
    "a penalty between a conv and its activation": (
        [conv(activity_regularizer=obj("L2", "keras.regularizers", l2=0.1)), relu()],
        [conv(activation="relu", activity_regularizer=obj("L2", "keras.regularizers", l2=0.1))],
    ),
    "two activations": ([conv(activation="relu"), relu("tanh")], [conv(activation="tanh")]),
}


@pytest.mark.parametrize("case", SAME)
def test_alike_at_this_level_alone(case: str) -> None:
    first, second = (read_model(net(steps)) for steps in SAME[case])
    assert is_match(canonical_view(first), canonical_view(second))
    assert is_match(canonical_view(second), canonical_view(first))
    assert not is_match(exact_view(first), exact_view(second))


@pytest.mark.parametrize("case", DIFFERENT)
def test_still_different(case: str) -> None:
    first, second = (canonical_view(read_model(net(steps))) for steps in DIFFERENT[case])
    assert not is_match(first, second)


def test_what_others_read_too_is_not_joined() -> None:
    """The conv's output goes two ways: its activation is not the conv's alone, also with nothing in
    between.
    """
    kind, settings, _ = conv()
    for between in ("c", "i"):
        layers = [
            head(),
            layer(kind, "c", [tensor("x")], **settings),
            layer("Identity", "i", [tensor("c")]),
            layer("Activation", "r", [tensor(between)], activation="relu"),
            layer("Concatenate", "both", [[tensor("r"), tensor("c")]]),
        ]
        view = canonical_view(read_model(model(layers, ("both", 0, 0))))
        assert [step.kind for step in view.steps] == [
            "InputLayer",
            "Conv2D",
            "Activation",
            "Concatenate",
        ]


def test_operators_are_layers() -> None:
    ops = "keras.src.ops.numpy"
    plus = model(
        [head(), layer("Add", "p", [tensor("x")], module=ops), layer("ReLU", "r", [tensor("x")])],
        ("p", 0, 0),
    )
    plus["config"]["layers"][1]["inbound_nodes"][0]["args"] = [tensor("x"), tensor("r")]
    joined = model(
        [
            head(),
            layer("ReLU", "r", [tensor("x")]),
            layer("Add", "s", [[tensor("x"), tensor("r")]]),
        ],
        ("s", 0, 0),
    )
    first, second = read_model(plus), read_model(joined)
    assert is_match(canonical_view(first), canonical_view(second)) and not is_match(
        exact_view(first), exact_view(second)
    )
    joined["config"]["layers"][2]["config"]["dtype"] = "float16"
    assert not is_match(canonical_view(first), canonical_view(read_model(joined)))
    joined["config"]["layers"][1]["config"]["dtype"] = plus["config"]["layers"][2]["config"][
        "dtype"
    ] = "float16"
    assert not is_match(canonical_view(read_model(plus)), canonical_view(read_model(joined))), (
        "one adds in full precision"
    )


def test_hard_sigmoid_spelled_out() -> None:
    """Inside a conv, too, as MobileNetV3 has it."""
    ops, (kind, settings, _) = "keras.src.ops.numpy", conv("same", 1)

    def spelling(shift: float, factor: float) -> View:
        layers = [
            head(),
            layer(kind, "c", [tensor("x")], **settings),
            layer("Add", "a", [tensor("c"), shift], module=ops),
            layer("ReLU", "r", [tensor("a")], max_value=6.0, negative_slope=0.0, threshold=0.0),
            layer("Multiply", "m", [tensor("r"), factor], module=ops),
        ]
        return canonical_view(read_model(model(layers, ("m", 0, 0))))

    short = canonical_view(read_model(net([conv("valid", 1, activation="hard_sigmoid")])))
    assert is_match(short, spelling(3.0, 1 / 6))
    assert not is_match(short, spelling(3.1, 1 / 6)) and not is_match(short, spelling(3.0, 0.2))


def test_zero_by_construction() -> None:
    dead = layer("Rescaling", "dead", [tensor("c")], scale=0.0, offset=0.0)
    layers = [
        head(),
        layer("Conv2D", "c", [tensor("x")], use_bias=True, activation="linear"),
        dead,
        layer("Dropout", "d", [tensor("dead")], rate=0.5),
        layer("Add", "s", [[tensor("x"), tensor("d")]]),
        layer("Multiply", "m", [[tensor("s"), tensor("d")]]),
    ]

    def names(record: Config) -> tuple[set[str], set[str]]:
        view = exact_view(read_model(record))
        result = silence(view)
        zero = {view.name(view.steps[number]) for number in result.zero}
        return zero, {view.name(view.steps[number]) for number in result.without_gradient}

    assert names(model(layers, ("s", 0, 0))) == ({"dead", "d"}, {"c", "d"})
    assert names(model(layers, ("m", 0, 0))) == ({"dead", "d", "m"}, {"x", "c", "d", "s"})
    layers[2]["config"]["offset"] = 0.5
    assert names(model(layers, ("s", 0, 0))) == (set(), {"c"})
    assert names(sequential(head(), layer("Rescaling", "r", scale=0.1, offset=0.0))) == (
        set(),
        set(),
    )
