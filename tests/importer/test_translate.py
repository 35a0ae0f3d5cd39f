"""Keras layers as ops: what can be said is said, what cannot is named."""

from collections.abc import Callable
from typing import Any

import pytest

from archcompile.graph.ir import LayerGraph
from archcompile.importer.inexpressible import Inexpressible
from archcompile.importer.translation import split_shared_layers, translate, with_input
from archcompile.keras_config.net import Net
from archcompile.keras_config.read import read_model
from archcompile.ops import REGISTRY

pytestmark = pytest.mark.keras


def read(model: Any) -> Net:
    from archcompile.keras_config.live_models import make_layers, record_of

    return make_layers(split_shared_layers(read_model(record_of(model))))[0]


def read_built(
    build: Callable[[Any, Any, Any], Any], shape: tuple[int | None, ...] = (8, 8, 4)
) -> Net:
    """The net of a model that `build(keras, layers, input)` leads to the output of."""
    from archcompile.quiet import load_keras

    keras = load_keras()
    x = keras.Input(shape, name="picture")
    return read(keras.Model(x, build(keras, keras.layers, x)))


def graph_of(net: Net, canonical: bool = False) -> LayerGraph:
    return translate(net, "m", canonical)[0]


def ops(graph: LayerGraph) -> list[Any]:
    return [node.op for node in graph][1:]


def op(kind: str, **attributes: Any) -> Any:
    return REGISTRY[kind].model_validate(attributes)


