"""What PyTorch has not got as Keras has it: definitions that printed modules take.

Nothing imports this file. `torch_definitions` cuts the definitions that a network needs
out of its text, so each stands on its own, or on others here. A map is (N, C, H, W),
rows are (N, T, C). Lines have 88 columns, as in printed source.
"""

import torch
import torch.nn.functional as F
from torch import nn


def same_zeros(x, kernel, stride, *, dilation=(1, 1)):
    """The zeros of Keras' `same` at (left, right, top, bottom).

    There are ceil(size / stride) windows; an odd zero lies right and below.
    """
    zeros = []
    windows = zip(x.shape[2:], kernel, stride, dilation, strict=True)
    for size, taps, step, gap in windows:
        reach = (taps - 1) * gap + 1
        total = max((size - 1) // step * step + reach - size, 0)
        zeros = [total // 2, total - total // 2, *zeros]
    return zeros


def per_channel(values, x):
    """One value for each channel, in the shape that meets the channels of `x`."""
    return values.view(-1, 1, 1) if x.dim() == 4 else values


class SameConv2d(nn.Conv2d):
    """A convolution with the zeros of Keras' `same`, more of them right and below."""

    def forward(self, x):
        zeros = same_zeros(x, self.kernel_size, self.stride, dilation=self.dilation)
        left, right, top, bottom = zeros
        if (left, top) != (right, bottom):
            return super().forward(F.pad(x, zeros))
        return F.conv2d(
            x,
            self.weight,
            self.bias,
            self.stride,
            (top, left),
            self.dilation,
            self.groups,
        )


class SameMaxPool2d(nn.Module):
    """A max pool with Keras' `same`: what lies around the map is never the largest."""

    def __init__(self, kernel_size, stride):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, x):
        zeros = same_zeros(x, self.kernel_size, self.stride)
        x = F.pad(x, zeros, value=float("-inf"))
        return F.max_pool2d(x, self.kernel_size, self.stride)


class SameAvgPool2d(nn.Module):
    """An average pool with `same` of Keras: zeros around the map do not count."""

    def __init__(self, kernel_size, stride):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, x):
        zeros = same_zeros(x, self.kernel_size, self.stride)
        inside = F.pad(torch.ones_like(x[:1, :1]), zeros)
        means = F.avg_pool2d(F.pad(x, zeros), self.kernel_size, self.stride)
        return means / F.avg_pool2d(inside, self.kernel_size, self.stride)


class BlurPool2d(nn.Module):
    """Means weighed by a row of Pascal's triangle on both axes; zeros outside count."""

    def __init__(self, size, stride):
        super().__init__()
        self.size, self.stride = size, stride

    def forward(self, x):
        before = (self.size - 1) // 2
        after = self.size - 1 - before
        row = x.new_ones(1)
        for _ in range(self.size - 1):
            row = (F.pad(row, (0, 1)) + F.pad(row, (1, 0))) / 2
        kernel = (row[:, None] * row).expand(x.shape[1], 1, -1, -1)
        x = F.pad(x, (before, after, before, after))
        return F.conv2d(x, kernel, stride=self.stride, groups=x.shape[1])


class BatchNorm(nn.Module):
    """Batch norm as Keras trains it.

    Keras keeps the variance of each batch as it is, PyTorch's own layer n / (n - 1)
    times that. `momentum` is the part that a batch adds: 0.1 where Keras says 0.9.
    """

    def __init__(self, channels, *, eps, momentum, scale=True, center=True):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels)) if scale else None
        self.bias = nn.Parameter(torch.zeros(channels)) if center else None
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x):
        if x.dim() == 3:
            return self.normalise(x.transpose(1, 2)).transpose(1, 2)
        return self.normalise(x)

    def normalise(self, x):
        # a copy, since the backward pass needs what PyTorch wrote
        variance = self.running_var.clone() if self.training else self.running_var
        y = F.batch_norm(
            x,
            self.running_mean,
            variance,
            self.weight,
            self.bias,
            self.training,
            self.momentum,
            self.eps,
        )
        if self.training:
            part = x.shape[1] / x.numel()
            kept = self.running_var.mul_((1 - self.momentum) * part)
            kept.add_(variance, alpha=1 - part)
        return y


