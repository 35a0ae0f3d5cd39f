"""What a step trains on: images of a batch, augmented, and their labels."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from archcompile.data import Split
from archcompile.engine import Augmentation, EpochBatches, MixedLabels, Statistics, StepInputs
from archcompile.engine.tensorflow.augment import take_rows
from archcompile.engine.tensorflow.devices import Devices
from archcompile.engine.tensorflow.feed import feed
from archcompile.engine.tensorflow.kernels import Share
from archcompile.engine.tensorflow.preprocess import preprocessor
from archcompile.recipe import Recipe

Tensor = Any


class StepPictures:
    """The batches of a training, for a network of `size` (H, W); see `archcompile.engine`."""

    def __init__(
        self,
        recipe: Recipe,
        train: Split,
        *,
        statistics: Statistics,
        size: tuple[int, int],
        seed: int,
        devices: Devices | None = None,
    ) -> None:
        devices = devices or Devices.single()
        self.batches = EpochBatches.of(recipe, train, seed, size=size)
        self.augmentation = Augmentation(recipe.augment, size, take_rows)
        self.feed = feed(train, devices)
        self.inputs = StepInputs(self.batches, self.feed)
        self.prepare = preprocessor(recipe.preprocessing, statistics)
        self._compiled: Callable[..., Any] = tf.function(self._take_all, autograph=False)

    def take(
        self, constants: Any, batch: tuple[Tensor, ...], numbers: Tensor, *, share: Share
    ) -> tuple[Tensor, Tensor | MixedLabels]:
        """In the step: the images (b, H, W, C) of one replica, and their labels (b,)."""
        # batch: (b, H', W', C) uint8, labels (b,)
        images, labels = self.feed.take(constants, batch, share)
        start, stop = share.rows()
        # augmentation: (b, H, W, C) float32
        return self.augmentation(images, labels, numbers[start:stop], prepare=self.prepare)

    def _take_all(self, batch: tuple[Tensor, ...], numbers: Tensor) -> Any:
        share = Share(1)
        share.total = batch[-1].shape[0]
        return self.take(self.feed.constants, batch, numbers, share=share)

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray | MixedLabels]:
        """The images (B, H, W, C) of a step as the network gets them, and their labels, on one
        device.
        """
        ((payload, numbers),) = self.inputs.take(step, 1)
        images, labels = self._compiled(payload, tf.constant(numbers))
        return images.numpy(), tf.nest.map_structure(np.asarray, labels)
