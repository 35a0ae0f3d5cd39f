"""What a step trains on: images of a batch, augmented, and their labels."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from archcompile.data import Split
from archcompile.engine import Augmentation, EpochBatches, MixedLabels, Statistics, StepInputs
from archcompile.engine.jax.devices import Devices
from archcompile.engine.jax.feed import feed
from archcompile.recipe import Recipe

Array = Any


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
        self.devices = devices
        self.batches = EpochBatches.of(recipe, train, seed, size=size)
        self.augmentation = Augmentation(recipe.augment, size, take_rows)
        self.feed = feed(train, devices)
        self.inputs = StepInputs(self.batches, self.feed)
        self.prepare = partial(statistics.prepare, scale=recipe.preprocessing.scale)
        self._compiled = jax.jit(self.take)

    def take(
        self, constants: Any, payload: tuple[Array, ...], numbers: Array
    ) -> tuple[Array, Array | MixedLabels]:
        """In the step: the images (B, H, W, C) of a batch, and their labels (B,)."""
        # batch: (B, H', W', C) uint8, labels (B,)
        images, labels = map(self.devices.spread, self.feed.take(constants, payload))
        # augmentation: (B, H, W, C) float32
        return self.augmentation(images, labels, self.devices.spread(numbers), prepare=self.prepare)

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray | MixedLabels]:
        """The images (B, H, W, C) of a step as the network gets them, and their labels."""
        ((payload, numbers),) = self.inputs.take(step, 1)
        images, labels = self._compiled(self.feed.constants, payload, numbers)
        return np.asarray(images), jax.tree.map(np.asarray, labels)


def take_rows(images: Array, places: Array) -> Array:
    """Of each image (B, H, W, C) the rows at `places` (B, N)."""
    return jnp.take_along_axis(images, places[:, :, None, None], axis=1)
