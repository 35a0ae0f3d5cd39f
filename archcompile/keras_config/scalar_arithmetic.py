"""`x / 127.5 - 1`: arithmetic of a tensor and a number, which a `Rescaling` layer does as well."""

from typing import Any

from archcompile.keras_config.net import Call, Ref

Line = tuple[float, float]  # scale and offset


def rescaling(kind: str, call: Call) -> Line | None:
    """The scale and the offset of an operation on one tensor and one number; None for any other."""
    if call.kwargs or len(call.args) != 2 or len(call.inputs) != 1:
        return None
    first, second = call.args
    if isinstance(first, Ref) and _is_number(second):
        return _on_the_left(kind, float(second))
    if isinstance(second, Ref) and _is_number(first):
        return _on_the_right(kind, float(first))
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _on_the_left(kind: str, number: float) -> Line | None:
    """`x + number` and its like."""
    if kind in ("ops.TrueDivide", "ops.Divide"):
        return (1 / number, 0.0) if number else None
    lines = {
        "ops.Add": (1.0, number),
        "ops.Subtract": (1.0, -number),
        "ops.Multiply": (number, 0.0),
    }
    return lines.get(kind)


def _on_the_right(kind: str, number: float) -> Line | None:
    """`number + x` and its like."""
    lines = {
        "ops.Add": (1.0, number),
        "ops.Subtract": (-1.0, number),
        "ops.Multiply": (number, 0.0),
    }
    return lines.get(kind)
