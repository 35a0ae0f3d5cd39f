"""Averages of a model's weights, of which every step takes a share from the weights; and the
model with them, and with statistics of norms that fit them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from archcompile.engine import (
    average_name,
    mean_statistics,
    moving_statistics,
    whole_batches,
)
from archcompile.engine.tensorflow.flat_weights import (
    FlatWeights,
    Group,
    Shape,
    read_parts,
    write_parts,
)
from archcompile.keras_model import assign, settle, values_of, variables_of

if TYPE_CHECKING:
    from archcompile.engine.tensorflow.trainer import Trainer

Tensor = Any


class Averages:
    """One variable for each vector of weights, which begins as a copy of it.

    `names` are those of the weights in a checkpoint; without names nothing is averaged.
    """

    def __init__(self, flat: FlatWeights, names: Sequence[str]) -> None:
        groups = flat.groups if names else []
        self.vectors = [group.vector for group in groups]
        self.averages = [
            tf.Variable(tf.convert_to_tensor(vector), trainable=False) for vector in self.vectors
        ]
        self.names = [average_name(name) for name in names]
        shapes = [self._shapes(flat, group) for group in groups]
        self.parts = list(zip(self.averages, shapes, strict=True))

    def _shapes(self, flat: FlatWeights, group: Group) -> dict[str, Shape]:
        """The weights of a group by the names of their averages."""
        return {self.names[place]: tuple(flat.weights[place].shape) for place in group.places}

    def take(self, share: Tensor, strategy: Any) -> None:
        """Moves every average this part of the way to its weights."""
        for average, vector in zip(self.averages, self.vectors, strict=True):
            strategy.extended.update(average, _move, args=(vector.value, share))

    def read(self) -> dict[str, np.ndarray]:
        """Copies of the averages, by their names in a checkpoint."""
        return read_parts(self.parts)

    def write(self, values: Mapping[str, np.ndarray]) -> None:
        """Gives the averages the values that they are named in."""
        write_parts(self.parts, values)


def _move(average: Any, weight: Tensor, share: Tensor) -> Any:
    return average.assign_add((weight - average) * share)


def average_tensors(trainer: "Trainer", images: int) -> dict[str, np.ndarray]:
    """The tensors of a model in training, as `archcompile.engine.Trainer` says."""
    variables, momentum = variables_of(trainer.model), moving_statistics(trainer.model)
    before, averages = values_of(variables), trainer.averages.read()
    weights = {name: averages[average_name(name)] for name in trainer.weight_names()}
    assign(variables, {**before, **weights})
    try:
        passes = _passes(trainer, images, {name: variables[name] for name in momentum})
        return {**before, **weights, **mean_statistics(passes, momentum)}
    finally:
        assign(variables, before)
        settle(trainer.model)


def _passes(
    trainer: "Trainer", images: int, statistics: Mapping[str, Any]
) -> Iterator[dict[str, np.ndarray]]:
    """What each batch of so many images gives to moving statistics that are zero before it."""

    def forward(constants: Any, batch: tuple[Tensor, ...], numbers: Tensor) -> None:
        images, _ = trainer.pictures.take(constants, batch, numbers, share=trainer.share)
        trainer.model(images, training=True)

    def forward_all(batch: tuple[Tensor, ...], numbers: Tensor) -> None:
        trainer.share.total = batch[-1].shape[0]
        trainer.devices.strategy.run(forward, args=(trainer.feed.constants, batch, numbers))

    compiled = tf.function(forward_all, autograph=False)
    count = whole_batches(images, trainer.batches.size, trainer.steps)
    for payload, numbers in trainer.inputs.take(0, count):
        for variable in statistics.values():
            variable.assign(tf.zeros(variable.shape))
        compiled(payload, tf.constant(numbers))
        yield values_of(statistics)
