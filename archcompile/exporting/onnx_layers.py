"""Keras' layers in ONNX: one function per class.

They read the same calls that the model and the source are made from.
"""

from collections.abc import Mapping

from archcompile.exporting.onnx_activations import (
    activation,
    leaky_relu,
    prelu,
)
from archcompile.exporting.onnx_attention import attention
from archcompile.exporting.onnx_convolutions import (
    conv,
    conv_transpose,
    dense,
    depthwise_conv,
    separable_conv,
)
from archcompile.exporting.onnx_layer import Translate
from archcompile.exporting.onnx_merges import (
    average,
    concat,
    global_pool,
    merge,
    pool,
    pool_of_tokens,
)
from archcompile.exporting.onnx_norms import (
    batch_norm,
    group_norm,
    layer_norm,
    layer_scale,
    normalization,
    rms_norm,
)
from archcompile.exporting.onnx_shapes import (
    crop,
    dropout,
    pad,
    permute,
    power,
    rescaling,
    reshape,
    resize,
    upsample,
)

LAYERS: Mapping[str, Translate] = {
    "layers.Conv2D": conv,
    "layers.Conv2DTranspose": conv_transpose,
    "layers.DepthwiseConv2D": depthwise_conv,
    "layers.SeparableConv2D": separable_conv,
    "layers.Dense": dense,
    "layers.MultiHeadAttention": attention,
    "layers.Activation": activation,
    "layers.LeakyReLU": leaky_relu,
    "layers.PReLU": prelu,
    "layers.BatchNormalization": batch_norm,
    "layers.LayerNormalization": layer_norm,
    "layers.GroupNormalization": group_norm,
    "layers.RMSNormalization": rms_norm,
    "layers.Normalization": normalization,
    "layers.EinsumDense": layer_scale,
    "layers.Add": merge("Add"),
    "layers.Subtract": merge("Sub"),
    "layers.Multiply": merge("Mul"),
    "layers.Maximum": merge("Max"),
    "layers.Average": average,
    "layers.Concatenate": concat,
    "layers.MaxPooling2D": pool("MaxPool"),
    "layers.AveragePooling2D": pool("AveragePool", count_include_pad=0),
    "layers.GlobalAveragePooling2D": global_pool("GlobalAveragePool"),
    "layers.GlobalMaxPooling2D": global_pool("GlobalMaxPool"),
    "layers.GlobalAveragePooling1D": pool_of_tokens("ReduceMean"),
    "layers.GlobalMaxPooling1D": pool_of_tokens("ReduceMax"),
    "layers.Flatten": reshape,
    "layers.Reshape": reshape,
    "layers.Permute": permute,
    "layers.ZeroPadding2D": pad,
    "layers.Cropping2D": crop,
    "layers.UpSampling2D": upsample,
    "layers.Resizing": resize,
    "layers.Rescaling": rescaling,
    "ops.power": power,
    "layers.Dropout": dropout,
}
