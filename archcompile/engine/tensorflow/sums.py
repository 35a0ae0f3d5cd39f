"""Sums over the images of an epoch, kept on the device and read when they are asked for."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from archcompile.engine import SUMS, means_of

Tensor = Any


class Sums:
    """A variable for each of SUMS, float64."""

    def __init__(self) -> None:
        self.variables = {name: tf.Variable(0.0, dtype=tf.float64, name=name) for name in SUMS}

    def reset(self) -> None:
        for variable in self.variables.values():
            variable.assign(0.0)

    def add(self, sums: Mapping[str, Tensor]) -> None:
        for name, value in sums.items():
            self.variables[name].assign_add(value)

    def means(self) -> dict[str, float]:
        """The figures so far, per image."""
        return means_of({name: float(value.numpy()) for name, value in self.variables.items()})


def of_batch(labels: Tensor, scores: Tensor, losses: Tensor) -> dict[str, Tensor]:
    """A batch's part of the sums except L2.

    Labels are (B,), scores (B, classes), and losses the cross-entropy of each image, (B,). Labels
    may be (B, classes): an image is a hit where all of its labels are.
    """
    if len(labels.shape) == 2:
        hits = tf.reduce_all(tf.equal(scores >= 0.5, tf.equal(labels, 1)), axis=-1)
    else:
        hits = tf.equal(tf.argmax(scores, axis=-1, output_type=labels.dtype), labels)
    return {
        "images": tf.cast(tf.shape(labels)[0], tf.float64),
        "cross_entropy": tf.reduce_sum(tf.cast(losses, tf.float64)),
        "correct": tf.reduce_sum(tf.cast(hits, tf.float64)),
    }
