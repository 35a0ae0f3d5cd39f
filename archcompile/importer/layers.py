"""Stock Keras layers as ops of the language.

A setting that no spec can express makes a layer inexpressible; nothing is guessed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from archcompile.importer.inexpressible import Foreign, Rest
from archcompile.importer.setting_values import (
    activation_of,
    check_last_axis,
    initial_of,
    kernel_attributes,
    penalties_of,
    start_of,
    weight_attributes,
    window_attributes,
)
from archcompile.importer.shape_layers import crop, permute, reshape, resizing
from archcompile.keras_config import EACH_CHANNEL, NO_OP, Settings, padding_sides
from archcompile.keras_defaults import CONFIG_DEFAULTS, LEAKY_SLOPE
from archcompile.ops import REGISTRY, Op, Shape

WEIGHTED = frozenset(
    (
        "Conv2D",
        "Conv2DTranspose",
        "DepthwiseConv2D",
        "SeparableConv2D",
        "Dense",
        "BatchNormalization",
        "LayerNormalization",
        "GroupNormalization",
        "RMSNormalization",
        "EinsumDense",
        "Normalization",
        "PReLU",
        "MultiHeadAttention",
    )
)


def op_of(kind: str, settings: Settings, shape: Shape) -> Op:
    """The op that a layer of this kind is, on an input of this shape. Raises Foreign."""
    if kind not in _MAKERS:
        raise Foreign(f"is a {kind}: {NO_OP}")
    name, make = _MAKERS[kind]
    rest = dict(settings)
    attributes = make(rest, shape)
    name = attributes.pop("op", name)
    check_meant(kind, rest)
    return build_op(name, attributes)


def check_meant(kind: str, rest: Settings) -> None:
    """Raises Foreign for settings that are other than those that a spec always means."""
    unsaid = [
        f"{key}={value!r}"
        for key, value in sorted(rest.items())
        if key not in CONFIG_DEFAULTS or CONFIG_DEFAULTS[key] != value
    ]
    if unsaid:
        raise Foreign(f"no op says {', '.join(unsaid)} of a {kind}")


def build_op(name: str, attributes: Mapping[str, Any]) -> Op:
    """An op of these attributes. Raises Foreign where it does not take them."""
    try:
        return REGISTRY[name].model_validate(dict(attributes))
    except ValidationError as error:
        first = error.errors()[0]
        raise Foreign(
            f"{'.'.join(map(str, first['loc'][:1]))}={first['input']!r} is not something that "
            f"`{name}` accepts"
        ) from error


# ---- a function a layer --------------------------------------------------------------------------


def _conv(rest: Rest, shape: Shape) -> Rest:
    return {
        "filters": rest.pop("filters"),
        "groups": rest.pop("groups"),
        **window_attributes(rest),
    }


def _conv_transpose(rest: Rest, shape: Shape) -> Rest:
    attributes = window_attributes(rest)
    if attributes.pop("dilation") != (1, 1):
        raise Foreign("`conv_transpose` has no dilation")
    return {"filters": rest.pop("filters"), **attributes}


def _depthwise(rest: Rest, shape: Shape) -> Rest:
    return {"multiplier": rest.pop("depth_multiplier"), **window_attributes(rest, "depthwise")}


def _separable(rest: Rest, shape: Shape) -> Rest:
    outer = {"filters": rest.pop("filters"), "multiplier": rest.pop("depth_multiplier")}
    inner = [
        {
            "init": initial_of(rest, f"{prefix}_initializer"),
            **penalties_of(rest, f"{prefix}_regularizer"),
        }
        for prefix in ("depthwise", "pointwise")
    ]
    if inner[0] != inner[1]:
        raise Foreign(
            "its two kernels differ in initialiser or regulariser, which `separable_conv` cannot "
            "express"
        )
    rest |= {"kernel_initializer": "GlorotUniform", "kernel_regularizer": None}  # both are `inner`
    return outer | window_attributes(rest) | inner[0]


def _dense(rest: Rest, shape: Shape) -> Rest:
    per = {"per": "position"} if len(shape) > 1 else {}
    return {"units": rest.pop("units"), **per, **kernel_attributes(rest)}


def _attention(rest: Rest, shape: Shape) -> Rest:
    """What is left out means the channels of the input, shared among the heads."""
    axes = tuple(range(1, len(shape)))
    if rest.pop("attention_axes") not in (None, axes):
        raise Foreign("attends along some of the axes; `attention` is over all positions")
    heads, of_keys, of_values = (rest.pop(key) for key in ("num_heads", "key_dim", "value_dim"))
    units = rest.pop("output_shape") or shape[-1:]
    units = units if isinstance(units, tuple) else (units,)
    if len(units) != 1:
        raise Foreign(f"output_shape={units!r} is not a number of channels")
    dropout = rest.pop("dropout", 0)
    if dropout:
        raise Foreign(f"drops {dropout:g} of its shares in training (`dropout`), which no op does")
    return {
        "heads": heads,
        "head_channels": None if of_keys * heads == shape[-1] else of_keys,
        "value_channels": None if of_values in (None, of_keys) else of_values,
        "units": None if units == shape[-1:] else units[0],
        **weight_attributes(rest),
    }


def _bn(rest: Rest, shape: Shape) -> Rest:
    return {"momentum": rest.pop("momentum"), **_affine(rest, shape)}


def _affine(rest: Rest, shape: Shape) -> Rest:
    check_last_axis(rest, shape)
    attributes = {key: rest.pop(key) for key in ("epsilon", "scale", "center")}
    if attributes["scale"]:
        attributes["gamma_init"] = start_of(rest, "gamma_initializer")
    return attributes


def _group_norm(rest: Rest, shape: Shape) -> Rest:
    return {"groups": rest.pop("groups"), **_affine(rest, shape)}


def _rms_norm(rest: Rest, shape: Shape) -> Rest:
    check_last_axis(rest, shape)
    return {"epsilon": rest.pop("epsilon")}


def _layer_scale(rest: Rest, shape: Shape) -> Rest:
    if (rest.pop("equation"), rest.pop("output_shape")) != (EACH_CHANNEL, shape[-1:]):
        raise Foreign("only an EinsumDense that scales each channel is an op (`layer_scale`)")
    return {"value": start_of(rest, "kernel_initializer")}


def _normalize(rest: Rest, shape: Shape) -> Rest:
    check_last_axis(rest, shape)
    statistics = {key: rest.pop(key) for key in ("mean", "variance")}
    return {
        key: value if value is None or isinstance(value, tuple) else (value,)
        for key, value in statistics.items()
    }


def _pool(rest: Rest, shape: Shape) -> Rest:
    return {
        "size": rest.pop("pool_size"),
        "stride": rest.pop("strides"),
        "padding": rest.pop("padding"),
    }


def _avg_pool(rest: Rest, shape: Shape) -> Rest:
    attributes = _pool(rest, shape)
    if (
        attributes["size"] == (1, 1)
        and attributes["stride"] != (1, 1)
        and attributes["padding"] == "valid"
    ):
        return {"op": "subsample", "stride": attributes["stride"]}
    return attributes


def _global(rest: Rest, shape: Shape) -> Rest:
    return {"keep_dims": rest.pop("keepdims")}


def _act(rest: Rest, shape: Shape) -> Rest:
    function = activation_of(rest)
    if function is None:
        raise Foreign("a linear activation does nothing, and no op does nothing")
    if function == "leaky_relu":
        return {"op": function, "slope": LEAKY_SLOPE}
    return {"op": function}


def _prelu(rest: Rest, shape: Shape) -> Rest:
    pixels = tuple(range(1, len(shape)))
    axes = rest.pop("shared_axes") or ()
    if axes not in ((), pixels):
        raise Foreign(f"no op says shared_axes={axes!r}")
    return {"shared": axes == pixels, "slope_init": start_of(rest, "alpha_initializer")}


def _dropout(rest: Rest, shape: Shape) -> Rest:
    rate, noise = rest.pop("rate"), rest.pop("noise_shape")
    if noise is None:
        return {"rate": rate}
    ones = (1,) * len(shape)
    if noise not in ((None, *ones), (1, *ones)):
        raise Foreign(f"no op says noise_shape={noise!r}")
    return {"op": "drop_path", "drop_rate": rate, "per": "sample" if noise[0] is None else "batch"}


def _keys(**names: str) -> Callable[[Rest, Shape], Rest]:
    """Settings that have another name with us, and no other form."""
    return lambda rest, shape: {ours: rest.pop(keras) for ours, keras in names.items()}


def _concat(rest: Rest, shape: Shape) -> Rest:
    check_last_axis(rest, shape)
    return {}


_MAKERS: dict[str, tuple[str, Callable[[Rest, Shape], Rest]]] = {
    "Conv2D": ("conv", _conv),
    "Conv2DTranspose": ("conv_transpose", _conv_transpose),
    "DepthwiseConv2D": ("depthwise_conv", _depthwise),
    "SeparableConv2D": ("separable_conv", _separable),
    "Dense": ("dense", _dense),
    "MultiHeadAttention": ("attention", _attention),
    "BatchNormalization": ("bn", _bn),
    "LayerNormalization": ("layer_norm", _affine),
    "GroupNormalization": ("group_norm", _group_norm),
    "RMSNormalization": ("rms_norm", _rms_norm),
    "EinsumDense": ("layer_scale", _layer_scale),
    "Normalization": ("normalize", _normalize),
    "MaxPooling2D": ("max_pool", _pool),
    "AveragePooling2D": ("avg_pool", _avg_pool),
    "GlobalAveragePooling2D": ("global_avg_pool", _global),
    "GlobalMaxPooling2D": ("global_max_pool", _global),
    "GlobalAveragePooling1D": ("global_avg_pool", _global),
    "GlobalMaxPooling1D": ("global_max_pool", _global),
    "Flatten": ("flatten", _keys()),
    "Reshape": ("reshape", reshape),
    "UpSampling2D": ("upsample", _keys(size="size", interpolation="interpolation")),
    "Rescaling": ("rescale", _keys(scale="scale", offset="offset")),
    "Activation": ("", _act),
    "LeakyReLU": ("leaky_relu", _keys(slope="negative_slope")),
    "PReLU": ("prelu", _prelu),
    "Dropout": ("dropout", _dropout),
    "ZeroPadding2D": ("pad", lambda rest, shape: {"size": padding_sides(rest.pop("padding"))}),
    "Cropping2D": ("crop", crop),
    "Permute": ("permute", permute),
    "Resizing": ("resize", resizing),
    "Add": ("add", _keys()),
    "Subtract": ("subtract", _keys()),
    "Multiply": ("multiply", _keys()),
    "Average": ("average", _keys()),
    "Maximum": ("maximum", _keys()),
    "Concatenate": ("concat", _concat),
}
