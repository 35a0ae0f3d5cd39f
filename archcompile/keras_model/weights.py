"""The weights of a graph in its Keras model, by NODE/WEIGHT as ops name them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from archcompile.graph import LayerGraph

if TYPE_CHECKING:
    import keras

Array = Any


def weights_of(graph: LayerGraph, model: "keras.Model") -> dict[str, Array]:
    """All weights as arrays; the state of random layers is none."""
    import numpy as np

    return {key: np.asarray(variable.numpy()) for key, variable in _variables(graph, model)}


def set_weights(graph: LayerGraph, model: "keras.Model", weights: Mapping[str, Array]) -> None:
    """Assigns weights. Raises ValueError where some are missing, too many, or of another shape."""
    variables = dict(_variables(graph, model))
    if variables.keys() != weights.keys():
        raise ValueError(
            f"weights and graph differ in {sorted(variables.keys() ^ weights.keys())[:4]}"
        )
    for key, variable in variables.items():
        if tuple(variable.shape) != tuple(weights[key].shape):
            raise ValueError(
                f"{key} has shape {tuple(weights[key].shape)}, the graph says "
                f"{tuple(variable.shape)}"
            )
        variable.assign(weights[key])
    settle(model)


def settle(model: "keras.Model") -> None:
    """To be called once weights are assigned.

    Keras' Normalization computes with copies of its weights.
    """
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def _variables(graph: LayerGraph, model: "keras.Model") -> Iterator[tuple[str, Any]]:
    for node in graph:
        weights = graph.weights(node)
        if weights:
            yield from zip(
                (f"{node.name}/{w.name}" for w in weights),
                model.get_layer(node.name).weights,
                strict=True,
            )
