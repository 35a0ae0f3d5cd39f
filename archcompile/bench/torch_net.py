"""A graph as an eager PyTorch network: the same layers and wiring, from the calls that Keras gets.

It is only for measuring: weights begin as PyTorch draws them, and a final softmax or sigmoid is
left to the loss, as in PyTorch.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from archcompile.analyses import head
from archcompile.errors import UsageError
from archcompile.graph import LayerGraph
from archcompile.keras_defaults import LEAKY_SLOPE, with_defaults
from archcompile.keras_model import NamedCall, calls
from archcompile.ops import Shape, as_pair, same_padding

Tensor = Any
ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "relu6": F.relu6,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "silu": F.silu,
    "swish": F.silu,
    "gelu": F.gelu,
    "elu": F.elu,
    "selu": F.selu,
    "mish": F.mish,
    "leaky_relu": lambda x: F.leaky_relu(x, LEAKY_SLOPE),
    "hard_sigmoid": F.hardsigmoid,
    "hard_swish": F.hardswish,
    "hard_silu": F.hardswish,
    "linear": lambda x: x,
}


class Net(nn.Module):  # type: ignore[misc]  # torch is an extra: no types
    """Images (B, C, H, W) to logits (B, classes), or (B, 1) of one sigmoid."""

    def __init__(self, graph: LayerGraph) -> None:
        super().__init__()
        self.source, self.end = next(iter(graph.nodes)), next(iter(graph.outputs.values()))
        ends = head(graph)
        if ends.output != "logits" and ends.node.name != self.end:
            raise UsageError(
                f"the PyTorch network of the benchmark has no {ends.node.op.kind} with layers "
                "after it"
            )
        self.steps: list[tuple[str, tuple[str, ...]]] = []
        self.layers = nn.ModuleList()
        self.decays: list[tuple[Any, float]] = []  # parameters with the L2 of their layer
        for named in calls(graph):
            if named.name == self.source:
                continue
            layer = self._layer(graph, named)
            self.layers.append(layer)
            self.steps.append((named.name, named.sources))
            settings = named.call.kwargs.items()
            penalties = [value for key, value in settings if key.endswith("_regularizer")]
            penalty = penalties[0] if penalties else None
            if penalty is not None and "l1" in penalty.kwargs:
                raise UsageError(f"the PyTorch network of the benchmark has no L1 ({named.name})")
            if penalty is not None and hasattr(layer, "weight"):
                self.decays.append((layer.weight, penalty.kwargs["l2"]))

    def forward(self, images: Tensor) -> Tensor:
        values = {self.source: images}
        for layer, (name, sources) in zip(self.layers, self.steps, strict=True):
            values[name] = layer(*(values[source] for source in sources))
        return values[self.end]

    def _layer(self, graph: LayerGraph, named: NamedCall) -> nn.Module:
        path = named.call.path
        kind, settings = path.removeprefix("layers."), with_defaults(path, named.call.kwargs)
        whole = named.sources == named.node.inputs  # its inputs' shapes are known
        make = LAYERS.get(kind)
        if make is None or not whole:
            raise UsageError(
                f"the PyTorch network of the benchmark has no {path} ({named.node.name})"
            )
        last = named.node.name == self.end
        return make(settings, graph.input_shapes(named.node), last)


class Does(nn.Module):  # type: ignore[misc]
    """A function as a module."""

    def __init__(self, does: Callable[..., Tensor]) -> None:
        super().__init__()
        self.does = does

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.does(*inputs)


class Then(nn.Module):  # type: ignore[misc]
    """A layer, zeros around its input first, an activation after it."""

    def __init__(
        self,
        layer: nn.Module,
        zeros: tuple[int, ...],
        activation: Callable[[Tensor], Tensor] | None,
    ) -> None:
        super().__init__()
        self.layer, self.zeros, self.activation = layer, zeros, activation

    @property
    def weight(self) -> Tensor:
        return self.layer.weight

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer(F.pad(x, self.zeros) if any(self.zeros) else x)
        return x if self.activation is None else self.activation(x)


Inputs = tuple[Shape, ...]
Make = Callable[[dict[str, Any], Inputs, bool], nn.Module]


def _activation(settings: dict[str, Any], last: bool) -> Callable[[Tensor], Tensor] | None:
    name = settings["activation"]
    if name is None or (name in ("softmax", "sigmoid") and last):
        return None
    if name not in ACTIVATIONS:
        raise UsageError(f"the PyTorch network of the benchmark has no activation {name}")
    return ACTIVATIONS[name]


def _zeros(
    shape: Shape, reach: tuple[int, int], stride: tuple[int, int], *, padding: str
) -> tuple[int, int, int, int]:
    """What `same` adds: left, right, top, bottom."""
    if padding != "same":
        return 0, 0, 0, 0
    sides = []
    for size, kernel, step in zip(shape[1::-1], reach[::-1], stride[::-1], strict=True):
        total = same_padding(size, kernel, step, dilation=1)
        sides += [total // 2, total - total // 2]
    return sides[0], sides[1], sides[2], sides[3]


def _conv(settings: dict[str, Any], inputs: Inputs, last: bool) -> nn.Module:
    channels, kernel, stride = (
        inputs[0][2],
        as_pair(settings["kernel_size"]),
        as_pair(settings["strides"]),
    )
    dilation = as_pair(settings["dilation_rate"])
    reach = ((kernel[0] - 1) * dilation[0] + 1, (kernel[1] - 1) * dilation[1] + 1)
    zeros = _zeros(inputs[0], reach, stride, padding=settings["padding"])
    even = zeros[0] == zeros[1] and zeros[2] == zeros[3]
    filters = settings.get("filters") or channels * settings["depth_multiplier"]
    groups = settings["groups"] if "filters" in settings else channels
    layer = nn.Conv2d(
        channels,
        filters,
        kernel,
        stride,
        (zeros[2], zeros[0]) if even else 0,
        dilation,
        groups,
        bias=settings["use_bias"],
    )
    return Then(layer, (0,) * 4 if even else zeros, _activation(settings, last))


def _dense(settings: dict[str, Any], inputs: Inputs, last: bool) -> nn.Module:
    if len(inputs[0]) != 1:
        raise UsageError("the PyTorch network of the benchmark has no dense layer per position")
    layer = nn.Linear(inputs[0][-1], settings["units"], bias=settings["use_bias"])
    return Then(layer, (), _activation(settings, last))


def _norm(settings: dict[str, Any], inputs: Inputs, last: bool) -> nn.Module:
    kind = nn.BatchNorm2d if len(inputs[0]) == 3 else nn.BatchNorm1d
    return kind(inputs[0][-1], settings["epsilon"], 1 - settings["momentum"])


def _act(settings: dict[str, Any], inputs: Inputs, last: bool) -> nn.Module:
    return Does(_activation(settings, last) or ACTIVATIONS["linear"])


def _pool(does: Callable[..., Tensor], outside: float) -> Make:
    def make(settings: dict[str, Any], inputs: Inputs, last: bool) -> nn.Module:
        size = as_pair(settings["pool_size"])
        stride = as_pair(settings["strides"] or size)
        zeros = _zeros(inputs[0], size, stride, padding=settings["padding"])
        if any(zeros) and does is F.avg_pool2d:
            raise UsageError(
                "the PyTorch network of the benchmark has no average pool with `same` padding"
            )
        return Does(
            lambda x: does(F.pad(x, zeros, value=outside) if any(zeros) else x, size, stride)
        )

    return make


def _mean(settings: dict[str, Any], inputs: Inputs, last: bool) -> nn.Module:
    return Does(lambda x: x.mean((2, 3), keepdim=settings["keepdims"]))


def _margins(settings: dict[str, Any], inputs: Inputs, last: bool) -> nn.Module:
    (top, bottom), (left, right) = settings["padding"]
    return Does(lambda x: F.pad(x, (left, right, top, bottom)))


def _reshape(settings: dict[str, Any], inputs: Inputs, last: bool) -> nn.Module:
    target = settings["target_shape"]
    if len(target) != 3 or prod(target) != target[-1]:
        raise UsageError(
            "the PyTorch network of the benchmark reshapes only vectors to maps of one pixel"
        )
    return Does(lambda x: x.reshape(-1, target[-1], 1, 1))


def _plain(does: Callable[..., Tensor]) -> Make:
    return lambda settings, inputs, last: Does(does)


def _product(*x: Tensor) -> Tensor:
    out = x[0]
    for factor in x[1:]:
        out = out * factor
    return out


LAYERS: dict[str, Make] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _conv,
    "Dense": _dense,
    "BatchNormalization": _norm,
    "Activation": _act,
    "MaxPooling2D": _pool(F.max_pool2d, float("-inf")),
    "AveragePooling2D": _pool(F.avg_pool2d, 0.0),
    "GlobalAveragePooling2D": _mean,
    "ZeroPadding2D": _margins,
    "Reshape": _reshape,
    "Flatten": _plain(lambda x: x.flatten(1)),
    "Concatenate": _plain(lambda *x: torch.cat(x, 1)),
    "Add": _plain(lambda *x: sum(x[1:], x[0])),
    "Multiply": _plain(_product),
    "Dropout": lambda settings, inputs, last: nn.Dropout(settings["rate"]),
    "Rescaling": lambda settings, inputs, last: Does(
        lambda x: x * settings["scale"] + settings["offset"]
    ),
    "LeakyReLU": lambda settings, inputs, last: nn.LeakyReLU(settings["negative_slope"]),
}
