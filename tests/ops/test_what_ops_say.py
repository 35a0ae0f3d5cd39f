"""What ops say of themselves beside shapes and weights: Keras calls, labels, views, what training
holds, means.

All of it is worked out by hand: the calls from Keras' pages, where a setting that is Keras' default
is left out; the others from what each layer does.
"""

from fractions import Fraction
from typing import Any

import pytest

from archcompile.ops import Input, Shape
from archcompile.ops.base import KeptForBackward, View
from tests.ops.test_ops import make

MAP = (8, 6, 4)
SIZE = 8 * 6 * 4
CONV = {"filters": 16, "kernel": 3}
CONV_CALL = {"filters": 16, "kernel_size": 3, "padding": "same"}


LABELS: list[tuple[str, dict[str, Any], str]] = [
    ("conv", CONV, "3x3 conv, 16"),
    ("conv", {**CONV, "stride": 2, "groups": 4}, "3x3 conv, 16, /2, 4 groups"),
    ("conv", {"filters": 1, "kernel": [1, 5], "stride": [2, 1]}, "1x5 conv, 1, /2x1"),
    (
        "conv",
        {"filters": 1, "kernel": 1, "stride": [1, 2], "groups": 2},
        "1x1 conv, 1, /1x2, 2 groups",
    ),
    ("conv", {**CONV, "dilation": 12}, "3x3 conv, 16, dilation 12"),
    ("depthwise_conv", {"kernel": 3, "dilation": [4, 1]}, "3x3 depthwise, dilation 4x1"),
    ("depthwise_conv", {"kernel": 3}, "3x3 depthwise"),
    ("depthwise_conv", {"kernel": 3, "stride": 2}, "3x3 depthwise, /2"),
    ("separable_conv", {**CONV, "stride": 2}, "3x3 separable, 16, /2"),
    ("separable_conv", {**CONV, "dilation": 2}, "3x3 separable, 16, dilation 2"),
    ("conv_transpose", CONV, "3x3 conv transpose, 16"),
    ("conv_transpose", {**CONV, "stride": [2, 1]}, "3x3 conv transpose, 16, x2x1"),
    ("dense", {"units": 10}, "dense 10"),
    ("dense", {"units": 10, "activation": "softmax"}, "dense 10, softmax"),
    ("dense", {"units": 4, "per": "position"}, "dense 4 per position"),
    ("attention", {"heads": 8, "head_channels": 4}, "attention, 8 heads"),
    ("attention", {"heads": 1}, "attention, 1 head"),
    ("tokens", {}, "tokens"),
    ("map", {"size": 2}, "map"),
    ("max_pool", {"size": 2}, "max pool 2x2"),
    ("max_pool", {"size": 3, "stride": 2}, "max pool 3x3, /2"),
    ("avg_pool", {"size": [8, 6]}, "avg pool 8x6"),
    ("avg_pool", {"size": 3, "stride": 1}, "avg pool 3x3"),
    ("blur_pool", {}, "blur pool 3x3, /2"),
    ("subsample", {"stride": 2}, "subsample, /2"),
    ("global_avg_pool", {}, "global avg pool"),
    ("pad", {"size": 1}, "pad 1"),
    ("pad", {"size": [0, 1, 0, 1]}, "pad 0,1,0,1"),
    ("crop", {"size": 2}, "crop 2"),
    ("crop", {"size": [1, 1, 1, 2]}, "crop 1,1,1,2"),
    ("pad_channels", {"before": 1, "after": 2}, "pad channels 1,2"),
    ("slice_channels", {"start": 4, "channels": 4}, "channels 4 to 7"),
    ("slice_channels", {"channels": 1}, "channels 0"),
    ("shuffle_channels", {"groups": 2}, "shuffle channels, 2 groups"),
    ("permute", {"axes": ["width", "height", "channels"]}, "permute to WxHxC"),
    ("permute", {"axes": ["channels", "tokens"]}, "permute to CxT"),
    ("depth_to_space", {"size": 2}, "depth to space 2x2"),
    ("space_to_depth", {"size": [1, 2]}, "space to depth 1x2"),
    ("upsample", {"size": 2}, "upsample 2x2"),
    ("upsample", {"size": [1, 3]}, "upsample 1x3"),
    ("upsample", {"size": 2, "interpolation": "bilinear"}, "upsample 2x2, bilinear"),
    ("resize", {"to": [9, 3]}, "resize 9x3"),
    ("resize", {"to": 9, "interpolation": "nearest"}, "resize 9x9, nearest"),
    ("dropout", {"rate": 0.2}, "dropout 0.2"),
    ("drop_path", {"drop_rate": 0.12345}, "drop path 0.123"),
    ("rescale", {"scale": -1, "offset": 1}, "-1 x +1"),
    ("rescale", {"scale": 0.5}, "0.5 x"),
    ("bn", {}, "batch norm"),
    ("lrn", {}, "local response norm"),
    ("relu", {}, "relu"),
    ("hard_swish", {}, "hard swish"),
    ("mish", {}, "mish"),
    ("flatten", {}, "flatten"),
    ("add", {}, "+"),
    ("subtract", {}, "-"),
    ("multiply", {}, "×"),
]


