"""Sums, products, and tensors laid side by side."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from archcompile.torch_graph.aten import AtenNode, Tensor
from archcompile.torch_graph.aten_translation import Translation, Translator, positive
from archcompile.torch_graph.axes import in_order
from archcompile.torch_graph.net_builder import NewWeight, Unfit
from archcompile.torch_graph.stored import Stored, natural_order

KINDS = {"add": "Add", "sub": "Subtract", "mul": "Multiply"}
EACH_CHANNEL = "...a,a->...a"


def _arithmetic(t: Translation, node: AtenNode) -> Stored:
    left, right = node.arguments["self"], node.arguments["other"]
    if node.arguments.get("alpha", 1) != 1:
        raise Unfit("multiplies its second argument by a number")
    for first, second, is_turned in ((left, right, False), (right, left, True)):
        value = t.value_of(first)
        if value is None:
            continue
        if isinstance(second, int | float):
            return _with_number(t, value, second, operation=node.operation, is_turned=is_turned)
        parameter = t.parameter(second)
        if parameter is not None:
            return _with_parameter(t, value, parameter, operation=node.operation)
    pair = [value for value in (t.value_of(left), t.value_of(right)) if value is not None]
    if len(pair) != 2:
        raise Unfit("is arithmetic of parameters alone")
    return _of_two(t, node, pair)


def _of_two(t: Translation, node: AtenNode, pair: Sequence[Stored]) -> Stored:
    shapes = [value.shape for value in pair]
    if len(shapes[0]) != len(shapes[1]):
        raise Unfit(f"is of {shapes[0]} and {shapes[1]}, whose axes layers do not match")
    if shapes[0] != shapes[1] and node.operation != "mul":
        raise Unfit(f"repeats one of {shapes[0]} and {shapes[1]}, which the layer does not")
    values = _of_one_order(t, pair)
    config: dict[str, Any] = {}
    result = t.builder.merge(KINDS[node.operation], config, values, shape=node.shape)
    is_positive = node.operation != "sub" and all(value.is_positive for value in pair)
    return positive(result, is_positive)


def _of_one_order(t: Translation, values: Sequence[Stored]) -> list[Stored]:
    """Tensors held in one order: that of all, or the one that layers take."""
    if any(value.flattened != values[0].flattened for value in values):
        raise Unfit("joins a flattened map and another vector")
    orders = {value.order for value in values}
    order = orders.pop() if len(orders) == 1 else natural_order(values[0].rank)
    return [
        value if value.order == order else in_order(t.builder, value, order) for value in values
    ]


def _with_number(
    t: Translation, value: Stored, number: float, *, operation: str, is_turned: bool
) -> Stored:
    """`x + number` and its like; `is_turned` says that the number stands first."""
    sign = -1.0 if operation == "sub" else 1.0
    if operation == "mul":
        config = {"scale": number, "offset": 0.0}
    elif is_turned:
        config = {"scale": sign, "offset": number}
    else:
        config = {"scale": 1.0, "offset": sign * number}
    return t.builder.apply("Rescaling", config, value)


def _with_parameter(t: Translation, value: Stored, tensor: Tensor, *, operation: str) -> Stored:
    """A factor for each channel: what trained networks scale their branches by."""
    missing = value.rank - len(tensor.shape)
    sizes = (1,) * missing + tensor.shape
    axes = [axis for axis, size in enumerate(sizes) if size != 1]
    if operation != "mul" or missing < 0 or len(axes) != 1 or axes[0] == 0:
        raise Unfit(f"is with a parameter of shape {tensor.shape}, which no layer holds")
    channels = prod(tensor.shape)
    if value.flattened is not None:
        raise Unfit("scales a flattened map")
    if value.order[-1] != axes[0]:
        rest = tuple(axis for axis in value.order if axis != axes[0])
        value = in_order(t.builder, value, (*rest, axes[0]))
    if value.shape[axes[0]] != channels:
        raise Unfit(f"repeats a tensor of shape {value.shape}")
    config = {"equation": EACH_CHANNEL, "output_shape": [channels], "bias_axes": None}
    return t.builder.apply(
        "EinsumDense", config, value, weights=[NewWeight(variable="kernel", tensor=tensor)]
    )


def _divide(t: Translation, node: AtenNode) -> Stored:
    value, number = t.value_of(node.arguments["self"]), node.arguments["other"]
    if value is None or not isinstance(number, int | float) or not number:
        raise Unfit("divides by something other than a number")
    return t.builder.apply("Rescaling", {"scale": 1 / number, "offset": 0.0}, value)


def _number_less(t: Translation, node: AtenNode) -> Stored:
    """`rsub`: a number from which a tensor is subtracted."""
    number = node.arguments["other"]
    if not isinstance(number, int | float) or node.arguments.get("alpha", 1) != 1:
        raise Unfit("subtracts from something other than a number")
    return _with_number(t, t.value(node), number, operation="sub", is_turned=True)


def _cat(t: Translation, node: AtenNode) -> Stored:
    values = [t.value_of(argument) for argument in node.arguments["tensors"]]
    given = [value for value in values if value is not None]
    if len(given) != len(values):
        raise Unfit("joins parameters to a tensor")
    if any(value.flattened for value in given):
        raise Unfit("joins flattened maps")
    axis = node.arguments["dim"] % given[0].rank
    if axis == 0:
        raise Unfit("joins images of a batch")
    given = _of_one_order(t, given)
    place = given[0].place(axis)
    is_last = place == given[0].rank - 1
    config = {"axis": -1 if is_last else place}
    result = t.builder.merge("Concatenate", config, given, shape=node.shape)
    return positive(result, all(value.is_positive for value in given))


OPERATIONS: Mapping[str, Translator] = {
    **dict.fromkeys(KINDS, _arithmetic),
    "div": _divide,
    "rsub": _number_less,
    "cat": _cat,
    "concat": _cat,
}
