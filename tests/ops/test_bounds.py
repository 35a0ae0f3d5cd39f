"""Bounds and defaults of attributes, and what is said where shapes do not fit."""

from typing import Any

import pytest
from pydantic import ValidationError

from archcompile.errors import ShapeError
from archcompile.ops import REGISTRY, Shape
from tests.ops.test_ops import make

MAP = (8, 6, 4)
CONV = {"filters": 16, "kernel": 3}


TINY = 5e-324  # the smallest number above 0
# an attribute, values just within, values just beyond
BOUNDS: list[tuple[str, dict[str, Any], str, list[Any], list[Any]]] = [
    ("conv", {"kernel": 1}, "filters", [1, 10**9], [0, 10**9 + 1]),
    ("conv", {"filters": 1}, "kernel", [1, 10**9, [1, 10**9]], [0, 10**9 + 1, [0, 1], [1]]),
    ("conv", CONV, "l2", [0, TINY], [-TINY]),
    ("conv", CONV, "l1", [0, TINY], [-TINY]),
    ("conv", CONV, "padding", [0, 10**6, [0, 0, 0, 1]], [-1, 10**6 + 1, [0, 0, 0], [0] * 5]),
    (
        "conv",
        CONV,
        "init",
        [
            {"normal": {"std": TINY}},
            {"variance_scaling": {"scale": TINY}},
            {"truncated_normal": {"std": TINY}},
            {"uniform": {"limit": TINY}},
            {"orthogonal": {"gain": TINY}},
        ],
        [
            {"normal": {"std": 0}},
            {"variance_scaling": {"scale": 0}},
            {"truncated_normal": {"std": 0}},
            {"uniform": {"limit": 0}},
            {"orthogonal": {"gain": 0}},
        ],
    ),
    ("attention", {}, "heads", [1, 10**9], [0, 10**9 + 1]),
    *(
        ("attention", {"heads": 1}, name, [None, 1, 10**9], [0, 10**9 + 1])
        for name in ("head_channels", "value_channels", "units")
    ),
    ("map", {}, "size", [None, 1, (1, 2)], [0, (1, 0)]),
    ("bn", {}, "momentum", [0, 1], [-TINY, 1.0000001]),
    ("bn", {}, "epsilon", [TINY], [0]),
    ("layer_norm", {}, "epsilon", [TINY], [0]),
    ("rms_norm", {}, "epsilon", [TINY], [0]),
    ("lrn", {}, "alpha", [TINY], [0]),
    ("lrn", {}, "beta", [TINY], [0]),
    ("lrn", {}, "bias", [TINY], [0]),
    ("blur_pool", {}, "size", [3, 9], [2, 10]),
    ("lrn", {}, "size", [1, 3], [0, 2]),
    ("normalize", {"mean": [0]}, "variance", [[TINY]], [[0]]),
    ("dropout", {}, "rate", [0, 0.9999999], [-TINY, 1]),
    ("drop_path", {}, "drop_rate", [0, 0.9999999], [-TINY, 1]),
    ("leaky_relu", {}, "slope", [0, TINY], [-TINY]),
    ("pad_channels", {}, "before", [0, 10**6], [-1, 10**6 + 1]),
    ("slice_channels", {"channels": 1}, "start", [0, 10**6], [-1, 10**6 + 1]),
    ("slice_channels", {}, "channels", [1, 10**9], [0, 10**9 + 1]),
    ("shuffle_channels", {}, "groups", [1], [0]),
    (
        "permute",
        {},
        "axes",
        [["channels", "tokens"], ["channels", "width", "height"]],
        [[], ["tokens"], ["width", "height"], ["tokens", "width", "channels"], ["depth"]],
    ),
    ("reshape", {}, "shape", [[1], [1, 1, 1]], [[], [1] * 4, [0]]),
]


@pytest.mark.parametrize("case", range(len(BOUNDS)))
def test_bounds_of_attributes(case: int) -> None:
    kind, attributes, name, within, beyond = BOUNDS[case]
    for value in within:
        REGISTRY[kind](**attributes, **{name: value})
    for value in beyond:
        with pytest.raises(ValidationError):
            REGISTRY[kind](**attributes, **{name: value})


