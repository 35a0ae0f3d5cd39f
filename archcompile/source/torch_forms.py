"""Every op in PyTorch: one function per op, which gives modules and functions.

A module that PyTorch has not got as Keras computes it stands in `torch_layers`. A test holds that
every op has a row in `FORMS`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from archcompile.ops import Op, Shape
from archcompile.source.torch_activations import ACTIVATIONS, activation_text
from archcompile.source.torch_kernels import (
    attention,
    conv,
    conv_transpose,
    dense,
    depthwise_conv,
    separable,
)
from archcompile.source.torch_pieces import (
    Carried,
    TorchPiece,
    axis_order,
    channel_axis,
    function,
    identity,
    is_map,
    module,
)
from archcompile.source.torch_pools import avg_pool, global_pool, max_pool

Form = Callable[[Any, tuple[Shape, ...]], tuple[TorchPiece, ...]]

# ---- activations ---------------------------------------------------------------------------------


def _activation(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (function(activation_text(op.kind, inputs[0])),)


def _leaky_relu(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("nn.LeakyReLU", negative_slope=op.slope),)


def _prelu(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    """PyTorch's own has a slope for each index of axis 1, which are the channels but in rows."""
    (shape,) = inputs
    if op.shared and len(shape) != 2:
        slopes = {"weight": Carried("alpha", lambda alpha: alpha.reshape(-1))}
        return (module("nn.PReLU", num_parameters=shape[-1], carried=slopes),)
    (alpha,) = op.weights(shape)
    if not is_map(shape):
        return (module("PReLU", shape=alpha.shape, carried={"weight": Carried("alpha", identity)}),)
    height, width, channels = alpha.shape
    slopes = {"weight": Carried("alpha", axis_order(2, 0, 1))}
    return (module("PReLU", shape=(channels, height, width), carried=slopes),)


# ---- norms ---------------------------------------------------------------------------------------


def _affine(op: Any) -> dict[str, Carried]:
    """The factor and the offset that a norm learns."""
    carried = {"weight": Carried("gamma", identity)} if op.scale else {}
    return carried | ({"bias": Carried("beta", identity)} if op.center else {})


def _affine_settings(op: Any) -> dict[str, Any]:
    return {"eps": op.epsilon, "scale": op.scale, "center": op.center}