class Attention(nn.Module):
    """Self-attention of several heads over the pixels of a map, or over rows."""

    def __init__(
        self,
        in_channels,
        out_channels,
        *,
        heads,
        head_channels,
        value_channels,
        bias=True,
    ):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(in_channels, heads * head_channels, bias)
        self.key = nn.Linear(in_channels, heads * head_channels, bias)
        self.value = nn.Linear(in_channels, heads * value_channels, bias)
        self.attention_output = nn.Linear(heads * value_channels, out_channels, bias)

    def forward(self, x):
        if x.dim() == 4:
            rows = self.attend(x.flatten(2).transpose(1, 2))
            return rows.transpose(1, 2).unflatten(2, x.shape[2:])
        return self.attend(x)

    def attend(self, rows):
        query, key, value = (
            project(rows).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for project in (self.query, self.key, self.value)
        )
        means = F.scaled_dot_product_attention(query, key, value)
        return self.attention_output(means.transpose(1, 2).flatten(2))


class LayerNorm(nn.Module):
    """Layer norm over the channels of each pixel: in Keras these are the last axis."""

    def __init__(self, channels, *, eps, scale=True, center=True):
        super().__init__()
        self.eps = eps
        self.shape = (channels,)
        self.weight = nn.Parameter(torch.ones(channels)) if scale else None
        self.bias = nn.Parameter(torch.zeros(channels)) if center else None

    def forward(self, x):
        if x.dim() == 4:
            return self.normalise(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return self.normalise(x)

    def normalise(self, x):
        return F.layer_norm(x, self.shape, self.weight, self.bias, self.eps)


class GroupNorm(nn.Module):
    """Group norm; of rows, too, where the channels come last."""

    def __init__(self, groups, channels, *, eps, scale=True, center=True):
        super().__init__()
        self.groups, self.eps = groups, eps
        self.weight = nn.Parameter(torch.ones(channels)) if scale else None
        self.bias = nn.Parameter(torch.zeros(channels)) if center else None

    def forward(self, x):
        if x.dim() == 3:
            return self.normalise(x.transpose(1, 2)).transpose(1, 2)
        return self.normalise(x)

    def normalise(self, x):
        return F.group_norm(x, self.groups, self.weight, self.bias, self.eps)


class RMSNorm(nn.Module):
    """The channels of each pixel over the root of their mean square, times a factor."""

    def __init__(self, channels, *, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        channels = 1 if x.dim() == 4 else -1
        mean = x.square().mean(channels, keepdim=True)
        return x * torch.rsqrt(mean + self.eps) * per_channel(self.weight, x)


class LayerScale(nn.Module):
    """Each channel times a factor."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        return x * per_channel(self.weight, x)


class Normalize(nn.Module):
    """(x - mean) / deviation of each channel, with numbers that training never changes.

    They are part of the weights where they are not written out in the spec (`stored`).
    """

    def __init__(self, mean, variance, *, stored=False):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean), persistent=stored)
        self.register_buffer("variance", torch.tensor(variance), persistent=stored)

    def forward(self, x):
        deviation = self.variance.sqrt().clamp(min=1e-7)
        return (x - per_channel(self.mean, x)) / per_channel(deviation, x)


class Preprocessing(nn.Module):
    """What images go through in training: pixels / scale, less mean, over deviation."""

    def __init__(self, scale, mean_shape, std_shape):
        super().__init__()
        self.scale = scale
        self.register_buffer("mean", torch.zeros(mean_shape))
        self.register_buffer("std", torch.ones(std_shape))

    def forward(self, pixels):
        return (pixels / self.scale - self.mean) / self.std


class PReLU(nn.Module):
    """x above zero, and below it x times a slope of its place."""

    def __init__(self, shape):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        return F.relu(x) - self.weight * F.relu(-x)


class Rescale(nn.Module):
    """scale * x + offset."""

    def __init__(self, scale, offset=0.0):
        super().__init__()
        self.scale, self.offset = scale, offset

    def forward(self, x):
        return x * self.scale + self.offset


class DropPath(nn.Module):
    """All of a sample (or of the batch) dropped at random, while training.

    What survives is divided by 1 - rate; with `scale_at="test"` all is
    multiplied by it at inference instead.
    """

    def __init__(self, rate, *, per="sample", scale_at="train"):
        super().__init__()
        self.rate, self.per, self.scale_at = rate, per, scale_at

    def forward(self, x):
        if not self.training:
            return x * (1 - self.rate) if self.scale_at == "test" else x
        count = x.shape[0] if self.per == "sample" else 1
        draws = torch.rand(count, *[1] * (x.dim() - 1), device=x.device)
        kept = (draws >= self.rate).to(x.dtype)
        return x * kept if self.scale_at == "test" else x * kept / (1 - self.rate)