WINDOW = {
    "stride": (1, 1),
    "padding": "same",
    "dilation": (1, 1),
    "bias": True,
    "init": "glorot_uniform",
    "bias_init": 0,
    "l2": 0,
    "l1": 0,
    "activation": None,
}


def test_defaults_of_attributes() -> None:
    """Those of Keras' layers, and of the papers where Keras has none."""
    affine = {"epsilon": 0.001, "scale": True, "center": True, "gamma_init": 1.0}
    defaults = {
        "conv": {**WINDOW, "groups": 1},
        "depthwise_conv": {**WINDOW, "multiplier": 1},
        "separable_conv": {**WINDOW, "multiplier": 1},
        "conv_transpose": {k: value for k, value in WINDOW.items() if k != "dilation"},
        "dense": {
            key: WINDOW[key] for key in ("bias", "init", "bias_init", "l2", "l1", "activation")
        }
        | {"per": None},
        "bn": {**affine, "momentum": 0.99},
        "layer_norm": affine,
        "group_norm": {**affine, "groups": 32},
        "rms_norm": {"epsilon": 1e-6},
        "lrn": {"size": 5, "alpha": 1e-4, "beta": 0.75, "bias": 1},
        "attention": {
            **{key: WINDOW[key] for key in ("bias", "init", "bias_init", "l2", "l1")},
            **dict.fromkeys(("head_channels", "value_channels", "units")),
        },
        "map": {"size": None},
        "normalize": {"mean": None, "variance": None},
        "max_pool": {"stride": None, "padding": "valid"},
        "avg_pool": {"stride": None, "padding": "valid"},
        "blur_pool": {"size": 3, "stride": (2, 2)},
        "global_avg_pool": {"keep_dims": False},
        "global_max_pool": {"keep_dims": False},
        "pad_channels": {"before": 0, "after": 0},
        "drop_path": {"per": "sample", "scale_at": "train"},
        "leaky_relu": {"slope": 0.3},
        "prelu": {"shared": True, "slope_init": 0},
        "rescale": {"offset": 0},
        "upsample": {"interpolation": "nearest"},
        "slice_channels": {"start": 0},
        "resize": {"interpolation": "bilinear"},
    }
    actual: dict[str, dict[str, Any]] = {kind: {} for kind in REGISTRY}
    for kind, op in REGISTRY.items():
        for name, info in op.model_fields.items():
            if not info.is_required():
                actual[kind][name] = info.default
    assert {kind: values for kind, values in actual.items() if values} == defaults, (
        "write the defaults down, in this test"
    )