def _batch_norm(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    carried = {
        **_affine(op),
        "running_mean": Carried("moving_mean", identity),
        "running_var": Carried("moving_variance", identity),
    }
    # 1 - 0.9 has a digit of rounding in its 17th place, which nobody wants to read
    momentum = round(1 - op.momentum, 12)
    settings = {**_affine_settings(op), "momentum": momentum}
    return (module("BatchNorm", channels=inputs[0][-1], carried=carried, **settings),)


def _layer_norm(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    channels = inputs[0][-1]
    return (module("LayerNorm", channels=channels, carried=_affine(op), **_affine_settings(op)),)


def _group_norm(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    settings = {"groups": op.groups, "channels": inputs[0][-1], **_affine_settings(op)}
    return (module("GroupNorm", carried=_affine(op), **settings),)


def _rms_norm(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    carried = {"weight": Carried("scale", identity)}
    return (module("RMSNorm", channels=inputs[0][-1], eps=op.epsilon, carried=carried),)


def _lrn(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    """PyTorch multiplies the mean of the squares by alpha, we their sum."""
    settings = {"size": op.size, "alpha": op.alpha * op.size, "beta": op.beta, "k": op.bias}
    return (module("nn.LocalResponseNorm", **settings),)


def _layer_scale(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    carried = {"weight": Carried("gamma", identity)}
    return (module("LayerScale", channels=inputs[0][-1], carried=carried),)


def _floats(numbers: Iterable[float]) -> list[float]:
    return [float(number) for number in numbers]


def _normalize(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    if op.mean is not None:
        return (module("Normalize", mean=_floats(op.mean), variance=_floats(op.variance)),)
    channels = inputs[0][-1]
    carried = {name: Carried(name, identity) for name in ("mean", "variance")}
    settings: dict[str, Any] = {
        "mean": [0.0] * channels,
        "variance": [1.0] * channels,
        "stored": True,
    }
    return (module("Normalize", carried=carried, **settings),)


# ---- merges --------------------------------------------------------------------------------------


def _merge(text: str) -> Form:
    def form(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
        return (function(text, *range(len(inputs))),)

    return form


def _concat(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (function(f"torch.cat((*), {channel_axis(inputs[0])})", *range(len(inputs))),)


# ---- what moves values, or drops them ------------------------------------------------------------


def _pad(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    top, bottom, left, right = op.size
    return (module("nn.ZeroPad2d", padding=(left, right, top, bottom)),)


def _crop(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    top, bottom, left, right = op.size
    return (module("nn.ZeroPad2d", padding=(-left, -right, -top, -bottom)),)


def _pad_channels(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("nn.ZeroPad3d", padding=(0, 0, 0, 0, op.before, op.after)),)


def _permute(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    if not is_map(inputs[0]):
        is_same = op.axes == ("tokens", "channels")
        return (function("*" if is_same else "*.transpose(1, 2)"),)
    places = {"height": 2, "width": 3, "channels": 1}
    height, width, channels = (places[axis] for axis in op.axes)
    return (function(f"*.permute(0, {channels}, {height}, {width})"),)


def _vector(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    """Keras flattens pixel by pixel, PyTorch channel by channel: the channels go last before."""
    is_pixel = inputs[0][:2] == (1, 1)
    if is_map(inputs[0]) and not is_pixel:
        return (function("*.permute(0, 2, 3, 1).flatten(1)"),)
    return (function("*.flatten(1)"),)


def _reshape(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("Reshape", shape=op.to),)


def _tokens(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (function("*.flatten(2).transpose(1, 2)"),)


def _map(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    height, width, _ = op.shape(*inputs)
    return (function(f"*.transpose(1, 2).unflatten(2, ({height}, {width}))"),)


def _upsample(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("nn.Upsample", scale_factor=op.size, mode=op.interpolation),)


def _resize(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    if op.interpolation == "nearest":
        return (module("NearestResize", size=op.to),)
    return (module("nn.Upsample", size=op.to, mode="bilinear"),)


def _rescale(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("Rescale", scale=op.scale, offset=op.offset),)


def _dropout(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("nn.Dropout", p=op.rate),)


def _drop_path(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("DropPath", rate=op.drop_rate, per=op.per, scale_at=op.scale_at),)


def _slice_channels(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("SliceChannels", start=op.start, channels=op.channels),)


def _shuffle_channels(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("ShuffleChannels", groups=op.groups),)


def _depth_to_space(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("DepthToSpace", size=op.size),)


def _space_to_depth(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("SpaceToDepth", size=op.size),)


def _subsample(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("nn.AvgPool2d", kernel_size=1, stride=op.stride, padding=0),)


def _blur_pool(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    return (module("BlurPool2d", size=op.size, stride=op.stride),)


# ---- the table -----------------------------------------------------------------------------------

FORMS: Mapping[str, Form] = {
    "conv": conv,
    "depthwise_conv": depthwise_conv,
    "separable_conv": separable,
    "conv_transpose": conv_transpose,
    "dense": dense,
    "attention": attention,
    **dict.fromkeys(ACTIVATIONS, _activation),  # leaky_relu has a slope of its own as a step
    "leaky_relu": _leaky_relu,
    "prelu": _prelu,
    "bn": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "rms_norm": _rms_norm,
    "lrn": _lrn,
    "layer_scale": _layer_scale,
    "normalize": _normalize,
    "add": _merge(" + "),
    "subtract": _merge(" - "),
    "multiply": _merge(" * "),
    "average": _merge("torch.stack((*)).mean(0)"),
    "maximum": _merge("torch.stack((*)).amax(0)"),
    "concat": _concat,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "blur_pool": _blur_pool,
    "subsample": _subsample,
    "global_avg_pool": global_pool("mean"),
    "global_max_pool": global_pool("amax"),
    "pad": _pad,
    "crop": _crop,
    "pad_channels": _pad_channels,
    "permute": _permute,
    "flatten": _vector,
    "reshape": _reshape,
    "tokens": _tokens,
    "map": _map,
    "upsample": _upsample,
    "resize": _resize,
    "rescale": _rescale,
    "dropout": _dropout,
    "drop_path": _drop_path,
    "slice_channels": _slice_channels,
    "shuffle_channels": _shuffle_channels,
    "depth_to_space": _depth_to_space,
    "space_to_depth": _space_to_depth,
}


def torch_form(op: Op, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
    """The pieces of an op, in order. Their last one is its value."""
    return FORMS[op.kind](op, inputs)
