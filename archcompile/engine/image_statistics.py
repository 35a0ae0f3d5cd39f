"""The figures that images are prepared with, from the training images. They are kept with the run:
a model needs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from safetensors.numpy import save as save_tensors

from archcompile.data import Split
from archcompile.recipe import Preprocessing

# pictures at a time: sums over all of a large set would need a copy of it in whole numbers
CHUNK = 1024


@dataclass(frozen=True)
class Statistics:
    """What is subtracted from scaled pictures, float32 (H, W, C) or (C,), and what they are divided
    by, float32 (C,).
    """

    mean: np.ndarray | None = None
    std: np.ndarray | None = None

    def tensors(self) -> dict[str, np.ndarray]:
        return {
            name: value
            for name, value in (("mean", self.mean), ("std", self.std))
            if value is not None
        }

    def stored(self) -> bytes:
        """As a file holds them."""
        return save_tensors(self.tensors())

    @classmethod
    def read(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        return cls(tensors.get("mean"), tensors.get("std"))


def statistics(pictures: Split, settings: Preprocessing, size: tuple[int, int]) -> Statistics:
    """The statistics of the training pictures, of the middle (H, W) of larger ones, from one pass
    where the recipe wants any.
    """
    mean, std = settings.mean, settings.std
    pixels, channels, spread = None, None, None
    if mean == "per_pixel" or "per_channel" in (mean, std):
        pixels, channels, spread = _moments(pictures, settings.scale, size)
    subtracted = (
        {"per_pixel": pixels, "per_channel": channels, "none": None}[mean]
        if isinstance(mean, str)
        else mean
    )
    divisor = {"per_channel": spread, "none": None}[std] if isinstance(std, str) else std
    return Statistics(
        *(
            None if value is None else np.asarray(value, np.float32)
            for value in (subtracted, divisor)
        )
    )


def _moments(
    pictures: Split, scale: float, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean picture (H, W, C), the mean and the deviation of each channel (C,). Sums are whole
    numbers: exact.
    """
    channels = pictures.shape[2]
    picture, squares = np.zeros((*size, channels), np.int64), np.zeros(channels, np.uint64)
    top, left = ((pictures.shape[axis] - size[axis]) // 2 for axis in (0, 1))
    for images, _ in pictures.batches(CHUNK):
        middle = images[:, top : top + size[0], left : left + size[1]]
        picture += middle.sum(axis=0, dtype=np.int64)
        squares += np.square(middle.astype(np.uint16)).sum(axis=(0, 1, 2), dtype=np.uint64)
    mean = picture / len(pictures) / scale
    of_channel = mean.mean(axis=(0, 1))
    count = len(pictures) * size[0] * size[1]
    sums = zip(picture.sum(axis=(0, 1)).tolist(), squares.tolist(), strict=True)
    # of whole numbers, or rounding would give a channel that never changes a deviation of 1e-11
    spread = np.sqrt([(count * square - total**2) / count**2 for total, square in sums]) / scale
    # a channel that never changes is left as it is
    return (
        mean,
        of_channel,
        np.where(spread > 0, spread, 1.0),
    )
