"""Every op of the registry against the table in `rows.py`, and the same table against the real
Keras layers.
"""

from typing import Any, ClassVar

import pytest
from pydantic import Field, ValidationError

from archcompile.errors import ShapeError, SpecError
from archcompile.ops import REGISTRY, Input, Op, same_padding
from archcompile.ops.registry import op as register
from archcompile.spec.language.from_yaml import build
from archcompile.spec.yaml.strict_yaml import parse
from archcompile.spec.yaml.tree import Map
from tests.ops.conv_rows import CONV
from tests.ops.rows import ROWS, Bad, Good

GOOD = [
    pytest.param(kind, row, id=f"{kind}-{i}")
    for kind, (rows, _) in ROWS.items()
    for i, row in enumerate(rows)
]
BAD = [
    pytest.param(kind, row, id=f"{kind}-{i}")
    for kind, (_, rows) in ROWS.items()
    for i, row in enumerate(rows)
]


def make(kind: str, attributes: dict[str, Any]) -> Op:
    """The op that stands in the graph for these attributes."""
    return REGISTRY[kind](**attributes).lower()[-1]


def test_every_op_has_good_and_bad_rows_and_a_docstring() -> None:
    assert set(ROWS) == set(REGISTRY), "each op has rows in tests/ops/rows.py"
    assert [kind for kind, (good, bad) in ROWS.items() if not good or not bad] == []
    assert [
        kind
        for kind, op in REGISTRY.items()
        if len(op.__doc__ or "") < 4 or op.__doc__ is Op.__doc__
    ] == []
    assert {op.role for op in REGISTRY.values()} == {
        "conv",
        "dense",
        "norm",
        "act",
        "pool",
        "merge",
        "tensor",
    }


def test_an_op_without_words_names_the_file_to_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcompile.ops.registry.REGISTRY", {})

    class Blur(Op):
        """Mean of each pixel's surroundings."""

        kind: ClassVar[str] = "blur"
        size: int = Field(default=3, description="Extent of the window.")

    sentence = (
        r"test_ops.py: the attribute 'size' of the op 'blur' needs a description and "
        r"examples, .*examples="
    )
    with pytest.raises(ValueError, match=sentence):
        register(Blur)

    class Silent(Blur):
        size: int = Field(default=3, description="Extent of the window.", examples=[3])

    with pytest.raises(ValueError, match=r"test_ops.py: the op 'blur' needs a docstring"):
        register(Silent)


@pytest.mark.parametrize(("kind", "row"), GOOD)
def test_good(kind: str, row: Good) -> None:
    op = make(kind, row.attributes)
    assert op.shape(*row.inputs) == row.output
    assert [(w.name, w.shape, w.trainable) for w in op.weights(*row.inputs)] == row.weights
    assert op.macs(*row.inputs) == row.macs
    assert op.attention_macs(*row.inputs) == row.attention_macs
    assert (row.macs > 0) == op.is_weighted, "what counts as a layer of depth multiplies"
    assert op.label().strip()
    again = type(op).model_validate_json(op.model_dump_json(by_alias=True))
    assert again == op, "settings say all there is to say"


@pytest.mark.parametrize(("kind", "row"), BAD)
def test_bad(kind: str, row: Bad) -> None:
    tree = parse(_yaml(row.attributes), "op.yaml")
    assert isinstance(tree, Map)
    with pytest.raises((SpecError, ShapeError)) as caught:
        build(REGISTRY[kind], tree, kind).lower()[-1].shape(*row.inputs)
    error = caught.value
    assert (error.diagnostics[0].code if isinstance(error, SpecError) else error.code) == row.code
    assert len(str(error)) > 10


def _yaml(attributes: dict[str, Any]) -> str:
    import json

    return json.dumps(attributes)


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_ops_are_frozen_and_closed(kind: str) -> None:
    op = make(kind, ROWS[kind][0][0].attributes)
    with pytest.raises(ValidationError):
        REGISTRY[kind](**ROWS[kind][0][0].attributes, no_such_attribute=1)
    for name in type(op).model_fields:
        with pytest.raises(ValidationError):
            setattr(op, name, 1)


def test_merge_arity() -> None:
    assert {kind: op.arity for kind, op in REGISTRY.items() if op.arity != (1, 1)} == {
        **dict.fromkeys(("add", "average", "maximum", "multiply", "concat"), (2, None)),
        "subtract": (2, 2),
    }


def test_input() -> None:
    op = Input(dims=[32, 16, 3])
    assert (op.shape(), op.weights(), op.macs(), op.arity) == ((32, 16, 3), (), 0, (0, 0))
    assert op.call().kwargs == {"shape": (32, 16, 3)}
    for dims in ([], [1, 2, 3, 4], [0, 1, 1], [1.5], ["3"], [True]):
        with pytest.raises(ValidationError):
            Input(dims=dims)