@pytest.mark.parametrize(
    ("kind", "attributes", "label"), LABELS, ids=[label for *_, label in LABELS]
)
def test_label(kind: str, attributes: dict[str, Any], label: str) -> None:
    assert make(kind, attributes).label() == label


def test_the_inputs_label() -> None:
    assert (Input(dims=[8, 6, 4]).label(), Input(dims=[4]).label()) == ("input 8x6x4", "input 4")


PIXEL, ALL = View((1, 1), (1, 1)), View((8, 6), (0, 0))
STRETCHED = View((1, 1), (0, 0))
VIEWS: list[tuple[str, dict[str, Any], tuple[Shape, ...], tuple[View, ...]]] = [
    ("conv", CONV, (MAP,), (View((3, 3), (1, 1)),)),
    ("conv_transpose", {**CONV, "stride": [2, 1]}, (MAP,), (View((2, 3), (Fraction(1, 2), 1)),)),
    ("conv", {"filters": 1, "kernel": [3, 2], "dilation": [4, 1]}, (MAP,), (View((9, 2), (1, 1)),)),
    ("conv", {"filters": 1, "kernel": [2, 3], "dilation": [1, 4]}, (MAP,), (View((2, 9), (1, 1)),)),
    ("depthwise_conv", {"kernel": [3, 5], "stride": 2}, (MAP,), (View((3, 5), (2, 2)),)),
    ("max_pool", {"size": [3, 2]}, (MAP,), (View((3, 2), (3, 2)),)),
    ("avg_pool", {"size": 3, "stride": [1, 2]}, (MAP,), (View((3, 3), (1, 2)),)),
    ("blur_pool", {"size": 4, "stride": [1, 2]}, (MAP,), (View((4, 4), (1, 2)),)),
    ("subsample", {"stride": [3, 1]}, (MAP,), (View((1, 1), (3, 1)),)),
    ("global_max_pool", {"keep_dims": True}, (MAP,), (ALL,)),
    ("upsample", {"size": [1, 3]}, (MAP,), (View((1, 1), (1, Fraction(1, 3))),)),
    (
        "upsample",
        {"size": [1, 3], "interpolation": "bilinear"},
        (MAP,),
        (View((1, 2), (1, Fraction(1, 3))),),
    ),
    ("slice_channels", {"channels": 2}, (MAP,), (PIXEL,)),
    ("shuffle_channels", {"groups": 2}, (MAP,), (PIXEL,)),
    ("depth_to_space", {"size": [2, 1]}, (MAP,), (View((1, 1), (Fraction(1, 2), 1)),)),
    ("space_to_depth", {"size": [2, 3]}, (MAP,), (View((2, 3), (2, 3)),)),
    ("permute", {"axes": ["height", "width", "channels"]}, (MAP,), (PIXEL,)),
    ("permute", {"axes": ["width", "height", "channels"]}, (MAP,), (View(is_turned=True),)),
    # an axis that becomes the channels is seen as a whole
    ("permute", {"axes": ["height", "channels", "width"]}, (MAP,), (View((1, 6), (1, 0)),)),
    ("permute", {"axes": ["channels", "width", "height"]}, (MAP,), (View((8, 1), (0, 1)),)),
    (
        "permute",
        {"axes": ["channels", "height", "width"]},
        (MAP,),
        (View((1, 6), (1, 0), is_turned=True),),
    ),
    (
        "permute",
        {"axes": ["width", "channels", "height"]},
        (MAP,),
        (View((8, 1), (0, 1), is_turned=True),),
    ),
    ("permute", {"axes": ["channels", "tokens"]}, ((12, 4),), (View((12, 1), (0, 0)),)),
    ("resize", {"to": [12, 6]}, (MAP,), (View((2, 1), (Fraction(2, 3), 1)),)),
    # the middle of three pixels is that of one, the middle of two is between them
    ("resize", {"to": [4, 2]}, (MAP,), (View((2, 1), (2, 3)),)),
    ("resize", {"to": [1, 7]}, ((5, 1, 4),), (View((1, 1), (5, Fraction(1, 7))),)),
    (
        "resize",
        {"to": [12, 4], "interpolation": "nearest"},
        (MAP,),
        (View((1, 1), (Fraction(2, 3), Fraction(3, 2))),),
    ),
    ("attention", {"heads": 2}, (MAP,), (ALL,)),
    ("attention", {"heads": 2}, ((12, 4),), (View((12, 1), (0, 0)),)),
    ("tokens", {}, (MAP,), (ALL,)),
    ("map", {}, ((9, 4),), (View((9, 1), (0, 0)),)),
    ("flatten", {}, (MAP,), (ALL,)),
    ("flatten", {}, ((5,),), (STRETCHED,)),
    ("reshape", {"shape": [8, 6, 4]}, (MAP,), (PIXEL,)),
    ("reshape", {"shape": [8, 3, 8]}, (MAP,), (ALL,)),
    ("reshape", {"shape": [4, 6, 8]}, (MAP,), (ALL,)),
    ("reshape", {"shape": [192]}, (MAP,), (ALL,)),
    ("reshape", {"shape": [1, 1, 5]}, ((5,),), (STRETCHED,)),
    ("bn", {}, (MAP,), (PIXEL,)),
    ("dense", {"units": 2}, ((5,),), (PIXEL,)),
    ("dense", {"units": 2, "per": "position"}, (MAP,), (PIXEL,)),
    ("add", {}, (MAP,) * 3, (PIXEL,) * 3),
    ("multiply", {}, (MAP, MAP), (PIXEL, PIXEL)),
    ("multiply", {}, ((1, 1, 4), MAP), (STRETCHED, PIXEL)),
    ("multiply", {}, (MAP, (1, 1, 4)), (PIXEL, STRETCHED)),
    ("multiply", {}, (MAP, (8, 6, 1)), (PIXEL, PIXEL)),
    ("multiply", {}, ((8, 6, 1), (1, 1, 4), MAP), (PIXEL, STRETCHED, PIXEL)),
    ("multiply", {}, ((1, 1, 4),) * 2, (PIXEL, PIXEL)),
    ("multiply", {}, ((4,),) * 2, (PIXEL, PIXEL)),
]


