"""Graphs written by hand as nets: layers, settings, carried weights, and what is refused."""

from typing import Any

import pytest

from archcompile.torch_graph import Translated, Untranslatable, translate
from tests.torch_graph.records import graph, node

NORM = {
    "weight": "@bn.weight",
    "bias": "@bn.bias",
    "running_mean": "@bn.running_mean",
    "running_var": "@bn.running_var",
    "training": False,
    "momentum": 0.1,
    "eps": 1e-5,
}
NORM_SHAPES = dict.fromkeys(("bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"), (5,))
WINDOW = {"stride": [2, 2], "padding": [1, 1], "dilation": [1, 1]}


def conv(name: str, source: str, shape: tuple[int, ...], **changes: Any) -> dict[str, Any]:
    settings = {"bias": None, **WINDOW, "groups": 1, **changes}
    return node(name, "conv2d.default", shape, input=f"@{source}", weight="@w", **settings)


def pool(name: str, source: str, shape: tuple[int, ...], **changes: Any) -> dict[str, Any]:
    settings = {"kernel_size": [3, 3], **WINDOW, "ceil_mode": False, **changes}
    return node(name, "max_pool2d.default", shape, self=f"@{source}", **settings)


def layers(result: Translated) -> list[tuple[str, dict[str, Any]]]:
    return [(layer.kind, dict(layer.settings)) for layer in result.net.layers[1:]]


def kinds(result: Translated) -> list[str]:
    return [layer.kind for layer in result.net.layers[1:]]


def small() -> Translated:
    nodes = [
        conv("conv", "x", (2, 5, 4, 4)),
        node("bn", "batch_norm.default", (2, 5, 4, 4), input="@conv", **NORM),
        node("relu_", "relu_.default", (2, 5, 4, 4), self="@bn"),
        pool("pool", "relu_", (2, 5, 2, 2)),
        node("flat", "flatten.using_ints", (2, 20), self="@pool", start_dim=1, end_dim=-1),
        node("fc", "linear.default", (2, 7), input="@flat", weight="@fc.weight", bias="@fc.bias"),
    ]
    shapes = {"w": (5, 3, 3, 3), **NORM_SHAPES, "fc.weight": (7, 20), "fc.bias": (7,)}
    shapes["aux.weight"] = (1,)
    shapes["bn.num_batches_tracked"] = ()
    return translate(graph(nodes, shapes, shape=(2, 3, 8, 8)), "torchvision:small")


def test_layers_and_settings() -> None:
    assert layers(small()) == [
        ("ZeroPadding2D", {"padding": [[1, 1], [1, 1]]}),
        (
            "Conv2D",
            {
                "filters": 5,
                "groups": 1,
                "kernel_size": [3, 3],
                "strides": [2, 2],
                "padding": "valid",
                "dilation_rate": [1, 1],
                "use_bias": False,
            },
        ),
        (
            "BatchNormalization",
            {"axis": -1, "momentum": 0.9, "epsilon": 1e-5, "scale": True, "center": True},
        ),
        ("Activation", {"activation": "relu"}),
        ("ZeroPadding2D", {"padding": [[1, 1], [1, 1]]}),
        ("MaxPooling2D", {"pool_size": [3, 3], "strides": [2, 2], "padding": "valid"}),
        ("Flatten", {}),
        ("Dense", {"units": 7, "use_bias": True}),
    ]


def test_every_parameter_keeps_its_name() -> None:
    result = small()
    carried = {
        (result.net.layers[weight.layer].kind, weight.variable): (weight.tensor, weight.turn)
        for weight in result.weights
    }
    assert carried == {
        ("Conv2D", "kernel"): ("w", "conv"),
        ("BatchNormalization", "gamma"): ("bn.weight", "as_is"),
        ("BatchNormalization", "beta"): ("bn.bias", "as_is"),
        ("BatchNormalization", "moving_mean"): ("bn.running_mean", "as_is"),
        ("BatchNormalization", "moving_variance"): ("bn.running_var", "as_is"),
        ("Dense", "kernel"): ("fc.weight", "dense"),
        ("Dense", "bias"): ("fc.bias", "as_is"),
    }
    (kernel,) = [weight for weight in result.weights if weight.turn == "dense"]
    assert kernel.flattened is not None
    assert (kernel.flattened.shape, kernel.flattened.order) == ((5, 2, 2), (1, 2, 0))
    assert result.unused == ("aux.weight",)


@pytest.mark.parametrize(
    ("changes", "sizes", "expected"),
    [
        ({}, (5, 4, 4), ["MaxPooling2D", "AveragePooling2D"]),  # every place, then every second
        ({"stride": [1, 1]}, (5, 8, 8), ["MaxPooling2D"]),
        ({"padding": [0, 0]}, (5, 3, 3), ["MaxPooling2D"]),
        ({"padding": [0, 0], "ceil_mode": True}, (5, 4, 4), ["MaxPooling2D"]),
    ],
)
def test_a_pool_of_what_may_be_negative_reads_no_zeros(
    changes: dict[str, Any], sizes: tuple[int, ...], expected: list[str]
) -> None:
    result = translate(
        graph([pool("p", "x", (2, *sizes), **changes)], shape=(2, 5, 8, 8)), "timm:p"
    )
    assert kinds(result) == expected


@pytest.mark.parametrize(
    ("changes", "shape", "expected"),
    [
        ({"stride": [1, 1]}, (2, 5, 8, 8), "same"),
        ({}, (2, 5, 4, 4), "valid"),
        ({"stride": [1, 1], "padding": "same"}, (2, 5, 8, 8), "same"),
        ({"padding": [0, 0]}, (2, 5, 3, 3), "valid"),
    ],
)
def test_zeros_that_keras_adds_itself(
    changes: dict[str, Any], shape: tuple[int, ...], expected: str
) -> None:
    nodes = [conv("c", "x", shape, **changes)]
    result = translate(graph(nodes, {"w": (5, 3, 3, 3)}, shape=(2, 3, 8, 8)), "timm:c")
    assert result.net.layers[-1].settings["padding"] == expected
    assert ("ZeroPadding2D" in kinds(result)) == (changes == {})


