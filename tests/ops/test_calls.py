"""The Keras layers that each op becomes, with their settings."""

from typing import Any

import pytest

from archcompile.ops import REGISTRY, Call, Shape
from archcompile.ops.values import ACTIVATIONS
from tests.ops.test_ops import make
from tests.ops.test_what_ops_say import CONV, MAP

CONV_CALL = {"filters": 16, "kernel_size": 3, "padding": "same"}


def initial(name: str, **settings: Any) -> Call:
    return Call(f"initializers.{name}", settings)


# ops that are one layer: attributes, layer, settings
CALLS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("conv", CONV, "layers.Conv2D", CONV_CALL),
    ("conv",
     {"filters": 8, "kernel": [1, 5], "stride": [2, 1], "padding": "valid", "groups": 2,
      "bias": False}, "layers.Conv2D",
     {"filters": 8, "kernel_size": (1, 5), "strides": (2, 1), "padding": "valid", "groups": 2,
      "use_bias": False}),
    ("conv", {**CONV, "stride": 2}, "layers.Conv2D", {**CONV_CALL, "strides": 2}),
    ("conv", {**CONV, "dilation": 2}, "layers.Conv2D", {**CONV_CALL, "dilation_rate": 2}),
    ("conv", {**CONV, "dilation": [1, 2]}, "layers.Conv2D", {**CONV_CALL, "dilation_rate": (1, 2)}),
    ("conv", {**CONV, "activation": "swish", "init": "he_normal", "bias_init": -1.5, "l2": 1e-4},
     "layers.Conv2D",
     {**CONV_CALL, "activation": "silu", "kernel_initializer": "he_normal",
      "bias_initializer": initial("Constant", value=-1.5),
      "kernel_regularizer": Call("regularizers.L2", {"l2": 1e-4})}),
    ("conv", {**CONV, "init": {"normal": {"std": 0.01}}}, "layers.Conv2D",
     {**CONV_CALL, "kernel_initializer": initial("RandomNormal", mean=0.0, stddev=0.01)}),
    ("conv", {**CONV, "init": {"truncated_normal": {"std": 0.02}}}, "layers.Conv2D",
     {**CONV_CALL, "kernel_initializer": initial("TruncatedNormal", mean=0.0, stddev=0.02)}),
    ("conv", {**CONV, "init": {"uniform": {"limit": 0.25}}}, "layers.Conv2D",
     {**CONV_CALL, "kernel_initializer": initial("RandomUniform", minval=-0.25, maxval=0.25)}),
    ("conv", {**CONV, "init": {"orthogonal": {"gain": 2.0}}}, "layers.Conv2D",
     {**CONV_CALL, "kernel_initializer": initial("Orthogonal", gain=2.0)}),
    ("conv", {**CONV, "init": "orthogonal"}, "layers.Conv2D",
     {**CONV_CALL, "kernel_initializer": "orthogonal"}),
    ("conv", {**CONV, "init": {"constant": {"value": 2.0}}}, "layers.Conv2D",
     {**CONV_CALL, "kernel_initializer": initial("Constant", value=2.0)}),
    ("conv", {**CONV, "init": {"variance_scaling": {}}}, "layers.Conv2D",
     {**CONV_CALL,
      "kernel_initializer": initial("VarianceScaling", scale=1.0, mode="fan_in",
                                    distribution="truncated_normal")}),
    ("depthwise_conv", {"kernel": 3, "multiplier": 2, "init": "zeros", "l2": 0.5},
     "layers.DepthwiseConv2D",
     {"kernel_size": 3, "padding": "same", "depth_multiplier": 2, "depthwise_initializer": "zeros",
      "depthwise_regularizer": Call("regularizers.L2", {"l2": 0.5})}),
    ("depthwise_conv", {"kernel": 3, "l1": 0.25}, "layers.DepthwiseConv2D",
     {"kernel_size": 3, "padding": "same",
      "depthwise_regularizer": Call("regularizers.L1", {"l1": 0.25})}),
    ("dense", {"units": 3, "l1": 0.25, "l2": 0.5}, "layers.Dense",
     {"units": 3, "kernel_regularizer": Call("regularizers.L1L2", {"l1": 0.25, "l2": 0.5})}),
    ("depthwise_conv", {"kernel": 3}, "layers.DepthwiseConv2D",
     {"kernel_size": 3, "padding": "same"}),
    ("conv_transpose", {**CONV, "stride": 2, "bias": False}, "layers.Conv2DTranspose",
     {**CONV_CALL, "strides": 2, "use_bias": False}),
    ("conv_transpose", {**CONV, "padding": "valid"}, "layers.Conv2DTranspose",
     {**CONV_CALL, "padding": "valid"}),
    ("separable_conv", {**CONV, "init": "ones"}, "layers.SeparableConv2D",
     {**CONV_CALL, "depthwise_initializer": "ones", "pointwise_initializer": "ones"}),
    ("separable_conv", {**CONV, "multiplier": 3}, "layers.SeparableConv2D",
     {**CONV_CALL, "depth_multiplier": 3}),
    ("dense", {"units": 10}, "layers.Dense", {"units": 10}),
    ("dense", {"units": 10, "activation": "softmax", "bias": False}, "layers.Dense",
     {"units": 10, "activation": "softmax", "use_bias": False}),
    ("bn", {}, "layers.BatchNormalization", {}),
    ("bn", {"momentum": 0.9, "epsilon": 1e-5, "scale": False, "center": False},
     "layers.BatchNormalization",
     {"momentum": 0.9, "epsilon": 1e-5, "scale": False, "center": False}),
    ("bn", {"gamma_init": 0}, "layers.BatchNormalization", {"gamma_initializer": "zeros"}),
    ("layer_norm", {}, "layers.LayerNormalization", {}),
    ("layer_norm", {"gamma_init": 0.5}, "layers.LayerNormalization",
     {"gamma_initializer": initial("Constant", value=0.5)}),
    ("layer_norm", {"epsilon": 1e-6, "center": False}, "layers.LayerNormalization",
     {"epsilon": 1e-6, "center": False}),
    ("group_norm", {}, "layers.GroupNormalization", {"groups": 32}),
    ("group_norm", {"groups": 2, "gamma_init": 0}, "layers.GroupNormalization",
     {"groups": 2, "gamma_initializer": "zeros"}),
    ("group_norm", {"groups": 2, "scale": False}, "layers.GroupNormalization",
     {"groups": 2, "scale": False}),
    ("rms_norm", {}, "layers.RMSNormalization", {}),
    ("rms_norm", {"epsilon": 1e-3}, "layers.RMSNormalization", {"epsilon": 1e-3}),
    ("normalize", {}, "layers.Normalization", {}),
    ("normalize", {"mean": [1, 2, 3, 4], "variance": [4, 3, 2, 1]}, "layers.Normalization",
     {"mean": [1, 2, 3, 4], "variance": [4, 3, 2, 1]}),
    ("max_pool", {"size": 2}, "layers.MaxPooling2D", {"pool_size": 2}),
    ("max_pool", {"size": [3, 2], "stride": 2, "padding": "same"}, "layers.MaxPooling2D",
     {"pool_size": (3, 2), "strides": 2, "padding": "same"}),
    ("avg_pool", {"size": 2, "stride": [2, 1]}, "layers.AveragePooling2D",
     {"pool_size": 2, "strides": (2, 1)}),
    ("avg_pool", {"size": 2, "stride": 2}, "layers.AveragePooling2D", {"pool_size": 2}),
    ("subsample", {"stride": [3, 1]}, "layers.AveragePooling2D",
     {"pool_size": 1, "strides": (3, 1)}),
    ("tokens", {}, "layers.Reshape", {"target_shape": (48, 4)}),
    ("global_avg_pool", {}, "layers.GlobalAveragePooling2D", {}),
    ("global_max_pool", {"keep_dims": True}, "layers.GlobalMaxPooling2D", {"keepdims": True}),
    ("flatten", {}, "layers.Flatten", {}),
    ("reshape", {"shape": [4, 6, 8]}, "layers.Reshape", {"target_shape": (4, 6, 8)}),
    ("slice_channels", {"start": 1, "channels": 2}, "layers.Cropping2D",
     {"cropping": ((0, 0), (1, 1)), "data_format": "channels_first"}),
    ("permute", {"axes": ["width", "channels", "height"]}, "layers.Permute", {"dims": (2, 3, 1)}),
    ("upsample", {"size": [1, 3]}, "layers.UpSampling2D", {"size": (1, 3)}),
    ("upsample", {"size": 2, "interpolation": "bilinear"}, "layers.UpSampling2D",
     {"size": 2, "interpolation": "bilinear"}),
    ("resize", {"to": [9, 3]}, "layers.Resizing", {"height": 9, "width": 3}),
    ("resize", {"to": 9, "interpolation": "nearest"}, "layers.Resizing",
     {"height": 9, "width": 9, "interpolation": "nearest"}),
    ("rescale", {"scale": 0.5}, "layers.Rescaling", {"scale": 0.5}),
    ("rescale", {"scale": -1, "offset": 1}, "layers.Rescaling", {"scale": -1, "offset": 1}),
    ("pad", {"size": 1}, "layers.ZeroPadding2D", {"padding": 1}),
    ("pad", {"size": [0, 1, 2, 3]}, "layers.ZeroPadding2D", {"padding": ((0, 1), (2, 3))}),
    ("crop", {"size": [0, 1, 2, 3]}, "layers.Cropping2D", {"cropping": ((0, 1), (2, 3))}),
    ("dropout", {"rate": 0.2}, "layers.Dropout", {"rate": 0.2}),
    ("leaky_relu", {}, "layers.LeakyReLU", {"negative_slope": 0.3}),
    ("activation", {"kind": "leaky_relu"}, "layers.LeakyReLU", {"negative_slope": 0.2}),
    ("conv", {**CONV, "activation": "leaky_relu"}, "layers.Conv2D",
     {**CONV_CALL, "activation": "leaky_relu"}),
    ("conv", {**CONV, "activation": "none"}, "layers.Conv2D", CONV_CALL),
    ("add", {}, "layers.Add", {}), ("subtract", {}, "layers.Subtract", {}),
    ("average", {}, "layers.Average", {}),
    ("maximum", {}, "layers.Maximum", {}), ("multiply", {}, "layers.Multiply", {}),
    ("concat", {}, "layers.Concatenate", {}),
    *((kind, {}, "layers.Activation",
       {"activation": {"swish": "silu", "hard_swish": "hard_silu"}.get(kind, kind)})
      for kind in ACTIVATIONS if kind != "leaky_relu"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(CALLS)))
