"""The moving statistics of norms, estimated anew for weights that they do not belong to."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from archcompile.keras_model import MODEL_PREFIX
from archcompile.quiet import load_keras

STATISTICS = ("moving_mean", "moving_variance")


def moving_statistics(model: Any) -> dict[str, float]:
    """What each moving statistic of a Keras model keeps of itself in a step, by its name in a
    checkpoint.

    Those that training leaves alone are left out: of frozen norms, or with a momentum of 1.
    """
    kind = load_keras().layers.BatchNormalization
    norms = [layer for layer in model.layers if isinstance(layer, kind) and layer.trainable]
    return {
        f"{MODEL_PREFIX}{norm.name}/{name}": norm.momentum
        for norm in norms
        for name in STATISTICS
        if norm.momentum < 1
    }


def mean_statistics(
    passes: Iterable[Mapping[str, np.ndarray]], momentum: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """Means of the statistics of batches.

    Each of `passes` has the values that a batch has given to moving statistics which were zero
    before it: 1 - momentum times its own. Nothing is passed where there are no statistics.
    """
    if not momentum:
        return {}
    sums: dict[str, Any] = dict.fromkeys(momentum, 0.0)
    count = 0
    for values in passes:
        count += 1
        for name, keeps in momentum.items():
            sums[name] = sums[name] + values[name].astype(np.float64) / (1.0 - keeps)
    return {name: (total / count).astype(np.float32) for name, total in sums.items()}


def whole_batches(images: int, size: int, steps: int) -> int:
    """The batches of `size` that so many images fill, at least one and no more than `steps`.

    The last of an epoch, which may be smaller, counts only where there is no other.
    """
    return max(1, min(images // size, steps - 1))
