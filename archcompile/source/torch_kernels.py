"""Convolutions and dense layers in PyTorch."""

from typing import Any

from archcompile.ops import Shape, same_padding
from archcompile.source.torch_activations import with_activation
from archcompile.source.torch_pieces import (
    CONV,
    Carried,
    TorchPiece,
    axis_order,
    depthwise,
    heads_in,
    heads_out,
    identity,
    is_map,
    module,
    pointwise,
)

Pair = tuple[int, int]
Inputs = tuple[Shape, ...]


def even_zeros(size: Shape, kernel: Pair, stride: Pair, *, dilation: Pair = (1, 1)) -> Pair | None:
    """The zeros that `same` adds on each side of both axes; None where they are not even."""
    sides = []
    for pixels, taps, step, gap in zip(size, kernel, stride, dilation, strict=True):
        total = same_padding(pixels, taps, step, dilation=gap)
        if total % 2:
            return None
        sides.append(total // 2)
    return sides[0], sides[1]


def _bias(op: Any) -> dict[str, Carried]:
    return {"bias": Carried("bias", identity)} if op.bias else {}


def _window(op: Any, inputs: Inputs, carried: dict[str, Carried], **settings: Any) -> TorchPiece:
    """A convolution with the zeros of its op; PyTorch's own where they are even."""
    suffix = settings.pop("suffix", "")
    settings |= {"kernel_size": op.kernel, "stride": op.stride, "dilation": op.dilation}
    zeros: Pair | None = (0, 0)
    if op.padding == "same":
        zeros = even_zeros(inputs[0][:2], op.kernel, op.stride, dilation=op.dilation)
    path = "SameConv2d" if zeros is None else "nn.Conv2d"
    settings["padding"] = zeros or (0, 0)
    return module(path, suffix=suffix, carried=carried, **settings)


def conv(op: Any, inputs: Inputs) -> tuple[TorchPiece, ...]:
    piece = _window(
        op,
        inputs,
        {"weight": Carried("kernel", CONV), **_bias(op)},
        in_channels=inputs[0][2],
        out_channels=op.filters,
        groups=op.groups,
        bias=op.bias,
    )
    return with_activation((piece,), op.activation, op.shape(*inputs))


def depthwise_conv(op: Any, inputs: Inputs) -> tuple[TorchPiece, ...]:
    channels = inputs[0][2]
    piece = _window(
        op,
        inputs,
        {"weight": Carried("kernel", depthwise), **_bias(op)},
        in_channels=channels,
        out_channels=channels * op.multiplier,
        groups=channels,
        bias=op.bias,
    )
    return with_activation((piece,), op.activation, op.shape(*inputs))


def separable(op: Any, inputs: Inputs) -> tuple[TorchPiece, ...]:
    """Two convolutions; the second has the name and the bias."""
    channels = inputs[0][2]
    between = channels * op.multiplier
    first = _window(
        op,
        inputs,
        {"weight": Carried("depthwise_kernel", depthwise)},
        suffix="depthwise",
        in_channels=channels,
        out_channels=between,
        groups=channels,
        bias=False,
    )
    carried = {"weight": Carried("pointwise_kernel", CONV), **_bias(op)}
    second = _pixel(between, op.filters, "depthwise", bias=op.bias, carried=carried)
    return with_activation((first, second), op.activation, op.shape(*inputs))


def _pixel(
    channels: int, filters: int, source: int | str, *, bias: bool, carried: dict[str, Carried]
) -> TorchPiece:
    """A convolution of one pixel."""
    return module(
        "nn.Conv2d",
        source,
        carried=carried,
        in_channels=channels,
        out_channels=filters,
        groups=1,
        bias=bias,
        kernel_size=(1, 1),
        stride=(1, 1),
        dilation=(1, 1),
        padding=(0, 0),
    )


def conv_transpose(op: Any, inputs: Inputs) -> tuple[TorchPiece, ...]:
    """What `same` cuts off, PyTorch calls padding; an odd row or column is cut off behind it."""
    excess = [size - step for size, step in zip(op.kernel, op.stride, strict=True)]
    cut = [max(n, 0) if op.padding == "same" else 0 for n in excess]
    is_even = not any(n % 2 for n in cut)
    layer = module(
        "nn.ConvTranspose2d",
        carried={"weight": Carried("kernel", CONV), **_bias(op)},
        in_channels=inputs[0][2],
        out_channels=op.filters,
        kernel_size=op.kernel,
        stride=op.stride,
        padding=tuple(n // 2 for n in cut) if is_even else (0, 0),
        output_padding=tuple(max(-n, 0) for n in excess),
        bias=op.bias,
    )
    if is_even:
        return with_activation((layer,), op.activation, op.shape(*inputs))
    top, left = (n // 2 for n in cut)
    below, right = (n - n // 2 for n in cut)
    border = (-left, -right, -top, -below)
    crop = module("nn.ZeroPad2d", "", suffix="cut", padding=border)
    return with_activation((layer, crop), op.activation, op.shape(*inputs))


def dense(op: Any, inputs: Inputs) -> tuple[TorchPiece, ...]:
    """At each pixel of a map it is a convolution of one pixel."""
    channels = inputs[0][-1]
    if is_map(inputs[0]):
        carried = {"weight": Carried("kernel", pointwise), **_bias(op)}
        layer = _pixel(channels, op.units, 0, bias=op.bias, carried=carried)
    else:
        carried = {"weight": Carried("kernel", axis_order(1, 0)), **_bias(op)}
        settings = {"in_features": channels, "out_features": op.units, "bias": op.bias}
        layer = module("nn.Linear", carried=carried, **settings)
    return with_activation((layer,), op.activation, op.shape(*inputs))


def attention(op: Any, inputs: Inputs) -> tuple[TorchPiece, ...]:
    """Keras' projections have an axis for the heads, PyTorch's have not."""
    carried = {}
    for part in ("query", "key", "value", "attention_output"):
        turn = heads_in if part == "attention_output" else heads_out
        carried[f"{part}.weight"] = Carried(f"{part}/kernel", turn)
        if op.bias:
            carried[f"{part}.bias"] = Carried(f"{part}/bias", lambda bias: bias.reshape(-1))
    shapes = {weight.name: weight.shape for weight in op.weights(*inputs)}
    layer = module(
        "Attention",
        carried=carried,
        in_channels=inputs[0][-1],
        out_channels=op.shape(*inputs)[-1],
        heads=op.heads,
        head_channels=shapes["query/kernel"][-1],
        value_channels=shapes["value/kernel"][-1],
        bias=op.bias,
    )
    return (layer,)