#  what a layer is -> the op that it must become
LAYERS: dict[str, tuple[Callable[[Any, Any, Any], Any], Any]] = {
    "conv": (
        lambda k, L, x: L.Conv2D(
            6,
            3,
            strides=2,
            padding="same",
            activation="silu",
            use_bias=False,
            kernel_initializer=k.initializers.HeNormal(),
            kernel_regularizer=k.regularizers.L2(1e-4),
        )(x),
        lambda: op(
            "conv",
            filters=6,
            kernel=3,
            stride=2,
            activation="swish",
            bias=False,
            init="he_normal",
            l2=1e-4,
        ),
    ),
    "conv of a l2 by name": (
        lambda k, L, x: L.Conv2D(6, (1, 3), kernel_regularizer="l2", bias_initializer="ones")(x),
        lambda: op("conv", filters=6, kernel=[1, 3], padding="valid", l2=0.01, bias_init=1.0),
    ),
    "l1": (
        lambda k, L, x: L.Conv2D(6, 1, kernel_regularizer=k.regularizers.L1L2(0.5))(x),
        lambda: op("conv", filters=6, kernel=1, padding="valid", l1=0.5),
    ),
    "l1 and l2": (
        lambda k, L, x: L.DepthwiseConv2D(3, depthwise_regularizer=k.regularizers.L1L2(0.01, 0.01))(
            x
        ),
        lambda: op("depthwise_conv", kernel=3, padding="valid", l1=0.01, l2=0.01),
    ),
    "groups, dilation": (
        lambda k, L, x: L.Conv2D(8, 3, groups=2, dilation_rate=2, padding="same")(x),
        lambda: op("conv", filters=8, kernel=3, groups=2, dilation=2),
    ),
    "normal": (
        lambda k, L, x: L.Conv2D(6, 1, kernel_initializer=k.initializers.RandomNormal(stddev=0.01))(
            x
        ),
        lambda: op("conv", filters=6, kernel=1, padding="valid", init={"normal": {"std": 0.01}}),
    ),
    "variance scaling": (
        lambda k, L, x: L.Conv2D(
            6, 1, kernel_initializer=k.initializers.VarianceScaling(2.0, "fan_out", "uniform")
        )(x),
        lambda: op(
            "conv",
            filters=6,
            kernel=1,
            padding="valid",
            init={"variance_scaling": {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}},
        ),
    ),
    "truncated normal": (
        lambda k, L, x: L.Conv2D(6, 1, kernel_initializer=k.initializers.TruncatedNormal(0, 0.02))(
            x
        ),
        lambda: op(
            "conv", filters=6, kernel=1, padding="valid", init={"truncated_normal": {"std": 0.02}}
        ),
    ),
    "uniform": (
        lambda k, L, x: L.Conv2D(6, 1, kernel_initializer="random_uniform")(x),
        lambda: op("conv", filters=6, kernel=1, padding="valid", init={"uniform": {"limit": 0.05}}),
    ),
    "orthogonal": (
        lambda k, L, x: L.Conv2D(6, 1, kernel_initializer="orthogonal")(x),
        lambda: op("conv", filters=6, kernel=1, padding="valid", init="orthogonal"),
    ),
    "orthogonal of a gain": (
        lambda k, L, x: L.Conv2D(6, 1, kernel_initializer=k.initializers.Orthogonal(2.0))(x),
        lambda: op(
            "conv", filters=6, kernel=1, padding="valid", init={"orthogonal": {"gain": 2.0}}
        ),
    ),
    "depthwise": (
        lambda k, L, x: L.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(x),
        lambda: op("depthwise_conv", kernel=3, multiplier=2),
    ),
    "separable": (
        lambda k, L, x: L.SeparableConv2D(
            5,
            3,
            depthwise_initializer="he_normal",
            pointwise_initializer="he_normal",
            padding="same",
        )(x),
        lambda: op("separable_conv", filters=5, kernel=3, init="he_normal"),
    ),
    "bn": (
        lambda k, L, x: L.BatchNormalization(axis=3, momentum=0.9, epsilon=1e-5, scale=False)(x),
        lambda: op("bn", momentum=0.9, epsilon=1e-5, scale=False),
    ),
    "layer norm": (
        lambda k, L, x: L.LayerNormalization(epsilon=1e-6)(x),
        lambda: op("layer_norm", epsilon=1e-6),
    ),
    "group norm": (
        lambda k, L, x: L.GroupNormalization(groups=2)(x),
        lambda: op("group_norm", groups=2),
    ),
    "a norm that begins at zero": (
        lambda k, L, x: L.BatchNormalization(gamma_initializer="zeros")(x),
        lambda: op("bn", gamma_init=0.0),
    ),
    "a norm that begins at a constant": (
        lambda k, L, x: L.GroupNormalization(2, gamma_initializer=k.initializers.Constant(0.5))(x),
        lambda: op("group_norm", groups=2, gamma_init=0.5),
    ),
    "rms norm": (
        lambda k, L, x: L.RMSNormalization(epsilon=1e-3)(x),
        lambda: op("rms_norm", epsilon=1e-3),
    ),
    "relu6": (lambda k, L, x: L.ReLU(6.0)(x), lambda: op("relu6")),
    "leaky relu": (
        lambda k, L, x: L.LeakyReLU(negative_slope=0.1)(x),
        lambda: op("leaky_relu", slope=0.1),
    ),
    "leaky relu by its name": (
        lambda k, L, x: L.Activation("leaky_relu")(x),
        lambda: op("leaky_relu", slope=0.2),
    ),
    "leaky relu in a layer": (
        lambda k, L, x: L.Conv2D(6, 1, activation="leaky_relu")(x),
        lambda: op("conv", filters=6, kernel=1, padding="valid", activation="leaky_relu"),
    ),
    "prelu, shared over the map": (
        lambda k, L, x: L.PReLU("ones", shared_axes=[1, 2])(x),
        lambda: op("prelu", slope_init=1.0),
    ),
    "prelu of every value": (
        lambda k, L, x: L.PReLU(k.initializers.Constant(0.25))(x),
        lambda: op("prelu", shared=False, slope_init=0.25),
    ),
    "dense at each pixel": (
        lambda k, L, x: L.Dense(3, activation="gelu")(x),
        lambda: op("dense", units=3, per="position", activation="gelu"),
    ),
    "max pool": (
        lambda k, L, x: L.MaxPooling2D(3, 2, "same")(x),
        lambda: op("max_pool", size=3, stride=2, padding="same"),
    ),
    "a pool of one pixel": (
        lambda k, L, x: L.AveragePooling2D(1, 2)(x),
        lambda: op("subsample", stride=2),
    ),
    "global pool": (
        lambda k, L, x: L.GlobalMaxPooling2D(keepdims=True)(x),
        lambda: op("global_max_pool", keep_dims=True),
    ),
    "dropout": (lambda k, L, x: L.Dropout(0.3)(x), lambda: op("dropout", rate=0.3)),
    "stochastic depth": (
        lambda k, L, x: L.Dropout(0.3, noise_shape=(None, 1, 1, 1))(x),
        lambda: op("drop_path", drop_rate=0.3),
    ),
    "zeros": (
        lambda k, L, x: L.ZeroPadding2D(((0, 1), (2, 3)))(x),
        lambda: op("pad", size=[0, 1, 2, 3]),
    ),
    "rescaling": (
        lambda k, L, x: L.Rescaling(1 / 255, offset=-1)(x),
        lambda: op("rescale", scale=1 / 255, offset=-1.0),
    ),
    "normalization": (
        lambda k, L, x: L.Normalization(mean=[1, 2, 3, 4], variance=[1, 1, 2, 2])(x),
        lambda: op("normalize", mean=[1, 2, 3, 4], variance=[1, 1, 2, 2]),
    ),
    "upsampling": (lambda k, L, x: L.UpSampling2D((2, 1))(x), lambda: op("upsample", size=[2, 1])),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_an_op(name: str) -> None:
    build, make_op = LAYERS[name]
    assert ops(graph_of(read_built(build))) == [make_op()]


@pytest.mark.parametrize("kind", ["lrn", "pad_channels", "drop_path", "layer_scale", "blur_pool"])
def test_ops_of_several_layers_come_back_whole(kind: str) -> None:
    from archcompile.api import compile_text

    step = {
        "lrn": "{alpha: 2e-5}",
        "pad_channels": "{before: 1, after: 2}",
        "layer_scale": "{value: 1e-6}",
        "blur_pool": "{size: 4, stride: [1, 4]}",
        "drop_path": "{drop_rate: 0.3, per: batch, scale_at: test}",
    }[kind]
    graph = compile_text(f"archc: 1\ninput: [8, 8, 4]\nhead:\n  - {kind}: {step}\n  - flatten\n")
    assert ops(graph_of(read(graph.to_keras()))) == ops(graph)


@pytest.mark.parametrize(("zeros", "stride"), [(((0, 2), (1, 1)), 2), (1, (2, 2)), (2, 1)])
def test_means_that_blur_as_no_op_does_stay_what_they_are(zeros: Any, stride: Any) -> None:
    """Zeros elsewhere, as many zeros for a smaller window, or a stride too early."""

    def build(keras: Any, layers: Any, x: Any) -> Any:
        y = layers.ZeroPadding2D(zeros)(x)
        for step in (1, stride) if zeros != 1 else (stride, 1):
            y = layers.AveragePooling2D(2, step)(y)
        return y

    kinds = [op.kind for op in ops(graph_of(read_built(build)))]
    assert kinds == ["pad", "avg_pool", "avg_pool"]


def test_a_gate_of_dense_layers_on_one_pixel() -> None:
    """Squeeze and excitation, as models often have it."""

    def gate(keras: Any, layers: Any, x: Any) -> Any:
        pooled = layers.Reshape((1, 1, 4))(layers.GlobalAveragePooling2D()(x))
        weights = layers.Dense(4, activation="sigmoid")(layers.Dense(2)(pooled))
        return layers.Multiply()([x, weights])

    kinds = [op.kind for op in ops(graph_of(read_built(gate)))]
    assert kinds == ["global_avg_pool", "reshape", "dense", "dense", "multiply"]


def test_the_keys_of_outputs_are_kept() -> None:
    net = read_built(lambda k, L, x: {"b": L.ReLU(name="r")(x), "a": L.Conv2D(2, 1, name="c")(x)})
    assert graph_of(net).outputs == {"a": "c", "b": "r"}


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((None, None, 3), "takes any x any x 3"),
        ((7,), "takes 7;"),
        ((8, 8, 8, 1), "takes 8 x 8 x 8 x 1"),
    ],
)
def test_the_input_is_a_map_of_one_size(shape: tuple[int | None, ...], words: str) -> None:
    with pytest.raises(Inexpressible) as caught:
        translate(read_built(lambda k, L, x: L.Activation("relu")(x), shape), "m")
    assert caught.value.layers[0][0] == "picture" and words in caught.value.layers[0][1]


