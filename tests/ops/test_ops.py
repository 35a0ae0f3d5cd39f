"""Every op of the registry against one table, and the same table against the real Keras layers.

A row of GOOD: attributes, input shapes, output shape, weights as (name, shape, trainable), multiply-adds. All numbers are
worked out by hand from the layer's definition. A row of BAD: attributes and shapes that do not go, and the error's code.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import ValidationError

from archcompile.errors import ShapeError, SpecError
from archcompile.ops import REGISTRY, Input, Op, Shape
from archcompile.spec.read import build
from archcompile.spec.strict_yaml import parse
from archcompile.spec.tree import Map

MAP = (8, 6, 4)


@dataclass(frozen=True)
class Good:
    attributes: dict[str, Any]
    inputs: tuple[Shape, ...]
    output: Shape
    weights: list[tuple[str, Shape, bool]] = field(default_factory=list)
    macs: int = 0


@dataclass(frozen=True)
class Bad:
    attributes: dict[str, Any]
    inputs: tuple[Shape, ...] = (MAP,)
    code: str = "shape-mismatch"


def act(**attributes: Any) -> list[Good]:
    return [Good(attributes, (MAP,), MAP), Good(attributes, ((10,),), (10,))]


def kernel(*shape: int) -> tuple[str, Shape, bool]:
    return ("kernel", shape, True)


def bias(n: int) -> tuple[str, Shape, bool]:
    return ("bias", (n,), True)


def channels(n: int, *names: str) -> list[tuple[str, Shape, bool]]:
    return [(name, (n,), not name.startswith("moving")) for name in names]


CONV = {"filters": 16, "kernel": 3}
ROWS: dict[str, tuple[list[Good], list[Bad]]] = {
    "conv": (
        [
            Good(CONV, (MAP,), (8, 6, 16), [kernel(3, 3, 4, 16), bias(16)], 8 * 6 * 9 * 4 * 16),
            Good({**CONV, "stride": 2}, ((7, 6, 4),), (4, 3, 16), [kernel(3, 3, 4, 16), bias(16)], 4 * 3 * 9 * 4 * 16),
            Good({**CONV, "padding": "valid", "bias": False}, (MAP,), (6, 4, 16), [kernel(3, 3, 4, 16)], 6 * 4 * 9 * 64),
            Good({"filters": 8, "kernel": [1, 5], "stride": [2, 1]}, (MAP,), (4, 6, 8), [kernel(1, 5, 4, 8), bias(8)],
                 4 * 6 * 5 * 4 * 8),
            Good({**CONV, "groups": 2}, (MAP,), (8, 6, 16), [kernel(3, 3, 2, 16), bias(16)], 8 * 6 * 9 * 2 * 16),
            Good({**CONV, "dilation": 2, "padding": "valid"}, (MAP,), (4, 2, 16), [kernel(3, 3, 4, 16), bias(16)],
                 4 * 2 * 9 * 4 * 16),
            Good({**CONV, "init": {"variance_scaling": {"scale": 2, "mode": "fan_out"}}, "bias_init": -1.5, "l2": 1e-4,
                  "activation": "swish"}, (MAP,), (8, 6, 16), [kernel(3, 3, 4, 16), bias(16)], 8 * 6 * 9 * 4 * 16),
            Good({**CONV, "init": {"normal": {"std": 0.01}}}, (MAP,), (8, 6, 16), [kernel(3, 3, 4, 16), bias(16)],
                 8 * 6 * 9 * 4 * 16),
        ],
        [
            Bad({**CONV, "groups": 3}, code="groups-do-not-divide"),
            Bad({"filters": 6, "kernel": 1, "groups": 4}, code="groups-do-not-divide"),
            Bad({"filters": 1, "kernel": 9, "padding": "valid"}, code="window-too-large"),
            Bad({"filters": 1, "kernel": [9, 1], "padding": "valid"}, code="window-too-large"),
            Bad({"filters": 1, "kernel": 4, "dilation": 3, "padding": "valid"}, code="window-too-large"),
            Bad({**CONV, "stride": 2, "dilation": 2}, code="out-of-range"),
            Bad(CONV, ((10,),)),
            Bad({"filters": 16}, code="missing-key"),
            Bad({**CONV, "filters": 0}, code="out-of-range"),
            Bad({**CONV, "filters": True}, code="wrong-type"),
            Bad({**CONV, "kernel": [3, 3, 3]}, code="wrong-type"),
            Bad({**CONV, "kernel": [3]}, code="wrong-type"),
            Bad({**CONV, "kernel": "3"}, code="wrong-type"),
            Bad({**CONV, "padding": "full"}, code="wrong-type"),
            Bad({**CONV, "padding": -1}, code="out-of-range"),
            Bad({**CONV, "padding": [1, 1]}, code="wrong-type"),
            Bad({**CONV, "l2": -1e-4}, code="out-of-range"),
            Bad({**CONV, "init": "he"}, code="wrong-type"),
            Bad({**CONV, "init": {}}, code="out-of-range"),
            Bad({**CONV, "init": {"normal": None}}, code="out-of-range"),
            Bad({**CONV, "init": {"normal": {"std": 1}, "constant": {"value": 1}}}, code="out-of-range"),
            Bad({**CONV, "activation": "leaky_relu"}, code="wrong-type"),
            Bad({**CONV, "strides": 2}, code="unknown-key"),
        ],
    ),
    "depthwise_conv": (
        [
            Good({"kernel": 3}, (MAP,), (8, 6, 4), [kernel(3, 3, 4, 1), bias(4)], 8 * 6 * 4 * 9),
            Good({"kernel": [3, 5], "multiplier": 2, "stride": 2, "bias": False}, ((7, 6, 4),), (4, 3, 8),
                 [kernel(3, 5, 4, 2)], 4 * 3 * 8 * 15),
            Good({"kernel": 3, "dilation": 2, "init": "he_normal", "l2": 1e-3}, (MAP,), (8, 6, 4),
                 [kernel(3, 3, 4, 1), bias(4)], 8 * 6 * 4 * 9),
        ],
        [
            Bad({"kernel": 3, "stride": [1, 2]}, code="out-of-range"),
            Bad({"kernel": 9, "padding": "valid"}, code="window-too-large"),
            Bad({"kernel": 3}, ((4,),)),
            Bad({"kernel": 3, "filters": 4}, code="unknown-key"),
        ],
    ),
    "separable_conv": (
        [
            Good({"filters": 8, "kernel": 3}, (MAP,), (8, 6, 8),
                 [("depthwise_kernel", (3, 3, 4, 1), True), ("pointwise_kernel", (1, 1, 4, 8), True), bias(8)],
                 8 * 6 * 4 * 9 + 8 * 6 * 4 * 8),
            Good({"filters": 8, "kernel": 3, "stride": 2, "multiplier": 2, "bias": False, "init": "he_normal", "l2": 1e-4},
                 (MAP,), (4, 3, 8),
                 [("depthwise_kernel", (3, 3, 4, 2), True), ("pointwise_kernel", (1, 1, 8, 8), True)],
                 4 * 3 * 8 * 9 + 4 * 3 * 8 * 8),
        ],
        [Bad({"filters": 8, "kernel": 3, "stride": [1, 2]}, code="out-of-range"), Bad({"kernel": 3}, code="missing-key"),
         Bad({"filters": 8, "kernel": 3}, ((4,),)), Bad({"filters": 8, "kernel": 3, "groups": 2}, code="unknown-key")],
    ),
    "dense": (
        [
            Good({"units": 10}, ((64,),), (10,), [kernel(64, 10), bias(10)], 640),
            Good({"units": 10, "bias": False, "activation": "softmax", "l2": 0.5, "init": "zeros"}, ((64,),), (10,),
                 [kernel(64, 10)], 640),
        ],
        [Bad({"units": 10}, ((1, 1, 64),)), Bad({"units": 0}, ((4,),), "out-of-range"), Bad({}, ((4,),), "missing-key")],
    ),
    "bn": (
        [
            Good({}, (MAP,), MAP, channels(4, "gamma", "beta", "moving_mean", "moving_variance")),
            Good({"scale": False, "epsilon": 1.001e-5, "momentum": 0.9}, ((12,),), (12,),
                 channels(12, "beta", "moving_mean", "moving_variance")),
            Good({"center": False}, (MAP,), MAP, channels(4, "gamma", "moving_mean", "moving_variance")),
        ],
        [Bad({"epsilon": 0}, code="out-of-range"), Bad({"momentum": 1.5}, code="out-of-range"),
         Bad({"scale": "yes"}, code="wrong-type")],
    ),
    "layer_norm": (
        [Good({}, (MAP,), MAP, channels(4, "gamma", "beta")),
         Good({"epsilon": 1e-6, "center": False}, ((7,),), (7,), channels(7, "gamma"))],
        [Bad({"epsilon": 0}, code="out-of-range"), Bad({"groups": 2}, code="unknown-key")],
    ),
    "group_norm": (
        [Good({"groups": 2}, (MAP,), MAP, channels(4, "gamma", "beta")),
         Good({"groups": 4, "scale": False, "epsilon": 1e-5}, (MAP,), MAP, channels(4, "beta"))],
        [Bad({"groups": 3}, code="groups-do-not-divide"), Bad({}, code="groups-do-not-divide"),
         Bad({"groups": 0}, code="out-of-range")],
    ),
    "lrn": (
        [Good({}, (MAP,), MAP), Good({"size": 3, "alpha": 0.5, "beta": 0.5, "bias": 2}, (MAP,), MAP)],
        [Bad({"size": 4}, code="out-of-range"), Bad({}, ((4,),)), Bad({"bias": 0}, code="out-of-range")],
    ),
    "layer_scale": (
        [Good({"value": 1e-6}, (MAP,), MAP, channels(4, "gamma")), Good({"value": 1}, ((5,),), (5,), channels(5, "gamma"))],
        [Bad({}, code="missing-key")],
    ),
    "normalize": (
        [Good({"mean": [0, 1, 2, 3], "variance": [1, 1, 2, 2]}, (MAP,), MAP),
         Good({}, (MAP,), MAP, [("mean", (4,), False), ("variance", (4,), False), ("count", (), False)])],
        [Bad({"mean": [0, 1], "variance": [1, 1]}), Bad({"mean": [0]}, code="out-of-range"),
         Bad({"mean": [0, 0, 0, 0], "variance": [1, 1, 0, 1]}, code="out-of-range"), Bad({"mean": 0}, code="wrong-type")],
    ),
    "subsample": (
        [Good({"stride": 2}, ((7, 6, 4),), (4, 3, 4)), Good({"stride": [3, 1]}, (MAP,), (3, 6, 4))],
        [Bad({}, code="missing-key"), Bad({"stride": 2}, ((4,),)), Bad({"stride": 0}, code="out-of-range")],
    ),
    "crop": (
        [Good({"size": 1}, (MAP,), (6, 4, 4)), Good({"size": [0, 1, 2, 3]}, (MAP,), (7, 1, 4))],
        [Bad({"size": 3}, code="window-too-large"), Bad({"size": [4, 4, 0, 0]}, code="window-too-large"), Bad({"size": 1}, ((4,),))],
    ),
    "pad_channels": (
        [Good({"after": 4}, (MAP,), (8, 6, 8)), Good({"before": 1, "after": 2}, (MAP,), (8, 6, 7))],
        [Bad({"after": 1}, ((4,),)), Bad({"before": -1}, code="out-of-range")],
    ),
    "drop_path": (
        act(drop_rate=0.2) + act(drop_rate=0.5, per="batch", scale_at="test"),
        [Bad({}, code="missing-key"), Bad({"drop_rate": 1}, code="out-of-range"), Bad({"drop_rate": 0, "per": "pixel"}, code="wrong-type"),
         Bad({"rate": 0.1}, code="unknown-key")],
    ),
    "max_pool": (
        [
            Good({"size": 2}, ((7, 6, 4),), (3, 3, 4)),
            Good({"size": 3, "stride": 2, "padding": "same"}, ((7, 6, 4),), (4, 3, 4)),
            Good({"size": [2, 3], "stride": [1, 2]}, (MAP,), (7, 2, 4)),
        ],
        [Bad({"size": 9}, code="window-too-large"), Bad({}, code="missing-key"), Bad({"size": 2}, ((4,),)),
         Bad({"size": 2, "padding": "symmetric"}, code="wrong-type")],
    ),
    "avg_pool": (
        [Good({"size": [8, 6]}, (MAP,), (1, 1, 4)), Good({"size": 3, "stride": 1, "padding": "same"}, (MAP,), MAP)],
        [Bad({"size": [8, 7]}, code="window-too-large"), Bad({"size": 0}, code="out-of-range")],
    ),
    "global_avg_pool": (
        [Good({}, (MAP,), (4,)), Good({"keep_dims": True}, (MAP,), (1, 1, 4))], [Bad({}, ((4,),))]),
    "global_max_pool": (
        [Good({}, (MAP,), (4,)), Good({"keep_dims": True}, (MAP,), (1, 1, 4))], [Bad({}, ((4,),))]),
    "flatten": ([Good({}, (MAP,), (192,)), Good({}, ((5,),), (5,))], [Bad({"order": 1}, code="unknown-key")]),
    "reshape": (
        [Good({"shape": [192]}, (MAP,), (192,)), Good({"shape": [4, 2, 1]}, ((8,),), (4, 2, 1))],
        [Bad({"shape": [191]}), Bad({"shape": []}, code="wrong-type"), Bad({"shape": [-1]}, code="out-of-range")],
    ),
    "dropout": (
        act(rate=0.2) + act(rate=0),
        [Bad({"rate": 1}, code="out-of-range"), Bad({"rate": -0.1}, code="out-of-range"), Bad({}, code="missing-key")],
    ),
    "pad": (
        [Good({"size": 1}, (MAP,), (10, 8, 4)), Good({"size": [0, 1, 2, 3]}, (MAP,), (9, 11, 4))],
        [Bad({"size": 1}, ((4,),)), Bad({"size": [1, 1]}, code="wrong-type"), Bad({"size": -1}, code="out-of-range")],
    ),
    "upsample": (
        [Good({"size": 2}, (MAP,), (16, 12, 4)), Good({"size": [1, 3]}, (MAP,), (8, 18, 4))],
        [Bad({"size": 2}, ((4,),)), Bad({"size": 0}, code="out-of-range")],
    ),
    "rescale": (act(scale=-1, offset=1) + act(scale=0.5), [Bad({}, code="missing-key"), Bad({"scale": "x"}, code="wrong-type")]),
    "concat": (
        [Good({}, (MAP, (8, 6, 3), MAP), (8, 6, 11)), Good({}, ((3,), (4,)), (7,))],
        [Bad({}, (MAP, (8, 5, 4))), Bad({}, (MAP, (4,))), Bad({}, ((1, 1, 4), (4,)))],
    ),
    "multiply": (
        [Good({}, (MAP, MAP), MAP), Good({}, (MAP, (1, 1, 4)), MAP), Good({}, ((1, 1, 4), MAP), MAP),
         Good({}, ((1, 1, 4), (1, 1, 4)), (1, 1, 4)), Good({}, ((4,), (4,)), (4,))],
        [Bad({}, (MAP, (1, 1, 1))), Bad({}, (MAP, (4,))), Bad({}, (MAP, (8, 1, 4))), Bad({}, (MAP, (4, 3, 4)))],
    ),
    "leaky_relu": (act() + act(slope=0.01), [Bad({"slope": -1}, code="out-of-range"), Bad({"alpha": 1}, code="unknown-key")]),
    "activation": (
        act(kind="hard_swish"),
        [Bad({"kind": "elu"}, code="wrong-type"), Bad({}, code="missing-key"), Bad({"kind": "leaky_relu"}, code="wrong-type")],
    ),
    **{kind: ([Good({}, (MAP, MAP), MAP), Good({}, ((3,), (3,), (3,)), (3,))],
              [Bad({}, (MAP, (8, 6, 1))), Bad({}, (MAP, (4,))), Bad({"axis": 1}, (MAP, MAP), "unknown-key")])
       for kind in ("add", "average", "maximum")},
    "subtract": ([Good({}, (MAP, MAP), MAP)], [Bad({}, (MAP, (1, 1, 4)))]),
    **{kind: (act(), [Bad({"slope": 1}, code="unknown-key")])
       for kind in ("relu", "relu6", "swish", "gelu", "hard_swish", "tanh", "sigmoid", "hard_sigmoid", "softmax")},
}  # fmt: skip

GOOD = [pytest.param(kind, row, id=f"{kind}-{i}") for kind, (rows, _) in ROWS.items() for i, row in enumerate(rows)]
BAD = [pytest.param(kind, row, id=f"{kind}-{i}") for kind, (_, rows) in ROWS.items() for i, row in enumerate(rows)]


def make(kind: str, attributes: dict[str, Any]) -> Op:
    """The op that stands in the graph for these attributes."""
    return REGISTRY[kind](**attributes).lowered()[-1]


def test_every_op_has_good_and_bad_rows_and_a_docstring() -> None:
    assert set(ROWS) == set(REGISTRY)
    assert [kind for kind, (good, bad) in ROWS.items() if not good or not bad] == []
    assert [kind for kind, op in REGISTRY.items() if len(op.__doc__ or "") < 4 or op.__doc__ is Op.__doc__] == []
    assert {op.role for op in REGISTRY.values()} == {"conv", "dense", "norm", "act", "pool", "merge", "tensor"}


@pytest.mark.parametrize(("kind", "row"), GOOD)
def test_good(kind: str, row: Good) -> None:
    op = make(kind, row.attributes)
    assert op.shape(*row.inputs) == row.output
    assert [(w.name, w.shape, w.trainable) for w in op.weights(*row.inputs)] == row.weights
    assert op.macs(*row.inputs) == row.macs
    assert (row.macs > 0) == op.weighted, "what counts as a layer of depth multiplies"
    assert op.label().strip()
    again = type(op).model_validate_json(op.model_dump_json(by_alias=True))
    assert again == op, "settings say all there is to say"


@pytest.mark.parametrize(("kind", "row"), BAD)
def test_bad(kind: str, row: Bad) -> None:
    tree = parse(_yaml(row.attributes), "op.yaml")
    assert isinstance(tree, Map)
    with pytest.raises((SpecError, ShapeError)) as caught:
        build(REGISTRY[kind], tree, kind).lowered()[-1].shape(*row.inputs)
    error = caught.value
    assert (error.diagnostics[0].code if isinstance(error, SpecError) else error.code) == row.code
    assert len(str(error)) > 10


def _yaml(attributes: dict[str, Any]) -> str:
    import json

    return json.dumps(attributes)


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_ops_are_frozen_and_closed(kind: str) -> None:
    op = make(kind, ROWS[kind][0][0].attributes)
    with pytest.raises(ValidationError):
        REGISTRY[kind](**ROWS[kind][0][0].attributes, no_such_attribute=1)
    for name in type(op).model_fields:
        with pytest.raises(ValidationError):
            setattr(op, name, 1)


def test_merge_arity() -> None:
    assert {kind: op.arity for kind, op in REGISTRY.items() if op.arity != (1, 1)} == {
        **dict.fromkeys(("add", "average", "maximum", "multiply", "concat"), (2, None)), "subtract": (2, 2)}  # fmt: skip


def test_input() -> None:
    op = Input(dims=[32, 16, 3])
    assert (op.shape(), op.weights(), op.macs(), op.arity) == ((32, 16, 3), (), 0, (0, 0))
    assert op.call().kwargs == {"shape": (32, 16, 3)}
    for dims in ([], [1, 2, 3, 4], [0, 1, 1], [1.5], ["3"], [True]):
        with pytest.raises(ValidationError):
            Input(dims=dims)


LOWERED = [  # attributes of a conv of kernel k -> the pad's size (or None) and the conv's own padding
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
def test_padding_that_keras_cannot_express_becomes_a_pad(kind: str, attributes: dict[str, Any], pad: Any, padding: str) -> None:
    if kind == "depthwise_conv" and attributes.get("stride") == [2, 1]:
        attributes = {**attributes, "stride": 2}
    own = {"filters": 4} if kind == "conv" else {}
    *before, op = REGISTRY[kind](**own, **attributes).lowered()
    assert [p.size for p in before] == ([pad] if pad else [])  # type: ignore[attr-defined]
    assert op.padding == padding  # type: ignore[attr-defined]


def test_pairs_are_height_then_width() -> None:
    assert make("conv", {"filters": 1, "kernel": 3}) == make("conv", {"filters": 1, "kernel": [3, 3]})
    assert make("max_pool", {"size": [2, 1]}).shape((9, 9, 1)) == (4, 9, 1)


def test_settings_name_the_stride_a_pool_has() -> None:
    """So that the hash of a pool does not depend on whether its stride is written."""
    assert make("max_pool", {"size": 2}).settings() == make("max_pool", {"size": 2, "stride": 2}).settings()


GATES = {"sigmoid", "hard_sigmoid"}


def test_gates() -> None:
    for kind, op in ((kind, make(kind, rows[0].attributes)) for kind, (rows, _) in ROWS.items()):
        assert op.is_gate == (kind in GATES)
    assert make("dense", {"units": 1, "activation": "sigmoid"}).is_gate
    assert make("conv", {**CONV, "activation": "hard_sigmoid"}).is_gate
    assert [kind for kind, op in REGISTRY.items() if op.scales] == ["multiply"]


# ---- the same rows against Keras -------------------------------------------------------------------------------------

PLAIN = {  # ours -> the attribute of the Keras layer that must hold it, where the layer's shapes do not show it
    "conv": {"kernel": "kernel_size", "stride": "strides", "padding": "padding", "dilation": "dilation_rate",
             "groups": "groups", "bias": "use_bias"},
    "depthwise_conv": {"kernel": "kernel_size", "padding": "padding", "multiplier": "depth_multiplier", "bias": "use_bias"},
    "dense": {"units": "units", "bias": "use_bias"},
    "bn": {"momentum": "momentum", "epsilon": "epsilon", "scale": "scale", "center": "center"},
    "max_pool": {"size": "pool_size", "step": "strides", "padding": "padding"},
    "avg_pool": {"size": "pool_size", "step": "strides", "padding": "padding"},
    "global_avg_pool": {"keep_dims": "keepdims"}, "global_max_pool": {"keep_dims": "keepdims"},
    "dropout": {"rate": "rate"}, "rescale": {"scale": "scale", "offset": "offset"},
    "leaky_relu": {"slope": "negative_slope"},
    "separable_conv": {"kernel": "kernel_size", "padding": "padding", "multiplier": "depth_multiplier", "bias": "use_bias"},
    "layer_norm": {"epsilon": "epsilon", "scale": "scale", "center": "center"},
    "group_norm": {"groups": "groups", "epsilon": "epsilon", "scale": "scale", "center": "center"},
}  # fmt: skip


@pytest.mark.keras
@pytest.mark.parametrize(("kind", "row"), GOOD)
def test_keras_agrees(kind: str, row: Good) -> None:
    from archcompile.emit.keras_model import apply
    from archcompile.quiet import load_keras

    keras = load_keras()
    op = make(kind, row.attributes)
    tensors: dict[int | str, Any] = {i: keras.Input(shape) for i, shape in enumerate(row.inputs)}
    for piece in op.pieces(*row.inputs):
        tensors[piece.suffix] = apply(piece.call, f"layer_{piece.suffix}", [tensors[s] for s in piece.sources], keras)
    output = tensors[""]
    layer = keras.Model([tensors[i] for i in range(len(row.inputs))], output)
    assert output.shape == (None, *row.output)
    weights = [w for w in layer.weights if "seed" not in w.path]
    assert [tuple(w.shape) for w in weights] == [shape for _, shape, _ in row.weights]
    assert [w.trainable for w in weights] == [trainable for *_, trainable in row.weights]
    if len(op.pieces(*row.inputs)) == 1:
        layer = layer.layers[-1]
    for ours, theirs in PLAIN.get(kind, {}).items():
        assert getattr(layer, theirs) == getattr(op, ours), ours
    prefix = "kernel" if kind in ("conv", "dense") else "depthwise"
    if "l2" in row.attributes:
        assert float(getattr(layer, f"{prefix}_regularizer").l2) == pytest.approx(row.attributes["l2"])
    if isinstance(row.attributes.get("init"), str):
        expected = keras.initializers.get(row.attributes["init"])
        assert type(getattr(layer, f"{prefix}_initializer")) is type(expected)
    if "bias_init" in row.attributes:
        assert layer.bias_initializer.value == row.attributes["bias_init"]


@pytest.mark.keras
def test_activations_compute_what_they_are_called() -> None:
    """Ours against formulas, since a name alone (gelu, hard_sigmoid) leaves room for another function."""
    import math

    import numpy as np

    from archcompile.emit.keras_model import realise
    from archcompile.quiet import load_keras

    def relu6(x: float) -> float:
        return min(max(x, 0.0), 6.0)

    formulas = {
        "relu": lambda x: max(x, 0), "relu6": relu6, "swish": lambda x: x / (1 + math.exp(-x)),
        "gelu": lambda x: x / 2 * (1 + math.erf(x / math.sqrt(2))), "hard_swish": lambda x: x * relu6(x + 3) / 6,
        "tanh": math.tanh, "sigmoid": lambda x: 1 / (1 + math.exp(-x)), "hard_sigmoid": lambda x: relu6(x + 3) / 6,
        "leaky_relu": lambda x: max(x, 0.3 * x),
    }  # fmt: skip
    points = [-7.0, -2.5, -0.7, 0.0, 0.3, 1.9, 6.5]
    keras = load_keras()
    for kind, formula in formulas.items():
        found = realise(REGISTRY[kind]().call(), keras)(np.array([points], "float32"))
        np.testing.assert_allclose(np.asarray(found)[0], [formula(x) for x in points], rtol=1e-5, atol=1e-6, err_msg=kind)
