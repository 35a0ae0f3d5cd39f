"""Weights that someone has, carried over to a model built from a spec."""

from pathlib import Path

import keras
import numpy as np

from archcompile.errors import ArchError, DataError, UsageError
from archcompile.graph import LayerGraph
from archcompile.keras_config import live, recursion
from archcompile.verification.canonical import canonical
from archcompile.verification.ends import ModelsDiffer
from archcompile.verification.match import match
from archcompile.verification.subject import APPLICATIONS, application, of_graph
from archcompile.verification.weights import copy_weights, pictures

SUFFIXES = (".keras", ".weights.h5", ".h5")
# of the largest output: forms that the canonical level holds alike add up in another order
CLOSE = 1e-4


def carry(graph: LayerGraph, weights: Path, source: str) -> keras.Model:
    """The graph's model with the weights of a file that `source`, `keras.applications:NAME`, has
    written.

    Only weights are read from the file: the network is built anew. Raises UsageError for what
    cannot be such a file or source, DataError where the file does not hold that network's weights,
    ModelsDiffer where the two are different.
    """
    if not source.startswith(APPLICATIONS):
        raise UsageError(
            f"weights cannot come from `{source}`",
            hint=f"name the network: --from {APPLICATIONS}NAME",
        )
    if not weights.is_file():
        raise UsageError(f"there is no file {weights}")
    if not weights.name.endswith(SUFFIXES):
        raise UsageError(
            f"{weights} is no file of weights that Keras writes",
            hint=f"known: {', '.join(SUFFIXES)}",
        )
    candidate = of_graph(graph)
    ours, theirs = live(application(source, graph.input_shape)), candidate.start()
    try:
        pairing = match(canonical(ours.net), canonical(theirs.net), where=candidate.where)
    except ModelsDiffer as error:
        raise ModelsDiffer(
            f"{graph.name} is not {source}: {error.message}", hint="archc verify says more"
        ) from error
    try:
        with recursion(len(ours.net.calls)):
            ours.model.load_weights(weights)
    except (
        Exception
    ) as error:  # h5py, zipfile and Keras raise whatever the file's bytes lead them to
        raise DataError(f"{weights} does not hold the weights of {source}: {error}") from error
    copy_weights(ours, theirs, pairing)
    _check(ours.model, theirs.model, weights)
    return theirs.model


def _check(reference: keras.Model, candidate: keras.Model, weights: Path) -> None:
    """Raises unless both give the same outputs for the same pictures."""
    x = pictures(reference.inputs[0].shape, np.random.default_rng(0)).astype("float32")
    outputs = [
        [keras.ops.convert_to_numpy(y) for y in keras.tree.flatten(model(x, training=False))]
        for model in (reference, candidate)
    ]
    for one, other in zip(*outputs, strict=True):
        if not np.isfinite(one).all():
            raise DataError(
                f"with the weights of {weights} the network gives numbers that are not finite"
            )
        if np.abs(one - other).max() > CLOSE * np.abs(one).max():
            raise ArchError(
                f"with the weights of {weights} the outputs differ by "
                f"{np.abs(one - other).max():.1e}"
            )
