"""The closed set of ops. Adding one: a class in the file of its family, and a row in `tests/ops/test_ops.py`."""

from archcompile.ops import act, conv, dense, drop, merge, norm, pad, pool, tensor
from archcompile.ops.base import REGISTRY, Call, Op, Piece, Shape, Span, Weight, show
from archcompile.ops.tensor import Input

__all__ = ["REGISTRY", "Call", "Input", "Op", "Piece", "Shape", "Span", "Weight", "act", "conv", "dense", "drop", "merge",
           "norm", "pad", "pool", "show", "tensor"]  # fmt: skip