@pytest.mark.parametrize("case", range(len(VIEWS)))
def test_what_a_pixel_sees(case: int) -> None:
    kind, attributes, inputs, views = VIEWS[case]
    assert make(kind, attributes).views(*inputs) == views


HELD: list[
    tuple[str, dict[str, Any], KeptForBackward]
] = [  # on one map, or several where an op wants them
    ("conv", CONV, KeptForBackward(inputs=True)),
    ("conv", {**CONV, "activation": "relu"}, KeptForBackward(inputs=True, output=True)),
    ("conv", {**CONV, "activation": "leaky_relu"}, KeptForBackward(inputs=True, values=4 * SIZE)),
    # what the activation reads, of 16 filters
    ("conv", {**CONV, "activation": "swish"}, KeptForBackward(inputs=True, values=4 * SIZE)),
    # that, and two of its own
    (
        "conv",
        {**CONV, "activation": "hard_swish", "stride": 2},
        KeptForBackward(inputs=True, values=3 * 4 * 3 * 16),
    ),
    # what lies between the two
    (
        "separable_conv",
        {**CONV, "multiplier": 2, "stride": 2},
        KeptForBackward(inputs=True, values=4 * 3 * 8),
    ),
    (
        "separable_conv",
        {**CONV, "activation": "swish"},
        KeptForBackward(inputs=True, values=SIZE + 4 * SIZE),
    ),
    # queries and keys of 3 channels, values of 5 and their means; for each query 48 shares, as many
    # exponentials, and their sum
    (
        "attention",
        {"heads": 2, "head_channels": 3, "value_channels": 5},
        KeptForBackward(inputs=True, values=48 * 2 * (3 + 3 + 5 + 5) + 2 * 48 * (48 + 48 + 1)),
    ),
    ("bn", {}, KeptForBackward(inputs=True)),
    ("layer_norm", {}, KeptForBackward(inputs=True, values=SIZE)),
    ("group_norm", {"groups": 2}, KeptForBackward(inputs=True)),
    ("rms_norm", {}, KeptForBackward(inputs=True, values=SIZE)),
    ("lrn", {}, KeptForBackward(inputs=True, values=2 * SIZE)),
    ("relu", {}, KeptForBackward(output=True)),
    ("swish", {}, KeptForBackward(inputs=True)),
    ("gelu", {}, KeptForBackward(values=3 * SIZE)),
    ("hard_swish", {}, KeptForBackward(inputs=True, values=2 * SIZE)),
    ("mish", {}, KeptForBackward(inputs=True, values=SIZE)),
    ("elu", {}, KeptForBackward(output=True)),
    ("leaky_relu", {}, KeptForBackward(inputs=True)),
    ("prelu", {}, KeptForBackward(values=2 * SIZE)),
    ("max_pool", {"size": 2}, KeptForBackward(inputs=True, output=True)),
    ("avg_pool", {"size": 2}, KeptForBackward()),
    ("blur_pool", {}, KeptForBackward()),
    ("multiply", {}, KeptForBackward(inputs=True)),
    ("maximum", {}, KeptForBackward(inputs=True)),
    ("add", {}, KeptForBackward()),
    ("concat", {}, KeptForBackward()),
    ("dropout", {"rate": 0.5}, KeptForBackward(masks=SIZE)),
    ("dropout", {"rate": 0}, KeptForBackward()),
    ("flatten", {}, KeptForBackward()),
    ("shuffle_channels", {"groups": 2}, KeptForBackward()),
    ("slice_channels", {"channels": 2}, KeptForBackward()),
    ("rescale", {"scale": 2}, KeptForBackward()),
    ("resize", {"to": 3}, KeptForBackward(inputs=True)),
    ("resize", {"to": 3, "interpolation": "nearest"}, KeptForBackward()),
]


