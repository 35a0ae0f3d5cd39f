"""The table of changes: for every attribute of every op values that make another network, and
spellings that do not.

`ATTRIBUTES[op][attribute]` are values other than the one in `BASE[op]`, all of them different
networks. An op or an attribute that has no row here fails `test_sensitivity`.
"""

from typing import Any

from archcompile.ops.values import ACTIVATIONS

Values = dict[str, list[Any]]

FUNCTIONS = list(ACTIVATIONS)
INITS = [
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "lecun_normal",
    "lecun_uniform",
    "zeros",
    "ones",
    {"normal": {"std": 0.1}},
    {"normal": {"std": 0.2}},
    {"constant": {"value": 0.5}},
    {"truncated_normal": {"std": 0.1}},
    {"uniform": {"limit": 0.1}},
    "orthogonal",
    {"orthogonal": {"gain": 2.0}},
    {"variance_scaling": {"scale": 3.0}},
    {"variance_scaling": {"scale": 3.0, "mode": "fan_out"}},
    {"variance_scaling": {"scale": 3.0, "distribution": "uniform"}},
    {"variance_scaling": {"scale": 3.0, "distribution": "untruncated_normal"}},
]
KERNELLED: Values = {
    "bias": [False],
    "init": INITS,
    "bias_init": [0.5, -0.5],
    "l2": [1e-4, 2e-4],
    "l1": [1e-4, 2e-4],
    "activation": FUNCTIONS,
}
WINDOWED: Values = {
    **KERNELLED,
    "kernel": [1, 5, [3, 1], [1, 3]],
    "padding": ["valid", 1, 2, [0, 1, 0, 1], [1, 0, 1, 0], [1, 0, 0, 1]],
    "dilation": [2, 3],
}
AFFINE: Values = {
    "epsilon": [1e-5, 1.001e-3],
    "scale": [False],
    "center": [False],
    "gamma_init": [0.0, 0.5, -1.0],
}
POOL: Values = {"size": [3, [2, 1], [1, 2]], "stride": [1, 3, [2, 1], [1, 2]], "padding": ["same"]}
SIDES: Values = {"size": [0, 2, [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]}

# What stands in front of the op (it is given a map of 8x8x4, a vector, or tokens), and the
# attributes that changes start from.
VECTOR = ("dense",)
TOKENS = ("map",)
BASE: dict[str, dict[str, Any]] = {
    "attention": {"heads": 2},
    "map": {"size": [1, 64]},
    "conv": {"filters": 4, "kernel": 3},
    "depthwise_conv": {"kernel": 3},
    "separable_conv": {"filters": 4, "kernel": 3},
    "conv_transpose": {"filters": 4, "kernel": 3, "stride": 2},
    "dense": {"units": 3},
    "group_norm": {"groups": 2},
    "layer_scale": {"value": 0.1},
    "subsample": {"stride": 2},
    "pad_channels": {"before": 1, "after": 2},
    "drop_path": {"drop_rate": 0.2},
    "max_pool": {"size": 2},
    "avg_pool": {"size": 2},
    "reshape": {"shape": [16, 4, 4]},
    "dropout": {"rate": 0.2},
    "pad": {"size": 1},
    "crop": {"size": 1},
    "resize": {"to": 5},
    "slice_channels": {"start": 1, "channels": 2},
    "shuffle_channels": {"groups": 2},
    "permute": {"axes": ["width", "height", "channels"]},
    "depth_to_space": {"size": 2},
    "space_to_depth": {"size": 2},
    "upsample": {"size": 2},
    "rescale": {"scale": 0.5, "offset": 0.25},
    "activation": {"kind": "relu"},
    "normalize": {"mean": [0, 1, 2, 3], "variance": [1, 1, 2, 2]},
}
ATTRIBUTES: dict[str, Values] = {
    "conv": {**WINDOWED, "filters": [8], "groups": [2, 4], "stride": [2, [2, 1], [1, 2]]},
    "depthwise_conv": {**WINDOWED, "multiplier": [2], "stride": [2]},
    "separable_conv": {**WINDOWED, "filters": [8], "multiplier": [2], "stride": [2]},
    "conv_transpose": {
        **KERNELLED,
        "filters": [8],
        "kernel": [1, 5, [3, 1], [1, 3]],
        "stride": [1, [2, 1], [1, 2]],
        "padding": ["valid"],
    },
    "dense": {**KERNELLED, "units": [4], "per": ["position"]},
    "attention": {
        **{name: values for name, values in KERNELLED.items() if name != "activation"},
        "heads": [1, 4],
        "head_channels": [1, 3],
        "value_channels": [1, 3],
        "units": [3, 5],
    },
    "tokens": {},
    "map": {"size": [8, [2, 32], [64, 1]]},
    "bn": {**AFFINE, "momentum": [0.9, 0.95]},
    "layer_norm": AFFINE,
    "group_norm": {**AFFINE, "groups": [1, 4]},
    "rms_norm": {"epsilon": [1e-5, 1.001e-6]},
    "lrn": {"size": [3, 7], "alpha": [1e-3, 2e-4], "beta": [0.5], "bias": [2.0]},
    "layer_scale": {"value": [0.2, 1e-6]},
    # one of the two cannot be left out: without both they are weights
    "normalize": {"mean": [[0, 1, 2, 4], [3, 1, 2, 0]], "variance": [[1, 1, 2, 3], [2, 1, 2, 1]]},
    "subsample": {"stride": [1, 3, [1, 2], [2, 1]]},
    "pad": SIDES,
    "crop": SIDES,
    "pad_channels": {"before": [0, 2], "after": [0, 1]},
    "drop_path": {"drop_rate": [0.1, 0.5], "per": ["batch"], "scale_at": ["test"]},
    "max_pool": POOL,
    "avg_pool": POOL,
    "blur_pool": {"size": [4, 5], "stride": [1, 3, [1, 2], [2, 1]]},
    "global_avg_pool": {"keep_dims": [True]},
    "global_max_pool": {"keep_dims": [True]},
    "flatten": {},
    "reshape": {"shape": [[4, 16, 4], [256], [8, 8, 4]]},
    "dropout": {"rate": [0.0, 0.5]},
    "resize": {"to": [8, 6, [5, 8], [8, 5]], "interpolation": ["nearest"]},
    "slice_channels": {"start": [0, 2], "channels": [1, 3]},
    "shuffle_channels": {"groups": [1, 4]},
    "permute": {
        "axes": [["height", "width", "channels"], ["channels", "height", "width"]],
    },
    "depth_to_space": {"size": [1, [1, 2], [2, 1]]},
    "space_to_depth": {"size": [1, 4, [1, 2], [2, 1]]},
    "upsample": {"size": [3, [1, 2], [2, 1]], "interpolation": ["bilinear"]},
    "rescale": {"scale": [0.25, -0.5], "offset": [0.0, 0.5, -0.25]},
    "activation": {"kind": [*(name for name in FUNCTIONS if name != "relu"), "none"]},
    **{
        name: {}
        for name in ("concat", "multiply", "add", "average", "maximum", "subtract", *FUNCTIONS)
    },
    "leaky_relu": {"slope": [0.1, 0.0]},
    "prelu": {"shared": [False], "slope_init": [0.25, -1.0]},
}
ORDERED = ("concat", "subtract")  # merges of which the order of arguments changes what is computed

# The same attributes, written otherwise. Each is (op, one writing, another).
SPELLINGS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("attention", {"heads": 2}, {"heads": 2, "head_channels": 2, "value_channels": 2, "units": 4}),
    ("map", {}, {"size": 8}),
    (
        "conv",
        {"filters": 4, "kernel": 3},
        {"kernel": [3, 3], "filters": 4.0, "stride": [1, 1], "dilation": 1, "padding": "same"},
    ),
    (
        "conv",
        {"filters": 4, "kernel": 3},
        {"filters": 4, "kernel": 3, "padding": "symmetric", "init": "glorot_uniform", "groups": 1},
    ),
    (
        "conv",
        {"filters": 4, "kernel": 3, "padding": 1},
        {"filters": 4, "kernel": 3, "padding": [1, 1, 1, 1]},
    ),
    (
        "conv",
        {"filters": 4, "kernel": 3, "padding": "valid"},
        {"filters": 4, "kernel": 3, "padding": 0},
    ),
    (
        "conv",
        {"filters": 4, "kernel": 3},
        {"filters": 4, "kernel": 3, "bias_init": -0.0, "l2": -0.0, "l1": 0},
    ),
    ("conv", {"filters": 4, "kernel": 3}, {"filters": 4, "kernel": 3, "activation": "none"}),
    (
        "bn",
        {},
        {"momentum": 0.99, "epsilon": 0.001, "scale": True, "center": True, "gamma_init": 1},
    ),
    ("max_pool", {"size": 2}, {"size": [2, 2], "stride": 2, "padding": "valid"}),
    ("rescale", {"scale": 1}, {"scale": 1.0, "offset": -0.0}),
    ("dropout", {"rate": 0}, {"rate": -0.0}),
    (
        "normalize",
        {"mean": [0, 1, 2, 3], "variance": [1, 1, 2, 2]},
        {"mean": [-0.0, 1.0, 2.0, 3.0], "variance": [1, 1, 2, 2]},
    ),
    ("activation", {"kind": "leaky_relu"}, {"op": "leaky_relu", "slope": 0.2}),
    ("pad", {"size": 1}, {"size": [1, 1, 1, 1]}),
    ("upsample", {"size": 2}, {"size": [2, 2]}),
    ("resize", {"to": 5}, {"to": [5, 5], "interpolation": "bilinear"}),
]

