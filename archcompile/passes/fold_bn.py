"""Batch norms folded into the layer before them: in inference they scale and shift channels."""

from dataclasses import replace

from archcompile.graph import LayerGraph, Node
from archcompile.ops import BatchNorm, DepthwiseConv, Kernelled, SeparableConv
from archcompile.passes.rewrite import Array, Rewrite, Weights, only_reader, replace_nodes


def fold_bn(graph: LayerGraph) -> Rewrite:
    """Folds each norm into the convolution or dense layer before it.

    That layer must have no activation and no other reader.

    The layer keeps its name, has a bias, and neither L1 nor L2: a folded kernel is not the one that
    was penalised.
    """
    reader = only_reader(graph)
    into: dict[str, str] = {}  # norm -> layer
    layers: dict[str, Node] = {}
    for node in graph:
        if not isinstance(node.op, BatchNorm):
            continue
        source = node.inputs[0]
        layer = graph.nodes[into.get(source, source)]
        if (
            isinstance(layer.op, Kernelled)
            and layer.op.activation is None
            and reader.get(source) == node.name
        ):
            into[node.name] = layer.name
            layers[layer.name] = replace(
                layer,
                op=layer.op.model_copy(
                    update={"bias": True, "bias_init": 0.0, "l1": 0.0, "l2": 0.0}
                ),
            )

    def carry(weights: Weights) -> Weights:
        folded = dict(weights)
        for norm, layer in into.items():
            _fold(folded, graph.nodes[norm], graph.nodes[layer])
        return folded

    return Rewrite(replace_nodes(graph, into, [*layers.values()]), carry, tuple(into))


def _fold(weights: dict[str, Array], norm: Node, layer: Node) -> None:
    """Replaces the weights of a layer and its norm by those of one layer, computed in float64."""
    import numpy as np

    op = norm.op
    assert isinstance(op, BatchNorm)
    of_norm = {
        name: np.asarray(weights.pop(f"{norm.name}/{name}"), np.float64)
        for name in ("gamma", "beta", "moving_mean", "moving_variance")
        if f"{norm.name}/{name}" in weights
    }
    factor = of_norm.get("gamma", 1.0) / np.sqrt(of_norm["moving_variance"] + op.epsilon)
    key = f"{layer.name}/{'pointwise_kernel' if isinstance(layer.op, SeparableConv) else 'kernel'}"
    kernel = np.asarray(weights[key], np.float64)
    # A depthwise kernel is (H, W, C, multiplier), and its channels come out as C * multiplier.
    shape = kernel.shape[-2:] if isinstance(layer.op, DepthwiseConv) else kernel.shape[-1:]
    weights[key] = (kernel * factor.reshape(shape)).astype(np.float32)
    bias = np.asarray(weights.get(f"{layer.name}/bias", 0.0), np.float64)
    weights[f"{layer.name}/bias"] = (
        (bias - of_norm["moving_mean"]) * factor + of_norm.get("beta", 0.0)
    ).astype(np.float32)
