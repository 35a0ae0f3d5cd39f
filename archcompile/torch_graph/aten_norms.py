"""Norms."""

from collections.abc import Mapping

from archcompile.torch_graph.aten import AtenNode
from archcompile.torch_graph.aten_translation import Translation, Translator
from archcompile.torch_graph.axes import in_order
from archcompile.torch_graph.net_builder import NewWeight, Unfit
from archcompile.torch_graph.stored import Stored

DIGITS = 12  # of a momentum: 1 - 0.01 is 0.99


def _scale_and_shift(t: Translation, node: AtenNode) -> list[NewWeight]:
    pairs = (("gamma", t.tensor(node, "weight")), ("beta", t.tensor(node, "bias")))
    return [NewWeight(variable=name, tensor=tensor) for name, tensor in pairs if tensor is not None]


def _affine(weights: list[NewWeight]) -> dict[str, bool]:
    names = {weight.variable for weight in weights}
    return {"scale": "gamma" in names, "center": "beta" in names}


def _channels_last(t: Translation, node: AtenNode) -> Stored:
    """The input with the axis of its channels, PyTorch's axis 1, held last."""
    value = t.value(node)
    if value.rank == 4:
        return t.map(node)
    if value.flattened is not None:
        raise Unfit("normalises a flattened map")
    rest = tuple(axis for axis in value.order if axis != 1)
    return in_order(t.builder, value, (*rest, 1))


def _batch_norm(t: Translation, node: AtenNode) -> Stored:
    value, given = _channels_last(t, node), node.arguments
    mean, variance = t.tensor(node, "running_mean"), t.tensor(node, "running_var")
    if mean is None or variance is None or given["training"]:
        raise Unfit("takes the statistics of each batch, also when nothing is trained")
    momentum = given["momentum"]
    if not momentum:
        raise Unfit("averages its statistics over all batches; layers have a momentum")
    weights = _scale_and_shift(t, node)
    statistics = [
        NewWeight(variable="moving_mean", tensor=mean),
        NewWeight(variable="moving_variance", tensor=variance),
    ]
    config = {
        "axis": -1,
        "momentum": round(1 - momentum, DIGITS),
        "epsilon": given["eps"],
        **_affine(weights),
    }
    return t.builder.apply("BatchNormalization", config, value, weights=[*weights, *statistics])


def _layer_norm(t: Translation, node: AtenNode) -> Stored:
    value, axes = t.value(node), node.arguments["normalized_shape"]
    if len(axes) != 1 or value.flattened is not None:
        raise Unfit(f"normalises over {len(axes)} axes; the layer over the last one")
    if value.order[-1] != value.rank - 1:
        value = in_order(t.builder, value, tuple(range(value.rank)))
    weights = _scale_and_shift(t, node)
    config = {"axis": -1, "epsilon": node.arguments["eps"], **_affine(weights)}
    return t.builder.apply("LayerNormalization", config, value, weights=weights)


def _group_norm(t: Translation, node: AtenNode) -> Stored:
    value, weights = _channels_last(t, node), _scale_and_shift(t, node)
    config = {
        "groups": node.arguments["num_groups"],
        "axis": -1,
        "epsilon": node.arguments["eps"],
        **_affine(weights),
    }
    return t.builder.apply("GroupNormalization", config, value, weights=weights)


OPERATIONS: Mapping[str, Translator] = {
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
}