@pytest.mark.parametrize("case", range(len(HELD)))
def test_what_training_holds(case: int) -> None:
    kind, attributes, held = HELD[case]
    op = make(kind, attributes)
    assert op.kept_for_backward(*(MAP,) * op.arity[0]) == held


# whether shares that come in still add up to 1
MEANS: list[tuple[str, dict[str, Any], Shape, bool]] = [
    ("avg_pool", {"size": 2}, MAP, True),
    ("global_avg_pool", {}, MAP, True),
    ("subsample", {"stride": 2}, MAP, True),
    ("blur_pool", {}, MAP, False),  # zeros around the map count
    ("upsample", {"size": 2}, MAP, True),
    ("resize", {"to": 3}, MAP, True),
    ("average", {}, MAP, True),
    ("add", {}, MAP, False),
    ("max_pool", {"size": 2}, MAP, False),
    ("crop", {"size": 1}, MAP, True),
    ("pad", {"size": 1}, MAP, False),
    ("pad", {"size": 0}, MAP, True),
    ("pad_channels", {}, MAP, True),
    ("pad_channels", {"before": 1}, MAP, False),
    ("pad_channels", {"after": 1}, MAP, False),
    ("dropout", {"rate": 0}, MAP, True),
    ("dropout", {"rate": 0.1}, MAP, False),
    ("drop_path", {"drop_rate": 0.0}, MAP, True),
    ("drop_path", {"drop_rate": 0.1}, MAP, False),
    ("rescale", {"scale": 1}, MAP, True),
    ("rescale", {"scale": -1}, MAP, False),
    ("rescale", {"scale": 1, "offset": 1}, MAP, False),
    ("flatten", {}, MAP, False),
    ("flatten", {}, (1, 1, 4), True),
    ("reshape", {"shape": [48, 4]}, MAP, True),
    ("tokens", {}, MAP, True),
    ("map", {}, (9, 4), True),
    ("attention", {"heads": 2}, MAP, False),
    ("slice_channels", {"channels": 3}, MAP, False),
    ("slice_channels", {"channels": 4}, MAP, True),
    ("shuffle_channels", {"groups": 2}, MAP, True),
    ("permute", {"axes": ["width", "height", "channels"]}, MAP, True),
    ("permute", {"axes": ["channels", "width", "height"]}, MAP, False),
    ("depth_to_space", {"size": 2}, MAP, False),
    ("depth_to_space", {"size": 1}, MAP, True),
    ("space_to_depth", {"size": [1, 2]}, MAP, False),
    ("reshape", {"shape": [4, 6, 8]}, MAP, False),
    ("relu", {}, MAP, False),
]