# what does not fit, and the attributes to look at
MESSAGES: list[tuple[str, dict[str, Any], tuple[Shape, ...], str, tuple[str, ...]]] = [
    ("conv", {**CONV, "groups": 3}, (MAP,),
     "expected channels and filters that 3 groups divide, got 4 channels and 16 filters",
     ("groups", "filters")),
    ("conv", {**CONV, "stride": 2, "dilation": 2}, (MAP,),
     "conv cannot have both a stride and a dilation: Keras has no such layer",
     ("stride", "dilation")),
    ("conv", {"filters": 1, "kernel": [9, 2], "padding": "valid"}, (MAP,),
     "the 9x2 window of conv does not fit a map of 8x6",
     ("kernel", "size", "dilation", "padding")),
    ("depthwise_conv", {"kernel": 1, "stride": [1, 2]}, (MAP,),
     "expected one stride for both axes, got 1x2", ("stride",)),
    ("separable_conv", {"filters": 1, "kernel": 1, "stride": [2, 1]}, (MAP,),
     "expected one stride for both axes, got 2x1", ("stride",)),
    ("dense", {"units": 1}, (MAP,), "expected a vector, got a map of 8x6x4", ()),
    ("dense", {"units": 1}, ((6, 4),), "expected a vector, got rows of 6x4", ()),
    ("dense", {"units": 1, "per": "position"}, ((5,),),
     "expected positions, as of a map, got a vector of 5", ("per",)),
    ("pad", {"size": 1}, ((6, 4),),
     "expected a map (height, width, channels), got rows of 6x4", ()),
    ("flatten", {}, (MAP,), "", ()),
    ("subsample", {"stride": 1}, ((5,),),
     "expected a map (height, width, channels), got a vector of 5", ()),
    ("group_norm", {"groups": 3}, (MAP,), "expected channels that 3 groups divide, got 4",
     ("groups",)),
    ("group_norm", {"groups": 2}, ((5,),), "expected channels that 2 groups divide, got 5",
     ("groups",)),
    ("normalize", {"mean": [0, 1], "variance": [1, 1, 1, 1]}, (MAP,),
     "normalize has 2 values of mean for 4 channels", ("mean",)),
    ("normalize", {"mean": [0] * 4, "variance": [1] * 5}, (MAP,),
     "normalize has 5 values of variance for 4 channels", ("variance",)),
    ("crop", {"size": [4, 4, 0, 0]}, (MAP,), "crop leaves nothing of a map of 8x6", ("size",)),
    ("crop", {"size": [0, 0, 3, 3]}, (MAP,), "crop leaves nothing of a map of 8x6", ("size",)),
    ("crop", {"size": [4, 3, 3, 2]}, (MAP,), "", ()),
    ("reshape", {"shape": [191]}, (MAP,), "8x6x4 holds 192 values, 191 holds 191", ("shape",)),
    ("attention", {"heads": 3}, (MAP,), "expected channels that 3 heads divide, got 4",
     ("heads",)),
    ("attention", {"heads": 3, "head_channels": 1}, (MAP,), "", ()),
    ("attention", {"heads": 1}, ((5,),), "expected a map or tokens, got a vector of 5", ()),
    ("map", {}, (MAP,), "expected tokens, got a map of 8x6x4", ()),
    ("map", {}, ((8, 4),), "8 tokens are no square", ()),
    ("map", {"size": [3, 2]}, ((8, 4),),
     "expected 8 tokens as a map, got a size of 3x2, which holds 6", ("size",)),
    ("slice_channels", {"start": 2, "channels": 3}, (MAP,),
     "expected a slice of the 4 channels, from 0 to 3, got channels 2 to 4",
     ("channels", "start")),
    ("slice_channels", {"start": 2, "channels": 2}, (MAP,), "", ()),
    ("shuffle_channels", {"groups": 3}, (MAP,), "expected channels that 3 groups divide, got 4",
     ("groups",)),
    ("permute", {"axes": ["channels", "tokens"]}, (MAP,),
     "expected (tokens, channels), got 8x6x4", ("axes",)),
    ("depth_to_space", {"size": 4}, (MAP,),
     "expected channels that 16 divides, for blocks of 4x4, got 4", ("size",)),
    ("space_to_depth", {"size": 4}, (MAP,),
     "expected a map that blocks of 4x4 divide, got 8x6", ("size",)),
    ("space_to_depth", {"size": 3}, (MAP,),
     "expected a map that blocks of 3x3 divide, got 8x6", ("size",)),
    ("add", {}, (MAP, MAP, (8, 6, 1)), "expected equal shapes, got 8x6x4 and 8x6x4 and 8x6x1", ()),
    ("concat", {}, (MAP, MAP, (8, 5, 4)),
     "expected maps of one size, got 8x6x4 and 8x6x4 and 8x5x4", ()),
    ("multiply", {}, (MAP, (1, 6, 4)),
     "expected equal shapes, or beside a map of HxWxC gates of 1x1xC or HxWx1, got 8x6x4 and "
     "1x6x4", ()),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(MESSAGES)))
def test_what_is_said_where_shapes_do_not_fit(case: int) -> None:
    kind, attributes, inputs, message, names = MESSAGES[case]
    try:
        make(kind, attributes).shape(*inputs)
        words: tuple[str, tuple[str, ...]] = "", ()
    except ShapeError as error:
        words = error.message, error.attributes
    assert words == (message, names)
