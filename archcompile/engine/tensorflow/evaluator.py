"""Running a model over images without training it."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
import tensorflow as tf

from archcompile.analyses import HeadOutput, head
from archcompile.data import Split
from archcompile.engine import EVALUATED_PIXELS, WHOLE, Statistics, View, batches, weight_factors
from archcompile.engine.tensorflow.devices import Devices
from archcompile.engine.tensorflow.feed import read_ahead
from archcompile.engine.tensorflow.kernels import Share
from archcompile.engine.tensorflow.losses import CrossEntropy, Penalty
from archcompile.engine.tensorflow.preprocess import preprocessor
from archcompile.engine.tensorflow.sums import Sums, of_batch
from archcompile.graph import LayerGraph
from archcompile.recipe import Recipe

Tensor = Any


class Evaluator:
    """The figures of a model on images; `means` has them after each pass.

    Cross-entropy is that of the labels as they are, without the recipe's smoothing.
    """

    def __init__(
        self,
        model: Any,
        recipe: Recipe,
        statistics: Statistics,
        *,
        output: HeadOutput,
        devices: Devices,
    ) -> None:
        self.model, self.devices, self.share = model, devices, Share(devices.replicas)
        self.size = model.input_shape[1:3]
        self.prepare = preprocessor(recipe.preprocessing, statistics)
        self.batch = max(recipe.batch_size, devices.replicas, EVALUATED_PIXELS // prod(self.size))
        self.cross_entropy = CrossEntropy(model, output)
        weights = model.trainable_variables
        self.penalty = Penalty(weights, [weight_factors(weight, recipe) for weight in weights])
        self.sums = Sums()
        self._run = tf.function(self._evaluate, autograph=False, reduce_retracing=True)

    def evaluate(self, split: Split) -> Iterator[int]:
        """Goes through a split and yields the number of images done so far."""
        done = 0
        for probabilities in self._batches_of(split):
            done += len(probabilities)
            yield done

    def predict(self, split: Split, view: View = WHOLE) -> Iterator[np.ndarray]:
        """The same, but yields the probabilities (B, classes) of every batch."""
        yield from map(np.asarray, self._batches_of(split, view))

    def _batches_of(self, split: Split, view: View = WHOLE) -> Iterator[Tensor]:
        """The outcome of every batch, on the device: nothing waits for it."""
        self.sums.reset()
        for images, labels in _batches(split, self.batch):
            yield self._run(images, labels, view)

    def means(self) -> dict[str, float]:
        """The figures of the last pass, per image."""
        return self.sums.means()

    def _evaluate(self, images: Tensor, labels: Tensor, view: View) -> Tensor:
        strategy = self.devices.strategy
        self.share.total = tf.shape(labels)[0]
        outputs, parts = strategy.run(self._evaluate_replica, args=(images, labels, view))
        if self.devices.replicas > 1:
            # each replica has the rows of its images, and zeros in those of others
            outputs = strategy.reduce(tf.distribute.ReduceOp.SUM, outputs, axis=None)
        totals = {
            name: strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)
            for name, value in parts.items()
        }
        self.sums.add(totals)
        return outputs

    def _evaluate_replica(
        self, images: Tensor, labels: Tensor, view: View
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The probabilities (b, classes) of one replica's images, and its part of the sums.

        Of several replicas (B, classes), zero for the images of the others.
        """
        start, stop = self.share.rows()
        rest = self.share.total - stop
        images, labels = images[start:stop], labels[start:stop]
        outputs = self.model(view.look(images, self.size, self.prepare), training=False)
        scores, losses = self.cross_entropy.scores(outputs), self.cross_entropy(labels, outputs)
        sums = of_batch(labels, scores, losses)
        sums["l2"] = sums["images"] * tf.cast(self.penalty.value(), tf.float64)
        probabilities = self.cross_entropy.probabilities(outputs)
        if self.devices.replicas > 1:
            probabilities = tf.pad(probabilities, [[start, rest], [0, 0]])
        return probabilities, sums


def make_evaluator(
    graph: LayerGraph, model: Any, recipe: Recipe, *, statistics: Statistics
) -> Evaluator:
    """What scores the portable Keras model of a graph on one device."""
    output = head(graph).output
    return Evaluator(model, recipe, statistics, output=output, devices=Devices.single())


def _batches(split: Split, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    if split.is_in_memory:
        for images, labels in split.batches(size):
            yield tf.constant(images), tf.constant(labels)
    else:
        parts = list(batches(np.arange(len(split)), size))
        for rows, images in zip(parts, read_ahead(split.store, parts), strict=True):
            yield images, tf.constant(split.labels[rows])
