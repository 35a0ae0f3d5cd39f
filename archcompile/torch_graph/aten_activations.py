"""Activations, and dropout."""

from collections.abc import Mapping

from archcompile.torch_graph.aten import AtenNode
from archcompile.torch_graph.aten_translation import Translation, Translator, positive
from archcompile.torch_graph.axes import in_order
from archcompile.torch_graph.net_builder import NewWeight, Unfit
from archcompile.torch_graph.stored import Stored

# Keras' name of an activation without settings, and whether nothing behind it is below 0.
PLAIN = {
    "relu": ("relu", True),
    "relu6": ("relu6", True),
    "sigmoid": ("sigmoid", True),
    "hardsigmoid": ("hard_sigmoid", True),
    "hardswish": ("hard_silu", False),
    "silu": ("silu", False),
    "tanh": ("tanh", False),
    "mish": ("mish", False),
    "selu": ("selu", False),
}


def activation(t: Translation, value: Stored, name: str) -> Stored:
    return t.builder.apply("Activation", {"activation": name}, value)


def _plain(t: Translation, node: AtenNode) -> Stored:
    name, is_positive = PLAIN[node.operation]
    return positive(activation(t, t.value(node), name), is_positive)


def _hardtanh(t: Translation, node: AtenNode) -> Stored:
    bounds = node.arguments["min_val"], node.arguments["max_val"]
    if bounds != (0, 6):
        raise Unfit(f"clips to {bounds[0]} … {bounds[1]}; layers clip to 0 … 6")
    return positive(activation(t, t.value(node), "relu6"))


def _gelu(t: Translation, node: AtenNode) -> Stored:
    if node.arguments["approximate"] != "none":
        raise Unfit("is approximated by a tanh; the layer computes it exactly")
    return activation(t, t.value(node), "gelu")


def _elu(t: Translation, node: AtenNode) -> Stored:
    if any(node.arguments[key] != 1 for key in ("alpha", "scale", "input_scale")):
        raise Unfit("has factors other than 1")
    return activation(t, t.value(node), "elu")


def _softplus(t: Translation, node: AtenNode) -> Stored:
    if node.arguments["beta"] != 1:
        raise Unfit("has a factor other than 1")
    return positive(activation(t, t.value(node), "softplus"))


def _leaky_relu(t: Translation, node: AtenNode) -> Stored:
    slope = {"negative_slope": node.arguments["negative_slope"]}
    return t.builder.apply("LeakyReLU", slope, t.value(node))


def _prelu(t: Translation, node: AtenNode) -> Stored:
    weight, value = t.tensor(node, "weight"), t.value(node)
    if weight is None or value.rank != 4 or weight.shape != (value.shape[1],):
        raise Unfit("has a slope that is not one of each channel")
    value = t.map(node)
    return t.builder.apply(
        "PReLU",
        {"shared_axes": [1, 2]},
        value,
        weights=[NewWeight(variable="alpha", tensor=weight, turn="slope")],
    )


def _softmax(t: Translation, node: AtenNode) -> Stored:
    value = t.value(node)
    axis = node.arguments["dim"] % value.rank
    if axis == 0:
        raise Unfit("compares images of a batch")
    if value.order[-1] != axis:
        rest = tuple(place for place in value.order if place != axis)
        value = in_order(t.builder, value, (*rest, axis))
    if value.flattened is not None:
        raise Unfit("compares the entries of a flattened map")
    return positive(activation(t, value, "softmax"))


def _dropout(t: Translation, node: AtenNode) -> Stored:
    """Dropout, which the traced network does not do; the layer does it in training."""
    value, rate = t.value(node), node.arguments["p"]
    if rate == 0:
        return value
    result = t.builder.apply("Dropout", {"rate": rate}, value)
    return positive(result, value.is_positive)


OPERATIONS: Mapping[str, Translator] = {
    **dict.fromkeys(PLAIN, _plain),
    "hardtanh": _hardtanh,
    "gelu": _gelu,
    "elu": _elu,
    "softplus": _softplus,
    "leaky_relu": _leaky_relu,
    "prelu": _prelu,
    "softmax": _softmax,
    "dropout": _dropout,
}