def test_an_open_size_may_be_given() -> None:
    net = read_built(lambda k, L, x: L.Conv2D(2, 3)(x), (None, None, 3))
    assert graph_of(with_input(net, (10, 12, 3))).input_shape == (10, 12, 3)
    with pytest.raises(Inexpressible, match="cannot be turned into 8x8x4"):
        with_input(net, (8, 8, 4))


def test_two_inputs_and_shared_weights_are_named() -> None:
    from archcompile.quiet import load_keras

    keras = load_keras()
    a, b = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    conv = keras.layers.Conv2D(4, 3, name="twin")
    model = keras.Model([a, b], keras.layers.Add()([conv(a), conv(b)]))
    with pytest.raises(Inexpressible) as caught:
        translate(read(model), "m")
    reasons = dict(caught.value.layers)
    assert (
        "a second input" in reasons["right"]
        and "called 2 times with the same weights" in reasons["twin"]
    )


def test_a_layer_without_weights_may_be_called_twice() -> None:
    def build(keras: Any, layers: Any, x: Any) -> Any:
        relu = layers.ReLU(name="again")
        return relu(layers.Conv2D(4, 1)(relu(x)))

    graph = graph_of(read_built(build))
    assert [actual.kind for actual in ops(graph)] == ["relu", "conv", "relu"]


def test_the_canonical_level_takes_operators_and_leaves_out_what_does_nothing() -> None:
    net = read_built(lambda k, L, x: L.Identity()(L.ReLU()(x) + x))
    assert [actual.kind for actual in ops(graph_of(net, canonical=True))] == ["relu", "add"]


def test_a_sigmoid_spelled_out_is_one_at_the_canonical_level() -> None:
    net = read_built(lambda k, L, x: L.Multiply()([x, L.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)]))
    assert [actual.kind for actual in ops(graph_of(net, canonical=True))] == [
        "hard_sigmoid",
        "multiply",
    ]
    with pytest.raises(Inexpressible, match=r"is the operation keras\.ops\.Add of a number"):
        graph_of(net)
    another = read_built(lambda k, L, x: L.Multiply()([x, L.ReLU(6.0)(x + 2.0) * (1.0 / 6.0)]))
    kinds = [actual.kind for actual in ops(graph_of(another, canonical=True))]
    assert kinds == ["rescale", "relu6", "rescale", "multiply"]