# Other settings that make the same numbers, which `verify` holds alike; the hash, `diff` and source
# are of what is written.
EQUIVALENTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "conv",
        {"filters": 4, "kernel": 3, "init": "he_normal"},
        {"filters": 4, "kernel": 3, "init": {"variance_scaling": {"scale": 2}}},
    ),
    (
        "conv",
        {"filters": 4, "kernel": 3, "init": "he_uniform"},
        {
            "filters": 4,
            "kernel": 3,
            "init": {"variance_scaling": {"scale": 2.0, "distribution": "uniform"}},
        },
    ),
    (
        "dense",
        {"units": 3, "init": "orthogonal"},
        {"units": 3, "init": {"orthogonal": {"gain": 1}}},
    ),
    ("dense", {"units": 3, "init": "zeros"}, {"units": 3, "init": {"constant": {"value": 0}}}),
    ("dense", {"units": 3, "init": "ones"}, {"units": 3, "init": {"constant": {"value": 1.0}}}),
    ("avg_pool", {"size": 1, "stride": 2}, {"op": "subsample", "stride": 2}),
]

# Every rule that ships, at a unit that strides and widens or at one that does neither, and its
# arguments.
ANY_SHAPE: dict[str, Values] = {
    "projection": {"padding": ["same"]},
    "projection_bare": {},
    "projection_all": {},
    "projection_resnet_d": {},
    "zero_pad": {},
    "zero_pad_centered": {},
    "zero_pad_averaged": {},
    "dropped_zero_pad": {"rate": [0.5]},
}
SAME_SHAPE: dict[str, Values] = {
    "identity": {},
    "scaled": {"carry": [0.7], "transform": [0.7]},
    "dropout_shortcut": {"rate": [0.25]},
    "dropped_identity": {"rate": [0.5]},
    "highway": {"kernel": [1], "bias": [-1.0]},
    "exclusive_gate": {"bias": [-1.0]},
    "shortcut_gate": {"bias": [-1.0]},
    "none": {},
}
ELSEWHERE = {
    "pooled": "identity where nothing strides",
    "projection_preact": "starts at a point of its block",
}
RULE_BASE: dict[str, dict[str, Any]] = {
    "dropped_zero_pad": {"rate": 0.2},
    "dropped_identity": {"rate": 0.2},
}
