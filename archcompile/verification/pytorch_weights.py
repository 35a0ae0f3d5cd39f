"""Copies the weights of PyTorch from a file to a model built from a spec."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from archcompile.errors import ArchError, DataError
from archcompile.graph import LayerGraph
from archcompile.keras_config import Live
from archcompile.keras_model import to_keras
from archcompile.torch_graph import Translated, run, state_dict
from archcompile.torch_graph import to_keras as turned
from archcompile.verification.match import Pairing
from archcompile.verification.pytorch_numbers import (
    channels_first,
    channels_last,
    in_float64,
    places_of,
    variable_of,
)
from archcompile.verification.pytorch_side import (
    TorchNetwork,
    candidate_for,
    of_torch,
    torch_network,
)
from archcompile.verification.random_weights import copy_weights, random_images
from archcompile.verification.weight_sources import check_weights_file, pair_with_source

TORCH_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
# Of the largest output, both computed in float64: a weight in a wrong place shows in the first
# digits.
CLOSE = 1e-6


def carry_from_pytorch(graph: LayerGraph, weights: Path, source: str) -> keras.Model:
    """The graph's model with the weights of a state dict of `torchvision:NAME` or `timm:NAME`.

    The file must hold every tensor of the network and no other; only tensors are read from it. The
    outputs are computed in both frameworks before the model is handed out. Raises UsageError for
    what cannot be such a file or source, DataError where the file holds something else,
    ModelsDiffer where the spec is another network, ArchError where the outputs differ.
    """
    check_weights_file(weights, TORCH_SUFFIXES, "a file of weights as PyTorch writes them")
    network = torch_network(source, graph.input_shape)
    state = state_dict(network.reference, weights)
    side = of_torch(network)
    candidate = candidate_for(graph, side)
    pairing = pair_with_source(candidate, candidate.net, source, reference=side.net)
    left, right = side.start(), candidate.start()
    _fill(network.translated, left, state, weights=weights)
    copy_weights(left, right, pairing)
    _check(network, right, pairing, state=state, weights=weights)
    model = to_keras(graph)
    for layer in right.model.layers:
        model.get_layer(layer.name).set_weights(layer.get_weights())
    return model


def _fill(
    translated: Translated, live: Live, state: Mapping[str, np.ndarray], *, weights: Path
) -> None:
    """Gives the rebuilt layers the tensors of a state dict."""
    for weight in translated.weights:
        values = state[weight.tensor].astype("float32")
        if not np.isfinite(values).all():
            raise DataError(f"{weights}: {weight.tensor} holds numbers that are not finite")
        variable_of(live.layers[weight.layer], weight).assign(turned(weight, values))


def _check(
    network: TorchNetwork,
    right: Live,
    pairing: Pairing,
    *,
    state: Mapping[str, np.ndarray],
    weights: Path,
) -> None:
    """Raises ArchError unless both frameworks give the same outputs for the same images."""
    rng = np.random.default_rng(0)
    x = random_images(right.model.inputs[0].shape, rng).astype("float32")[:2]
    answers = run(network.reference, network.shape, state, images=channels_first(x))
    exact = in_float64(right)
    results = keras.tree.flatten(exact.model(x.astype("float64"), training=False))
    outputs = dict(zip(right.net.outputs, results, strict=True))
    places = places_of(pairing.reference.net.outputs, network.translated.net.outputs)
    for place, actual_ref in zip(places, pairing.candidate.net.outputs, strict=True):
        expected = channels_last(answers[f"output/inference/{place}"])
        actual = keras.ops.convert_to_numpy(outputs[actual_ref])
        if not np.isfinite(expected).all():
            raise DataError(
                f"with the weights of {weights} the network gives numbers that are not finite"
            )
        largest = np.abs(expected).max()
        difference = np.abs(expected - actual).max()
        if not largest or difference > CLOSE * largest:
            raise ArchError(
                f"with the weights of {weights} the outputs of PyTorch and Keras differ by "
                f"{difference:.1e}, where the largest is {largest:.1e}",
                hint="nothing was written; please report it with the spec",
            )
