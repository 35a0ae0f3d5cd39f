"""What Keras takes for a setting that is left out, and which settings it takes by position.

The only home of these facts: calls and emitted source leave such settings out; what reads source
back, and what writes ONNX or PyTorch, fills them in; the importer passes over them; the numbers
among them are the defaults of ops and recipes too. A test holds them to Keras' own signatures.
"""

from collections.abc import Mapping
from inspect import Parameter
from typing import Any

Settings = Mapping[str, Any]

# As a call writes them.
DEFAULTS: Settings = {
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
    "gamma_initializer": "ones",
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

# What a class takes instead, or alone; `strides` of None is the size of the pool. Emitted source
# does not rely on these where calls differ.
_POOL: Settings = {"strides": None, "padding": "valid"}
CLASS_DEFAULTS: Mapping[str, Settings] = {
    "layers.MaxPooling2D": _POOL,
    "layers.AveragePooling2D": _POOL,
    "layers.GroupNormalization": {"groups": 32},
    "layers.LeakyReLU": {"negative_slope": 0.3},
    "layers.Normalization": {"mean": None, "variance": None},
    "layers.PReLU": {"shared_axes": None},
    "layers.RMSNormalization": {"epsilon": 1e-6},
    "layers.Rescaling": {"scale": Parameter.empty},  # it must be given
    "layers.UpSampling2D": {"interpolation": "nearest"},
    "layers.Resizing": {"interpolation": "bilinear"},
    "layers.MultiHeadAttention": {"value_dim": None, "output_shape": None},
}

# As a config spells them, once `keras_config.normal` has read it: what a spec leaves to Keras.
CONFIG_DEFAULTS: Settings = {
    "dtype": "float32",
    "trainable": True,
    "data_format": "channels_last",
    "seed": None,
    "activity_regularizer": None,
    "alpha_constraint": None,
    "alpha_regularizer": None,
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
    "output_padding": None,
    "invert": False,
    "crop_to_aspect_ratio": False,
    "pad_to_aspect_ratio": False,
    "fill_mode": "constant",
    "fill_value": 0,
    "antialias": False,
    "attention_axes": None,
    "sliding_window": None,
    "use_gate": False,
}

# Settings that Keras also takes by position, in its order.
POSITIONAL: Mapping[str, tuple[str, ...]] = {
    "Input": ("shape",),
    "layers.Conv2D": ("filters", "kernel_size"),
    "layers.Conv2DTranspose": ("filters", "kernel_size"),
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
    "layers.Resizing": ("height", "width"),
    "layers.GroupNormalization": ("groups",),
    "layers.MultiHeadAttention": ("num_heads", "key_dim"),
}

# Layers of several inputs that take them one by one, where others take one list.
TAKE_INPUTS_APART = ("layers.MultiHeadAttention",)

# The optimizers of keras.optimizers, without their learning rates, which a recipe must give.
OPTIMIZERS: Mapping[str, Settings] = {
    "Adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Lamb": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Lion": {"beta_1": 0.9, "beta_2": 0.99},
    "RMSprop": {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7},
    "SGD": {"momentum": 0.0, "nesterov": False},
}
# The slope of `keras.activations.leaky_relu`; that of the layer is another.
LEAKY_SLOPE = 0.2
# `keras.config.epsilon()`: the least that a divisor or a probability is taken for.
EPSILON = 1e-7


def has_default(path: str, key: str) -> bool:
    """Whether `DEFAULTS` says what the class at `path` takes for a setting that is left out."""
    return key in DEFAULTS and key not in CLASS_DEFAULTS.get(path, {})


def with_defaults(path: str, settings: Settings) -> dict[str, Any]:
    """The settings of a call of the class at `path`, and what Keras takes for those left out."""
    return {**DEFAULTS, **CLASS_DEFAULTS.get(path, {}), **settings}


def without_defaults(path: str, settings: Settings) -> dict[str, Any]:
    """The settings that differ from what the class at `path` takes for them."""
    defaults = with_defaults(path, {})
    return {
        key: value
        for key, value in settings.items()
        if key not in defaults or defaults[key] != value
    }
