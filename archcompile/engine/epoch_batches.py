"""The batches of an epoch, and what is random in each; all engines train on the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from archcompile.engine.epoch_order import mirror_mask
from archcompile.engine.random_numbers import set_flips

Draw = Callable[[int, int, int], np.ndarray]  # of a seed, a step and a number of images


@dataclass(frozen=True, kw_only=True)
class EpochBatches:
    """How so many `images` are cut into batches of `size`, of which the last may be smaller.

    With `has_alternating_flips` an image is mirrored in every second epoch.
    """

    seed: int
    images: int
    size: int
    has_alternating_flips: bool

    @property
    def steps(self) -> int:
        """Steps per epoch."""
        return ceil(self.images / self.size)

    def images_in(self, steps: int) -> int:
        """The number of images that the first `steps` of an epoch see."""
        return min(steps * self.size, self.images)

    def numbers(
        self, rows: np.ndarray, epoch: int, *, first: int, draw: Draw
    ) -> Iterator[tuple[int, np.ndarray]]:
        """The steps of an epoch from its step `first` on, each with its random numbers (B, 5).

        Steps are counted over the whole run. `rows` is the order of the images in the epoch.
        """
        flips = mirror_mask(self.seed, epoch, rows) if self.has_alternating_flips else None
        for index in range(first, self.steps):
            step, part = (
                epoch * self.steps + index,
                slice(index * self.size, (index + 1) * self.size),
            )
            numbers = draw(self.seed, step, len(rows[part]))
            yield step, numbers if flips is None else set_flips(numbers, flips[part])
