"""How modules of PyTorch are called: what they take by position, and what may be left out."""

from collections.abc import Mapping
from typing import Any

_CONV = ("in_channels", "out_channels", "kernel_size")
_POOL = ("kernel_size", "stride")

# By the path of a module, or of a definition in `torch_layers`.
POSITIONAL: Mapping[str, tuple[str, ...]] = {
    "nn.Conv2d": _CONV,
    "SameConv2d": _CONV,
    "nn.ConvTranspose2d": _CONV,
    "nn.Linear": ("in_features", "out_features"),
    "nn.MaxPool2d": _POOL,
    "nn.AvgPool2d": _POOL,
    "SameMaxPool2d": _POOL,
    "SameAvgPool2d": _POOL,
    "BlurPool2d": ("size", "stride"),
    "Attention": ("in_channels", "out_channels"),
    "BatchNorm": ("channels",),
    "LayerNorm": ("channels",),
    "GroupNorm": ("groups", "channels"),
    "RMSNorm": ("channels",),
    "LayerScale": ("channels",),
    "Preprocessing": ("scale", "mean_shape", "std_shape"),
    "Normalize": ("mean", "variance"),
    "PReLU": ("shape",),
    "Rescale": ("scale", "offset"),
    "DropPath": ("rate",),
    "SliceChannels": ("start", "channels"),
    "ShuffleChannels": ("groups",),
    "DepthToSpace": ("size",),
    "SpaceToDepth": ("size",),
    "Reshape": ("shape",),
    "NearestResize": ("size",),
    "nn.PReLU": ("num_parameters",),
    "nn.LeakyReLU": ("negative_slope",),
    "nn.ZeroPad2d": ("padding",),
    "nn.ZeroPad3d": ("padding",),
    "nn.Dropout": ("p",),
    "nn.LocalResponseNorm": ("size",),
}
# What is left out where a module is built: the defaults of PyTorch, and those of `torch_layers`.
LEFT_OUT: Mapping[str, Any] = {
    "padding": 0,
    "output_padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": True,
    "scale": True,
    "center": True,
    "per": "sample",
    "scale_at": "train",
}
# Where the stride has a default, that is not the size of a window.
STRIDED = ("nn.Conv2d", "SameConv2d", "nn.ConvTranspose2d")
# What arguments of printed blocks are by default. Keras has no settings of these names, so that
# units are laid over one another by the same code.
SHARED_DEFAULTS: Mapping[str, Any] = {"stride": 1, "dilation": 1, "bias": True}
# What every module has by itself, so that no layer can be called like it; a test asks PyTorch.
MODULE_ATTRIBUTES = frozenset(
    {
        "T_destination",
        "add_module",
        "append",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extend",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "insert",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "pop",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    }
)
# Numbers of channels go by many names; one argument of a block stands for all that are equal.
_CHANNELS = frozenset(
    {"channels", "in_channels", "out_channels", "in_features", "out_features", "num_parameters"}
)


def are_alike(first: str, second: str) -> bool:
    """Whether settings of these names can be one argument of a block."""
    both = {first, second}
    return (
        first == second or both <= _CHANNELS or ("groups" in both and both - {"groups"} < _CHANNELS)
    )


def is_left_out(path: str, key: str, value: str) -> bool:
    """Whether a setting has the value that it has anyway, both as they are written."""
    if key == "stride":
        return path in STRIDED and value == "1"
    return key in LEFT_OUT and value == _as_text(LEFT_OUT[key])


def _as_text(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
