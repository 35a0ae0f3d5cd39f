"""A network of PyTorch with one output for each operation that archc translates.

Run by PyTorch alone, as `torch:FILE.py`.
"""

import torch
import torch.nn.functional as F
from torch import nn

CHANNELS, SIZE = 6, 11


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Scaled(nn.Module):
    """A factor a channel, as ConvNeXt has it."""

    def __init__(self, shape):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(shape))

    def forward(self, x):
        return x * self.gamma


class Shuffled(nn.Module):
    def forward(self, x):
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


class Inverted(nn.Module):
    """Keeps what a norm in place would change."""

    def forward(self, x):
        y = x * 2
        z = F.relu_(y)
        return y + z


def on_last_axis(module):
    return nn.Sequential(
        Lambda(lambda x: x.permute(0, 2, 3, 1)), module, Lambda(lambda x: x.permute(0, 3, 1, 2))
    )


def after_relu(module):
    return nn.Sequential(nn.ReLU(), module)


def as_tokens(module):
    return nn.Sequential(Lambda(lambda x: x.flatten(2).transpose(1, 2)), module)


OPERATIONS = {
    "conv": nn.Conv2d(6, 8, 3, padding=1),
    "conv_stride": nn.Conv2d(6, 8, 3, stride=2, padding=1, bias=False),
    "conv_wide": nn.Conv2d(6, 8, (1, 5), stride=2, padding=(0, 2)),
    "conv_even": nn.Conv2d(6, 8, 4, stride=4),
    "conv_same": nn.Conv2d(6, 8, 4, padding="same"),
    "conv_dilated": nn.Conv2d(6, 8, 3, padding=2, dilation=2),
    "conv_dilated_stride": nn.Conv2d(6, 8, 3, padding=2, dilation=2, stride=2),
    "conv_grouped": nn.Conv2d(6, 9, 3, groups=3),
    "conv_depthwise": nn.Conv2d(6, 6, 3, padding=1, groups=6),
    "conv_depthwise_twice": nn.Conv2d(6, 12, 3, stride=2, groups=6),
    "conv_transposed": nn.ConvTranspose2d(6, 5, 2, stride=2),
    "conv_transposed_cropped": nn.ConvTranspose2d(6, 5, 4, stride=2, padding=1),
    "conv_transposed_more": nn.ConvTranspose2d(6, 5, 3, stride=2, padding=1, output_padding=1),
    "batch_norm": nn.BatchNorm2d(6),
    "batch_norm_other": nn.BatchNorm2d(6, eps=1e-3, momentum=0.01),
    "batch_norm_bare": nn.BatchNorm2d(6, affine=False),
    "batch_norm_of_vectors": nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(6)
    ),
    "layer_norm": on_last_axis(nn.LayerNorm(6, eps=1e-6)),
    "group_norm": nn.GroupNorm(2, 6),
    "relu": nn.ReLU(),
    "relu6": nn.Sequential(Lambda(lambda x: x * 9), nn.ReLU6()),
    "sigmoid": nn.Sigmoid(),
    "hardsigmoid": nn.Sequential(Lambda(lambda x: x * 5), nn.Hardsigmoid()),
    "hardswish": nn.Sequential(Lambda(lambda x: x * 5), nn.Hardswish()),
    "silu": nn.SiLU(),
    "gelu": nn.GELU(),
    "tanh": nn.Tanh(),
    "mish": nn.Mish(),
    "selu": nn.SELU(),
    "elu": nn.ELU(),
    "softplus": nn.Softplus(),
    "leaky_relu": nn.LeakyReLU(0.1),
    "prelu": nn.PReLU(6),
    "softmax": nn.Softmax(dim=1),
    "softmax_rows": nn.Softmax(dim=2),
    "dropout": nn.Dropout(0.3),
    "max_pool": nn.MaxPool2d(3, 2),
    "max_pool_around": nn.MaxPool2d(3, 2, padding=1),
    "max_pool_around_zeros": after_relu(nn.MaxPool2d(3, 2, padding=1)),
    "max_pool_still": nn.MaxPool2d(3, 1, padding=1),
    "max_pool_beyond": nn.MaxPool2d(2, 2, ceil_mode=True),
    "max_pool_beyond_zeros": after_relu(nn.MaxPool2d(2, 2, ceil_mode=True)),
    "avg_pool": nn.AvgPool2d(2, 2),
    "avg_pool_zeros": nn.AvgPool2d(3, 2, padding=1),
    "avg_pool_around": nn.AvgPool2d(3, 2, padding=1, count_include_pad=False),
    "avg_pool_still": nn.AvgPool2d(3, 1, padding=1, count_include_pad=False),
    "avg_pool_beyond": nn.AvgPool2d(2, 2, ceil_mode=True),
    "global_pool": nn.AdaptiveAvgPool2d(1),
    "adaptive_pool": nn.AdaptiveAvgPool2d(4),
    "adaptive_same": nn.AdaptiveAvgPool2d(SIZE),
    "mean": Lambda(lambda x: x.mean((2, 3))),
    "mean_kept": Lambda(lambda x: x.mean((-2, -1), keepdim=True)),
    "mean_of_rows": as_tokens(Lambda(lambda x: x.mean(1))),
    "amax": Lambda(lambda x: x.amax((2, 3))),
    "linear_of_map": nn.Sequential(nn.Flatten(), nn.Linear(CHANNELS * SIZE * SIZE, 5)),
    "linear_behind_relu": nn.Sequential(
        nn.Flatten(), nn.ReLU(), nn.Dropout(0.2), nn.Linear(CHANNELS * SIZE * SIZE, 5)
    ),
    "linear_of_places": on_last_axis(nn.Linear(6, 4)),
    "linear_of_tokens": as_tokens(nn.Linear(6, 4)),
    "linear_across_tokens": nn.Sequential(Lambda(lambda x: x.flatten(2)), nn.Linear(SIZE**2, 4)),
    "pointwise_head": nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Conv2d(6, 7, 1), nn.Hardswish(), nn.Flatten(), nn.Linear(7, 3)
    ),
    "gate": Lambda(lambda x: x * x.mean((2, 3), keepdim=True).sigmoid()),
    "add": Lambda(lambda x: x + x.tanh()),
    "sub": Lambda(lambda x: x - x.tanh()),
    "add_number": Lambda(lambda x: x + 3),
    "number_less": Lambda(lambda x: 1.5 - x),
    "mul_number": Lambda(lambda x: x * 0.5),
    "div_number": Lambda(lambda x: x / 4),
    "scale_map": Scaled((6, 1, 1)),
    "scale_places": on_last_axis(Scaled((6,))),
    "cat": Lambda(lambda x: torch.cat([x, x.relu()], 1)),
    "cat_rows": Lambda(lambda x: torch.cat([x, x.relu()], 2)),
    "chunk": Lambda(lambda x: x.chunk(2, 1)[1]),
    "split": Lambda(lambda x: x.split([1, 3, 2], 1)[1]),
    "slice": Lambda(lambda x: x[:, 2:5, 1:, :-2]),
    "shuffle": Shuffled(),
    "permute": Lambda(lambda x: x.permute(0, 3, 2, 1)),
    "tokens": as_tokens(nn.Identity()),
    "pad": Lambda(lambda x: F.pad(x, (1, 2, 3, 4))),
    "pad_low": after_relu(
        nn.Sequential(
            Lambda(lambda x: F.pad(x, (0, 1, 0, 1), value=-float("inf"))), nn.MaxPool2d(3, 2)
        )
    ),
    "nearest": nn.Upsample(scale_factor=2),
    "bilinear": nn.Upsample(scale_factor=2, mode="bilinear"),
    "in_place": Inverted(),
}


class Everything(nn.Module):
    def __init__(self):
        super().__init__()
        self.operations = nn.ModuleDict({f"{key}_": value for key, value in OPERATIONS.items()})

    def forward(self, x):
        return {key[:-1]: module(x) for key, module in self.operations.items()}


model = Everything()
