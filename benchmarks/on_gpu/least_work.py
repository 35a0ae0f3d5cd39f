"""What a training step must do at least: the operations and the traffic of its convolutions.

A convolution is computed three times, forward, for the gradient of its kernel and for that of its
input (the first has none), and each time one multiply-add counts as two operations, and its input,
kernel and output go once through memory. All else could be done on the way, and is left out.
"""

from dataclasses import asdict, dataclass
from math import prod
from typing import Any

import archcompile
from archcompile.bench.convolutions import Convolution, convolutions
from archcompile.bench.task import TYPES
from archcompile.choices import Precision
from archcompile.ops import ceil_div

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True, kw_only=True)
class Work:
    """Passes of a step that are alike: how many `times`, and what each is."""

    times: int
    operations: int
    bytes: int


def work_of_step(spec: str, batch: int, precision: Precision) -> list[Work]:
    """The passes of a step of this network over all of its convolutions."""
    size = BYTES[TYPES[precision]]
    return [
        _work(kind, times, batch, size=size)
        for kind, times in convolutions(archcompile.compile(spec)).items()
    ]


def _work(kind: Convolution, times: int, batch: int, *, size: int) -> Work:
    height, width = (
        ceil_div(extent, step) if kind.padding == "same" else (extent - window) // step + 1
        for extent, step, window in zip(kind.inputs[:2], kind.stride, _windows(kind), strict=True)
    )
    filters = kind.kernel[2] * kind.kernel[3] if kind.is_depthwise else kind.kernel[3]
    numbers = batch * (prod(kind.inputs) + height * width * filters) + prod(kind.kernel)
    return Work(
        times=times * (2 if kind.is_first else 3),
        operations=2 * batch * height * width * prod(kind.kernel),
        bytes=size * numbers,
    )


def _windows(kind: Convolution) -> tuple[int, int]:
    """What a kernel reaches over."""
    height, width = (
        (window - 1) * dilation + 1
        for window, dilation in zip(kind.kernel[:2], kind.dilation, strict=True)
    )
    return height, width


def as_records(works: list[Work]) -> list[dict[str, Any]]:
    return [asdict(work) for work in works]
