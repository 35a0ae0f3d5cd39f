"""Pools in PyTorch."""

from collections.abc import Callable
from typing import Any

from archcompile.ops import Shape
from archcompile.source.torch_kernels import even_zeros
from archcompile.source.torch_pieces import TorchPiece, function, is_map, module


def _pool(kind: str, **settings: Any) -> Callable[[Any, tuple[Shape, ...]], tuple[TorchPiece, ...]]:
    """PyTorch's own pool where the zeros of `same` are even; `settings` are for that one."""

    def form(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
        window = {"kernel_size": op.size, "stride": op.step}
        zeros = (0, 0) if op.padding == "valid" else even_zeros(inputs[0][:2], op.size, op.step)
        if zeros is None:
            return (module(f"Same{kind}", **window),)
        around = settings if any(zeros) else {}
        return (module(f"nn.{kind}", **window, padding=zeros, **around),)

    return form


max_pool = _pool("MaxPool2d")
avg_pool = _pool("AvgPool2d", count_include_pad=False)


def global_pool(method: str) -> Callable[[Any, tuple[Shape, ...]], tuple[TorchPiece, ...]]:
    """A pool over the whole map, or over all rows, by a method of tensors."""

    def form(op: Any, inputs: tuple[Shape, ...]) -> tuple[TorchPiece, ...]:
        keep = ", keepdim=True" if op.keep_dims else ""
        axes = "(2, 3)" if is_map(inputs[0]) else "1"
        return (function(f"*.{method}({axes}{keep})"),)

    return form
