"""What Keras takes for a setting that is left out, and which settings it takes by position.

The only home of these facts: emitted source leaves such settings out, what reads it back puts them
in, the importer passes over them, and the ONNX writer fills them in. A test holds them to the
signatures of Keras itself.
"""

from collections.abc import Mapping
from typing import Any

# As a call writes them.
DEFAULTS: Mapping[str, Any] = {
    "strides": 1,
    "dilation_rate": 1,
    "groups": 1,
    "depth_multiplier": 1,
    "use_bias": True,
    "activation": None,
    "kernel_initializer": "glorot_uniform",
    "depthwise_initializer": "glorot_uniform",
    "pointwise_initializer": "glorot_uniform",
    "bias_initializer": "zeros",
    "kernel_regularizer": None,
    "depthwise_regularizer": None,
    "pointwise_regularizer": None,
    "momentum": 0.99,
    "epsilon": 0.001,
    "scale": True,
    "center": True,
    "offset": 0.0,
    "keepdims": False,
}

# Layers for which Keras takes something else: a pool its size, a group norm 32.
EXCEPTIONS: Mapping[str, frozenset[str]] = {
    "layers.MaxPooling2D": frozenset({"strides"}),
    "layers.AveragePooling2D": frozenset({"strides"}),
    "layers.GroupNormalization": frozenset({"groups"}),
}

# As a config spells them, once `normal` has read it: the settings that a spec leaves to Keras.
CONFIG_DEFAULTS: Mapping[str, Any] = {
    "dtype": "float32",
    "trainable": True,
    "data_format": "channels_last",
    "seed": None,
    "activity_regularizer": None,
    "bias_constraint": None,
    "bias_regularizer": None,
    "beta_constraint": None,
    "beta_initializer": "Zeros",
    "beta_regularizer": None,
    "gamma_constraint": None,
    "gamma_initializer": "Ones",
    "gamma_regularizer": None,
    "kernel_constraint": None,
    "depthwise_constraint": None,
    "pointwise_constraint": None,
    "kernel_regularizer": None,
    "moving_mean_initializer": "Zeros",
    "moving_variance_initializer": "Ones",
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
    "synchronized": False,
    "rms_scaling": False,
    "bias_axes": None,
    "bias_initializer": "Zeros",
    "activation": "linear",
    "interpolation": "nearest",
    "invert": False,
}

# Settings that Keras also takes by position, in its order.
POSITIONAL: Mapping[str, tuple[str, ...]] = {
    "Input": ("shape",),
    "layers.Conv2D": ("filters", "kernel_size"),
    "layers.SeparableConv2D": ("filters", "kernel_size"),
    "layers.DepthwiseConv2D": ("kernel_size",),
    "layers.Dense": ("units",),
    "layers.Activation": ("activation",),
    "layers.MaxPooling2D": ("pool_size",),
    "layers.AveragePooling2D": ("pool_size",),
    "layers.Dropout": ("rate",),
    "layers.ZeroPadding2D": ("padding",),
    "layers.Cropping2D": ("cropping",),
    "layers.Reshape": ("target_shape",),
    "layers.Permute": ("dims",),
    "layers.Rescaling": ("scale",),
    "layers.UpSampling2D": ("size",),
    "layers.GroupNormalization": ("groups",),
}


def has_default(path: str, key: str) -> bool:
    """Whether `DEFAULTS` says what the class at `path` takes for a setting that is left out."""
    return key in DEFAULTS and key not in EXCEPTIONS.get(path, frozenset())


def padding_sides(padding: Any) -> tuple[int, int, int, int]:
    """Keras' `padding` or `cropping` of two pairs as top, bottom, left, right."""
    (top, bottom), (left, right) = padding
    return top, bottom, left, right