@pytest.mark.parametrize("case", range(len(MEANS)))
def test_what_keeps_shares(case: int) -> None:
    kind, attributes, shape, means = MEANS[case]
    assert make(kind, attributes).is_averaging(shape) is means


SPANS: list[tuple[str, dict[str, Any], str | None]] = [
    ("leaky_relu", {"slope": 0.0}, "half"),
    ("leaky_relu", {"slope": 0.1}, None),
    ("rescale", {"scale": 0}, "interval"),
    ("rescale", {"scale": 2}, None),
    ("conv", CONV, "free"),
    ("conv_transpose", CONV, "free"),
    ("attention", {"heads": 2}, "free"),
    ("dense", {"units": 1, "activation": "tanh"}, "interval"),
    ("dense", {"units": 1, "activation": "leaky_relu"}, "free"),
    ("dense", {"units": 1, "activation": "none"}, "free"),
    ("bn", {}, None),
    ("prelu", {}, None),
    *(
        (kind, {}, "half")
        for kind in ("relu", "swish", "gelu", "elu", "selu", "mish", "hard_swish")
    ),
    *((kind, {}, "interval") for kind in ("relu6", "tanh", "hard_sigmoid")),
    ("softmax", {}, "softmax"),
    ("sigmoid", {}, "sigmoid"),
]


@pytest.mark.parametrize(("kind", "attributes", "span"), SPANS)
def test_what_values_come_out(kind: str, attributes: dict[str, Any], span: str | None) -> None:
    assert make(kind, attributes).span == span


def test_the_other_side_of_a_gate() -> None:
    signs = {(-1, 1): True, (1, 1): False, (-1, 0): False, (-2, 1): False, (-1, 2): False}
    assert {
        pair: make("rescale", {"scale": pair[0], "offset": pair[1]}).is_mirror for pair in signs
    } == signs


def test_a_pool_in_front_of_a_flatten_covers_its_map_or_not() -> None:
    assert make("avg_pool", {"size": [8, 6]}).explain_uncovered(MAP) is None
    assert (
        make("avg_pool", {"size": [8, 5]}).explain_uncovered(MAP)
        == "avg_pool 8x5 does not cover the 8x6 map that is then flattened"
    )
    assert (
        make("avg_pool", {"size": [7, 6]}).explain_uncovered(MAP) is not None
        and make("max_pool", {"size": 1}).explain_uncovered(MAP) is None
    )


def test_an_op_names_its_settings_in_the_words_of_the_spec() -> None:
    init = {"variance_scaling": {"scale": 2.0, "mode": "fan_out"}}
    op = make("conv", {"filters": 8, "kernel": 1, "init": init})
    assert "init={variance_scaling: {scale: 2.0, mode: fan_out, " in str(op)