def test_one_layer(case: int) -> None:
    kind, attributes, path, settings = CALLS[case]
    op = make(kind, attributes)
    inputs = (MAP,) * max(op.arity[0], 1)
    (piece,) = op.pieces(*inputs)
    assert (piece.suffix, piece.call, piece.sources) == (
        "",
        Call(path, settings),
        tuple(range(len(inputs))),
    )


PIECES: list[tuple[str, dict[str, Any], Shape,
                   list[tuple[str, str, dict[str, Any], tuple[int | str, ...]]]]] = [
    # Keras pads the second and the third axis: channels become the third
    ("pad_channels", {"before": 1, "after": 2}, MAP, [
        ("swapped", "layers.Permute", {"dims": (1, 3, 2)}, (0,)),
        ("padded", "layers.ZeroPadding2D", {"padding": ((0, 0), (1, 2))}, ("swapped",)),
        ("", "layers.Permute", {"dims": (1, 3, 2)}, ("padded",))]),
    # the last axis as the width of a map whose channels come first
    ("slice_channels", {"start": 1, "channels": 2}, (5,), [
        ("as_map", "layers.Reshape", {"target_shape": (1, 1, 5)}, (0,)),
        ("cut", "layers.Cropping2D",
         {"cropping": ((0, 0), (1, 2)), "data_format": "channels_first"}, ("as_map",)),
        ("", "layers.Reshape", {"target_shape": (2,)}, ("cut",))]),
    ("slice_channels", {"channels": 2}, (12, 5), [
        ("as_map", "layers.Reshape", {"target_shape": (1, 12, 5)}, (0,)),
        ("cut", "layers.Cropping2D",
         {"cropping": ((0, 0), (0, 3)), "data_format": "channels_first"}, ("as_map",)),
        ("", "layers.Reshape", {"target_shape": (12, 2)}, ("cut",))]),
    ("shuffle_channels", {"groups": 2}, (8, 6, 10), [
        ("grouped", "layers.Reshape", {"target_shape": (8, 6, 2, 5)}, (0,)),
        ("swapped", "layers.Permute", {"dims": (1, 2, 4, 3)}, ("grouped",)),
        ("", "layers.Reshape", {"target_shape": (8, 6, 10)}, ("swapped",))]),
    ("shuffle_channels", {"groups": 5}, (10,), [
        ("grouped", "layers.Reshape", {"target_shape": (5, 2)}, (0,)),
        ("swapped", "layers.Permute", {"dims": (2, 1)}, ("grouped",)),
        ("", "layers.Reshape", {"target_shape": (10,)}, ("swapped",))]),
    # a row of a block holds its pixels with their channels, 3 of 5 each
    ("depth_to_space", {"size": [2, 3]}, (8, 6, 30), [
        ("blocks", "layers.Reshape", {"target_shape": (8, 6, 2, 15)}, (0,)),
        ("swapped", "layers.Permute", {"dims": (1, 3, 2, 4)}, ("blocks",)),
        ("", "layers.Reshape", {"target_shape": (16, 18, 5)}, ("swapped",))]),
    ("space_to_depth", {"size": [2, 3]}, (8, 6, 5), [
        ("blocks", "layers.Reshape", {"target_shape": (4, 2, 2, 15)}, (0,)),
        ("swapped", "layers.Permute", {"dims": (1, 3, 2, 4)}, ("blocks",)),
        ("", "layers.Reshape", {"target_shape": (4, 2, 30)}, ("swapped",))]),
    ("lrn", {"size": 3, "alpha": 0.5, "beta": 0.25, "bias": 2.0}, MAP, [
        ("squared", "layers.Multiply", {}, (0, 0)),
        ("laid_out", "layers.Reshape", {"target_shape": (48, 4, 1)}, ("squared",)),
        ("padded", "layers.ZeroPadding2D", {"padding": ((0, 0), (1, 1))}, ("laid_out",)),
        ("mean", "layers.AveragePooling2D", {"pool_size": (1, 3), "strides": 1}, ("padded",)),
        # the sum is three times the mean
        ("scaled", "layers.Rescaling", {"scale": 1.5, "offset": 2.0}, ("mean",)),
        ("factor", "ops.power", {"x2": -0.25}, ("scaled",)),
        ("shaped", "layers.Reshape", {"target_shape": MAP}, ("factor",)),
        ("", "layers.Multiply", {}, (0, "shaped"))]),
    # queries, and what keys and values are made of, are one tensor
    ("attention", {"heads": 2}, MAP, [
        ("", "layers.MultiHeadAttention", {"num_heads": 2, "key_dim": 2}, (0, 0))]),
    ("attention", {"heads": 2, "head_channels": 2, "value_channels": 2, "units": 4}, (12, 4), [
        ("", "layers.MultiHeadAttention", {"num_heads": 2, "key_dim": 2}, (0, 0))]),
    ("attention",
     {"heads": 3, "head_channels": 5, "value_channels": 7, "units": 10, "bias": False, "l2": 0.5,
      "init": "he_normal", "bias_init": 0.25}, (12, 4), [
        ("", "layers.MultiHeadAttention",
         {"num_heads": 3, "key_dim": 5, "value_dim": 7, "output_shape": 10, "use_bias": False,
          "kernel_initializer": "he_normal",
          "bias_initializer": initial("Constant", value=0.25),
          "kernel_regularizer": Call("regularizers.L2", {"l2": 0.5})}, (0, 0))]),
    ("map", {}, (9, 4), [("", "layers.Reshape", {"target_shape": (3, 3, 4)}, (0,))]),
    ("map", {"size": [1, 9]}, (9, 4), [("", "layers.Reshape", {"target_shape": (1, 9, 4)}, (0,))]),
    ("global_avg_pool", {}, (12, 4), [("", "layers.GlobalAveragePooling1D", {}, (0,))]),
    ("global_max_pool", {"keep_dims": True}, (12, 4), [
        ("", "layers.GlobalMaxPooling1D", {"keepdims": True}, (0,))]),
    ("layer_scale", {"value": 0.5}, MAP, [
        ("", "layers.EinsumDense",
         {"equation": "abcd,d->abcd", "output_shape": MAP,
          "kernel_initializer": initial("Constant", value=0.5)}, (0,))]),
    ("layer_scale", {"value": 0.5}, (5,), [
        ("", "layers.EinsumDense",
         {"equation": "ab,b->ab", "output_shape": (5,),
          "kernel_initializer": initial("Constant", value=0.5)}, (0,))]),
    ("blur_pool", {}, MAP, [
        ("padded", "layers.ZeroPadding2D", {"padding": ((1, 1), (1, 1))}, (0,)),
        ("mean1", "layers.AveragePooling2D", {"pool_size": 2, "strides": 1}, ("padded",)),
        ("", "layers.AveragePooling2D", {"pool_size": 2}, ("mean1",))]),
    ("blur_pool", {"size": 4, "stride": [1, 3]}, MAP, [
        ("padded", "layers.ZeroPadding2D", {"padding": ((1, 2), (1, 2))}, (0,)),
        ("mean1", "layers.AveragePooling2D", {"pool_size": 2, "strides": 1}, ("padded",)),
        ("mean2", "layers.AveragePooling2D", {"pool_size": 2, "strides": 1}, ("mean1",)),
        ("", "layers.AveragePooling2D", {"pool_size": 2, "strides": (1, 3)}, ("mean2",))]),
    ("prelu", {}, MAP, [("", "layers.PReLU", {"shared_axes": (1, 2)}, (0,))]),
    ("prelu", {}, (5,), [("", "layers.PReLU", {}, (0,))]),
    ("prelu", {"shared": False, "slope_init": 0.25}, MAP, [
        ("", "layers.PReLU", {"alpha_initializer": initial("Constant", value=0.25)}, (0,))]),
    ("drop_path", {"drop_rate": 0.25}, MAP,
     [("", "layers.Dropout", {"rate": 0.25, "noise_shape": (None, 1, 1, 1)}, (0,))]),
    ("drop_path", {"drop_rate": 0.25, "per": "batch", "scale_at": "test"}, (5,), [
        ("expected", "layers.Rescaling", {"scale": 0.75}, (0,)),
        ("", "layers.Dropout", {"rate": 0.25, "noise_shape": (1, 1)}, ("expected",))]),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(PIECES)))
def test_several_layers(case: int) -> None:
    kind, attributes, shape, pieces = PIECES[case]
    op = make(kind, attributes)
    assert [
        (p.suffix, p.call.path, dict(p.call.kwargs), p.sources) for p in op.pieces(shape)
    ] == pieces


def test_every_op_has_calls_here() -> None:
    lowered = {"activation"}  # to the op that it names
    missing = set(REGISTRY) - lowered - {kind for kind, *_ in (*CALLS, *PIECES)}
    assert not missing, (
        f"{missing}: write the Keras calls in CALLS or PIECES of tests/ops/test_what_ops_say.py"
    )