# attributes of a conv of kernel k -> the pad's size (or None) and the conv's own padding
LOWERED = [
    ({"kernel": 3}, None, "same"),
    ({"kernel": 3, "padding": "valid"}, None, "valid"),
    ({"kernel": 3, "padding": "symmetric"}, None, "same"),
    ({"kernel": 3, "padding": "symmetric", "stride": 2}, (1, 1, 1, 1), "valid"),
    ({"kernel": 7, "padding": "symmetric", "stride": [2, 1]}, (3, 3, 3, 3), "valid"),
    ({"kernel": 4, "padding": "symmetric"}, (2, 2, 2, 2), "valid"),
    ({"kernel": [1, 5], "padding": "symmetric", "stride": 2}, (0, 0, 2, 2), "valid"),
    ({"kernel": 1, "padding": "symmetric", "stride": 2}, None, "valid"),
    ({"kernel": 3, "padding": "symmetric", "dilation": 2}, None, "same"),
    ({"kernel": 3, "padding": 2}, (2, 2, 2, 2), "valid"),
    ({"kernel": 3, "padding": 0}, None, "valid"),
    ({"kernel": 3, "padding": [0, 1, 0, 1]}, (0, 1, 0, 1), "valid"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["conv", "depthwise_conv"])
@pytest.mark.parametrize(("attributes", "pad", "padding"), LOWERED)
def test_padding_that_keras_cannot_express_becomes_a_pad(
    kind: str, attributes: dict[str, Any], pad: Any, padding: str
) -> None:
    if kind == "depthwise_conv" and attributes.get("stride") == [2, 1]:
        attributes = {**attributes, "stride": 2}
    ours = {"filters": 4} if kind == "conv" else {}
    *before, op = REGISTRY[kind](**ours, **attributes).lower()
    assert [p.size for p in before] == ([pad] if pad else [])  # type: ignore[attr-defined]
    assert op.padding == padding  # type: ignore[attr-defined]


def test_pairs_are_height_then_width() -> None:
    assert make("conv", {"filters": 1, "kernel": 3}) == make(
        "conv", {"filters": 1, "kernel": [3, 3]}
    )
    assert make("max_pool", {"size": [2, 1]}).shape((9, 9, 1)) == (4, 9, 1)


def test_settings_name_the_stride_a_pool_has() -> None:
    """So that the hash of a pool does not depend on whether its stride is written."""
    assert (
        make("max_pool", {"size": 2}).settings()
        == make("max_pool", {"size": 2, "stride": 2}).settings()
    )


GATES = {"sigmoid", "hard_sigmoid"}


def test_what_an_inputs_shape_says_is_left_out() -> None:
    """So that the hash of attention, or of a map, does not depend on whether it is written."""
    written = {"heads": 2, "head_channels": 2, "value_channels": 2, "units": 4}
    assert make("attention", written).shortest((12, 4)) == make("attention", {"heads": 2})
    for name in ("head_channels", "value_channels", "units"):
        changed = make("attention", {"heads": 2, name: 3})
        assert changed.shortest((12, 4)) == changed
    assert make("map", {"size": 3}).shortest((9, 4)) == make("map", {})
    assert make("map", {"size": [1, 9]}).shortest((9, 4)) == make("map", {"size": [1, 9]})


def test_attention_is_two_layers_of_depth() -> None:
    assert {kind: op.depth for kind, op in _first_ops() if op.depth > 1} == {"attention": 2}
    assert {op.depth for _, op in _first_ops() if not op.is_weighted} == {0}


def _first_ops() -> list[tuple[str, Op]]:
    return [(kind, make(kind, rows[0].attributes)) for kind, (rows, _) in ROWS.items()]


def test_gates() -> None:
    for kind, op in _first_ops():
        assert op.is_gate == (kind in GATES)
    assert make("dense", {"units": 1, "activation": "sigmoid"}).is_gate
    assert make("conv", {**CONV, "activation": "hard_sigmoid"}).is_gate
    assert [kind for kind, op in REGISTRY.items() if op.is_scaling] == ["multiply"]


# ---- the same rows against Keras -----------------------------------------------------------------

# ours -> the attribute of the Keras layer that must hold it, where the layer's shapes do not show
# it
PLAIN = {
    "conv": {
        "kernel": "kernel_size",
        "stride": "strides",
        "padding": "padding",
        "dilation": "dilation_rate",
        "groups": "groups",
        "bias": "use_bias",
    },
    "depthwise_conv": {
        "kernel": "kernel_size",
        "padding": "padding",
        "multiplier": "depth_multiplier",
        "bias": "use_bias",
    },
    "dense": {"units": "units", "bias": "use_bias"},
    "bn": {"momentum": "momentum", "epsilon": "epsilon", "scale": "scale", "center": "center"},
    "max_pool": {"size": "pool_size", "step": "strides", "padding": "padding"},
    "avg_pool": {"size": "pool_size", "step": "strides", "padding": "padding"},
    "global_avg_pool": {"keep_dims": "keepdims"},
    "global_max_pool": {"keep_dims": "keepdims"},
    "dropout": {"rate": "rate"},
    "rescale": {"scale": "scale", "offset": "offset"},
    "leaky_relu": {"slope": "negative_slope"},
    "separable_conv": {
        "kernel": "kernel_size",
        "padding": "padding",
        "multiplier": "depth_multiplier",
        "bias": "use_bias",
    },
    "conv_transpose": {
        "kernel": "kernel_size",
        "stride": "strides",
        "padding": "padding",
        "bias": "use_bias",
    },
    "layer_norm": {"epsilon": "epsilon", "scale": "scale", "center": "center"},
    "group_norm": {"groups": "groups", "epsilon": "epsilon", "scale": "scale", "center": "center"},
}


@pytest.mark.keras
@pytest.mark.parametrize(("kind", "row"), GOOD)
def test_keras_agrees(kind: str, row: Good) -> None:
    from archcompile.keras_model.build import apply
    from archcompile.keras_model.layer_calls import NamedCall
    from archcompile.quiet import load_keras

    keras = load_keras()
    op = make(kind, row.attributes)
    tensors: dict[int | str, Any] = {i: keras.Input(shape) for i, shape in enumerate(row.inputs)}
    for piece in op.pieces(*row.inputs):
        # the node is for those who lower it otherwise
        call = NamedCall(name=f"layer_{piece.suffix}", call=piece.call, sources=(), node=None)
        tensors[piece.suffix] = apply(call, [tensors[s] for s in piece.sources], keras)
    output = tensors[""]
    layer = keras.Model([tensors[i] for i in range(len(row.inputs))], output)
    assert output.shape == (None, *row.output)
    weights = [w for w in layer.weights if "seed" not in w.path]
    assert [tuple(w.shape) for w in weights] == [shape for _, shape, _ in row.weights]
    assert [w.trainable for w in weights] == [trainable for *_, trainable in row.weights]
    if len(op.pieces(*row.inputs)) == 1:
        layer = layer.layers[-1]
    for ours, keras_name in PLAIN.get(kind, {}).items():
        assert getattr(layer, keras_name) == getattr(op, ours), ours
    if kind == "attention":
        layer = layer.output_dense  # a layer of its own, like those of queries, keys and values
    prefix = "depthwise" if kind in ("depthwise_conv", "separable_conv") else "kernel"
    if "l2" in row.attributes:
        assert float(getattr(layer, f"{prefix}_regularizer").l2) == pytest.approx(
            row.attributes["l2"]
        )
    if "l1" in row.attributes:
        assert float(getattr(layer, f"{prefix}_regularizer").l1) == pytest.approx(
            row.attributes["l1"]
        )
    if isinstance(row.attributes.get("init"), str):
        expected = keras.initializers.get(row.attributes["init"])
        assert type(getattr(layer, f"{prefix}_initializer")) is type(expected)
    if "bias_init" in row.attributes:
        assert layer.bias_initializer.value == row.attributes["bias_init"]


@pytest.mark.keras
def test_activations_compute_what_they_are_called() -> None:
    """Ours against formulas, since a name alone (gelu, hard_sigmoid) leaves room for another
    function.
    """
    import math

    import numpy as np

    from archcompile.keras_model.build import realise
    from archcompile.quiet import load_keras

    def relu6(x: float) -> float:
        return min(max(x, 0.0), 6.0)

    formulas = {
        "relu": lambda x: max(x, 0),
        "relu6": relu6,
        "swish": lambda x: x / (1 + math.exp(-x)),
        "gelu": lambda x: x / 2 * (1 + math.erf(x / math.sqrt(2))),
        "elu": lambda x: x if x > 0 else math.expm1(x),
        # alpha and lambda of Klambauer et al. 2017, section 1
        "selu": lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * math.expm1(x)),
        "mish": lambda x: x * math.tanh(math.log1p(math.exp(x))),
        "hard_swish": lambda x: x * relu6(x + 3) / 6,
        "tanh": math.tanh,
        "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
        "hard_sigmoid": lambda x: relu6(x + 3) / 6,
        "leaky_relu": lambda x: max(x, 0.3 * x),
    }
    points = [-7.0, -2.5, -0.7, 0.0, 0.3, 1.9, 6.5]
    keras = load_keras()
    for kind, formula in formulas.items():
        actual = realise(REGISTRY[kind]().call(), keras)(np.array([points], "float32"))
        np.testing.assert_allclose(
            np.asarray(actual)[0], [formula(x) for x in points], rtol=1e-5, atol=1e-6, err_msg=kind
        )


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation", "zeros"),
    [
        (5, 3, 1, 1, 2),
        (5, 3, 1, 2, 4),
        (5, 3, 2, 1, 2),
        (6, 3, 2, 1, 1),
        (5, 1, 2, 1, 0),
        (6, 1, 2, 1, 0),
    ],
)
def test_zeros_of_same(size: int, kernel: int, stride: int, dilation: int, zeros: int) -> None:
    # the last window of 1 pixel and stride 2 ends before the end of 6 pixels: nothing is added
    assert same_padding(size, kernel, stride, dilation=dilation) == zeros
