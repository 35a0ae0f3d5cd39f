"""Running a model over images without training it."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from archcompile.analyses import head
from archcompile.data import Split
from archcompile.engine import EVALUATED_PIXELS, SUMS, WHOLE, Statistics, View, batches, means_of
from archcompile.engine.jax.devices import Devices
from archcompile.engine.jax.feed import read_ahead
from archcompile.engine.jax.losses import CrossEntropy, Penalty
from archcompile.engine.jax.lowering import Last
from archcompile.engine.jax.segments import ForwardPass, forward_pass, is_very_deep
from archcompile.graph import LayerGraph
from archcompile.recipe import Recipe

Array = Any
Weights = tuple[Sequence[Array], Sequence[Array]]  # of a model: trainable, and others


class Evaluator:
    """The figures of a model on images; `means` has them after each pass.

    `weights` gives those of the moment, as `forward` and `penalty` take them. Cross-entropy is that
    of the labels as they are, without the recipe's smoothing.
    """

    def __init__(
        self,
        model: Any,
        weights: Callable[[], Weights],
        recipe: Recipe,
        *,
        forward: ForwardPass,
        penalty: Penalty,
        cross_entropy: CrossEntropy,
        statistics: Statistics,
        devices: Devices,
    ) -> None:
        self.weights, self.forward, self.devices = weights, forward, devices
        self.size: tuple[int, int] = model.input_shape[1:3]
        self.prepare = partial(statistics.prepare, scale=recipe.preprocessing.scale)
        self.batch = max(recipe.batch_size, devices.replicas, EVALUATED_PIXELS // prod(self.size))
        self.cross_entropy, self.penalty = cross_entropy, penalty
        self.sums: list[dict[str, Array]] = []  # of each batch, on the device
        self._run = jax.jit(self._evaluate, static_argnames="view")

    def evaluate(self, split: Split) -> Iterator[int]:
        """Goes through a split and yields the number of images done so far."""
        done = 0
        for _, count in self._batches_of(split):
            done += count
            yield done

    def predict(self, split: Split, view: View = WHOLE) -> Iterator[np.ndarray]:
        """The same, but yields the probabilities (B, classes) of every batch."""
        for probabilities, count in self._batches_of(split, view):
            yield np.asarray(probabilities)[:count]

    def _batches_of(self, split: Split, view: View = WHOLE) -> Iterator[tuple[Array, int]]:
        """The outcome of every batch, on the device, and its number of images.

        Nothing waits for it. All batches are filled up, so that there is one shape to compile for.
        """
        self.sums = []
        weights = self.weights()
        for images, labels in _batches(split, self.batch):
            count = len(labels)
            room = (0, self.batch - count)
            fill = [room, *((0, 0) for _ in labels.shape[1:])]
            probabilities, sums = self._run(
                weights,
                np.pad(images, [room, (0, 0), (0, 0), (0, 0)]),
                np.pad(labels.astype(np.int32), fill, constant_values=-1),
                view=view,
            )
            self.sums.append(sums)
            yield probabilities, count

    def means(self) -> dict[str, float]:
        """The figures of the last pass, per image."""
        totals = dict.fromkeys(SUMS, 0.0)
        for sums in self.sums:
            for name, value in sums.items():
                totals[name] += float(value)
        return means_of(totals)

    def _evaluate(
        self, weights: Weights, images: Array, labels: Array, *, view: View
    ) -> tuple[Array, dict[str, Array]]:
        """The probabilities (B, classes), and the sums over images whose label is not -1."""
        prepared = view.look(self.devices.spread(images), self.size, self.prepare)
        outputs, _ = self.forward(*weights, prepared, training=False)
        counts = labels >= 0 if labels.ndim == 1 else labels[:, 0] >= 0
        losses = self.cross_entropy(jnp.maximum(labels, 0), outputs)
        probabilities = self.cross_entropy.probabilities(outputs)
        return probabilities, {
            "images": counts.sum(),
            "cross_entropy": jnp.where(counts, losses, 0.0).sum(),
            "correct": (counts & self.cross_entropy.hits(labels, outputs)).sum(),
            "l2": counts.sum() * self.penalty.value(weights[0]),
        }


def make_evaluator(
    graph: LayerGraph, model: Any, recipe: Recipe, *, statistics: Statistics
) -> Evaluator:
    """What scores the portable Keras model of a graph on one device.

    Equal units of a very deep network are one loop, on processors too: a pass forward in a loop
    is no slower there than its units one by one.
    """
    output = head(graph).output
    last: Last = "softmax" if output == "logits" else "none"
    forward = forward_pass(graph, model, is_looped=is_very_deep(graph))
    devices = Devices.single()
    return Evaluator(
        model,
        partial(_values, model, forward, devices),
        recipe,
        forward=forward,
        penalty=Penalty(forward.weights.first_of(model.trainable_variables), recipe),
        cross_entropy=CrossEntropy(output, last),
        statistics=statistics,
        devices=devices,
    )


def _values(model: Any, forward: ForwardPass, devices: Devices) -> Weights:
    trainable = forward.weights.stack(list(map(np.asarray, model.trainable_variables)))
    others = forward.others.stack(list(map(np.asarray, model.non_trainable_variables)))
    return list(map(devices.place, trainable)), list(map(devices.place, others))


def _batches(split: Split, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if split.is_in_memory:
        yield from split.batches(size)
    else:
        parts = list(batches(np.arange(len(split)), size))
        for rows, images in zip(parts, read_ahead(split.store, parts), strict=True):
            yield images, split.labels[rows]