def test_what_is_written_over_is_read_as_it_is_then() -> None:
    """`relu_` writes over the tensor that the sum reads under its old name."""
    nodes = [
        node("double", "mul.Tensor", (2, 3, 4, 4), self="@x", other=2.0),
        node("relu_", "relu_.default", (2, 3, 4, 4), self="@double"),
        node("sum", "add.Tensor", (2, 3, 4, 4), self="@double", other="@relu_", alpha=1),
    ]
    net = translate(graph(nodes), "timm:over").net
    first, second = net.calls[-1].inputs
    assert first == second
    assert net.layer(first.call).kind == "Activation"


def test_what_is_written_over_through_a_view_is_not_guessed() -> None:
    nodes = [
        node("double", "mul.Tensor", (2, 3, 4, 4), self="@x", other=2.0),
        node("flat", "view.default", (2, 3, 16), self="@double", size=[2, 3, 16]),
        node("relu_", "relu_.default", (2, 3, 16), self="@flat"),
        node("sum", "add.Tensor", (2, 3, 4, 4), self="@double", other="@x", alpha=1),
    ]
    with pytest.raises(Untranslatable, match="written over through a view"):
        translate(graph(nodes), "timm:over")


def test_a_head_of_one_pixel_is_one_of_vectors() -> None:
    nodes = [
        node("pool", "adaptive_avg_pool2d.default", (2, 3, 1, 1), self="@x", output_size=[1, 1]),
        conv("conv", "pool", (2, 5, 1, 1), stride=[1, 1], padding=[0, 0]),
        node("relu", "relu.default", (2, 5, 1, 1), self="@conv"),
        node("flat", "flatten.using_ints", (2, 5), self="@relu", start_dim=1, end_dim=-1),
    ]
    result = translate(graph(nodes, {"w": (5, 3, 1, 1)}), "timm:head")
    assert kinds(result) == ["GlobalAveragePooling2D", "Dense", "Activation"]
    assert [weight.turn for weight in result.weights] == ["pointwise"]
    assert result.net.layers[1].settings["keepdims"] is False


@pytest.mark.parametrize("size", [1, 4])
def test_a_global_pool_is_one_at_every_size(size: int) -> None:
    sizes = {"self": "@x", "output_size": [1, 1]}
    nodes = [node("pool", "adaptive_avg_pool2d.default", (2, 3, 1, 1), **sizes)]
    result = translate(graph(nodes, shape=(2, 3, size, size)), "timm:pool")
    assert kinds(result) == ["GlobalAveragePooling2D"]


def test_a_module_that_is_called_twice_is_one_layer() -> None:
    nodes = [
        conv("conv_1", "x", (2, 3, 4, 4), stride=[1, 1]),
        conv("conv_2", "conv_1", (2, 3, 4, 4), stride=[1, 1]),
    ]
    result = translate(graph(nodes, {"w": (3, 3, 3, 3)}), "timm:twice")
    assert result.net.uses == (1, 2)
    assert len(result.weights) == 1


REFUSED = {
    "an operation without a layer": (
        [node("layers.0.blocks.1_", "roll.default", (2, 3, 4, 4), self="@x")],
        "layers.0.blocks.1: `roll` is an operation that no stock layer does",
    ),
    "a norm of each batch": (
        [
            node(
                "bn",
                "batch_norm.default",
                (2, 5, 4, 4),
                input="@x",
                **{**NORM, "running_mean": None, "running_var": None, "training": True},
            )
        ],
        "takes the statistics of each batch",
    ),
    "a norm without a momentum": (
        [node("bn", "batch_norm.default", (2, 3, 4, 4), input="@x", **{**NORM, "momentum": 0.0})],
        "layers have a momentum",
    ),
    "a parameter that is added": (
        [node("pos", "add.Tensor", (2, 3, 4, 4), self="@x", other="@w", alpha=1)],
        "which no layer holds",
    ),
    "a gelu by tanh": (
        [node("act", "gelu.default", (2, 3, 4, 4), self="@x", approximate="tanh")],
        "approximated by a tanh",
    ),
    "corners aligned": (
        [
            node(
                "up",
                "upsample_bilinear2d.vec",
                (2, 3, 8, 8),
                input="@x",
                output_size=None,
                align_corners=True,
                scale_factors=[2.0, 2.0],
            )
        ],
        "aligns the corners",
    ),
    "a dilated pool": ([pool("p", "x", (2, 3, 2, 2), dilation=[2, 2])], "has a dilation"),
    "a flattened map as the output": (
        [node("f", "flatten.using_ints", (2, 48), self="@x", start_dim=1, end_dim=-1)],
        "the output: reads a flattened map that no dense layer has read",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_layer_does_is_as_argument(name: str) -> None:
    nodes, words = REFUSED[name]
    shapes = {"w": (1, 3, 1, 1), **NORM_SHAPES}
    with pytest.raises(Untranslatable) as refused:
        translate(graph(nodes, shapes), "timm:net")
    assert refused.value.exit_code == 2
    assert words in refused.value.message


def test_no_more_than_the_first_places_are_told() -> None:
    nodes = [node(f"m{n}", "roll.default", (2, 3, 4, 4), self="@x") for n in range(8)]
    with pytest.raises(Untranslatable, match="and 3 other places") as refused:
        translate(graph(nodes, outputs=["m0"]), "timm:net")
    assert len(refused.value.places) == 8
