"""Copies the weights of a file to a model built from a spec."""

from pathlib import Path

import keras
import numpy as np

from archcompile.errors import ArchError, DataError, UsageError
from archcompile.graph import LayerGraph
from archcompile.keras_config import live, recursion
from archcompile.verification.proof_sides import APPLICATIONS, application, of_graph
from archcompile.verification.random_weights import copy_weights, random_images
from archcompile.verification.weight_sources import check_weights_file, pair_with_source

SUFFIXES = (".keras", ".weights.h5", ".h5")
# A fraction of the largest output: forms that the canonical level equates add up in another order.
CLOSE = 1e-4


def carry(graph: LayerGraph, weights: Path, source: str) -> keras.Model:
    """The graph's model with the weights of a file that `keras.applications:NAME` has written.

    `source` is that name. Only weights are read from the file: the network is built anew. Raises
    UsageError for what cannot be such a file or source, DataError where the file does not hold that
    network's weights, ModelsDiffer where the two are different.
    """
    if not source.startswith(APPLICATIONS):
        raise UsageError(
            f"weights cannot come from `{source}`",
            hint=f"name the network: --from {APPLICATIONS}NAME, torchvision:NAME or timm:NAME",
        )
    check_weights_file(weights, SUFFIXES, "a weights file as Keras writes them")
    candidate = of_graph(graph)
    source_side, target_side = live(application(source, graph.input_shape)), candidate.start()
    pairing = pair_with_source(candidate, target_side.net, source, reference=source_side.net)
    try:
        with recursion(len(source_side.net.calls)):
            source_side.model.load_weights(weights)
    except Exception as error:  # h5py, zipfile and Keras raise whatever the bytes lead them to
        raise DataError(f"{weights} does not hold the weights of {source}: {error}") from error
    copy_weights(source_side, target_side, pairing)
    _check(source_side.model, target_side.model, weights)
    return target_side.model


def _check(reference: keras.Model, candidate: keras.Model, weights: Path) -> None:
    """Raises unless both give the same outputs for the same images."""
    x = random_images(reference.inputs[0].shape, np.random.default_rng(0)).astype("float32")
    for expected, actual in zip(_outputs(reference, x), _outputs(candidate, x), strict=True):
        if not np.isfinite(expected).all():
            raise DataError(
                f"with the weights of {weights} the network gives numbers that are not finite"
            )
        difference = np.abs(expected - actual).max()
        if difference > CLOSE * np.abs(expected).max():
            raise ArchError(f"with the weights of {weights} the outputs differ by {difference:.1e}")


def _outputs(model: keras.Model, x: np.ndarray) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(y) for y in keras.tree.flatten(model(x, training=False))]
