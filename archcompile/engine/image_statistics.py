"""The mean and deviation that images are prepared with; a run keeps them, its model needs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from safetensors.numpy import save as save_tensors

from archcompile.data import Split
from archcompile.recipe import Preprocessing

# images at a time: sums over all of a large set would need a copy of it as integers
CHUNK = 1024


@dataclass(frozen=True)
class Statistics:
    """What is subtracted from scaled images and what divides them; None for neither.

    `mean` is float32 (H, W, C) or (C,), `std` float32 (C,).
    """

    mean: np.ndarray | None = None
    std: np.ndarray | None = None

    def tensors(self) -> dict[str, np.ndarray]:
        values = {"mean": self.mean, "std": self.std}
        return {name: value for name, value in values.items() if value is not None}

    def to_bytes(self) -> bytes:
        """The bytes of their file."""
        return save_tensors(self.tensors())

    def prepare(self, images: Any, scale: float) -> Any:
        """Images (B, H, W, C) as the network gets them, float32: scaled, then shifted and divided.

        Of NumPy, or of JAX in its step; TensorFlow has its own words for it.
        """
        prepared = images.astype(np.float32) / np.float32(scale)
        prepared = prepared if self.mean is None else prepared - self.mean
        return prepared if self.std is None else prepared / self.std

    @classmethod
    def read(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        return cls(tensors.get("mean"), tensors.get("std"))


def statistics(images: Split, settings: Preprocessing, size: tuple[int, int]) -> Statistics:
    """The statistics of the training images, of the middle (H, W) of larger ones.

    They take one pass where the recipe asks for any.
    """
    if settings.mean != "per_pixel" and "per_channel" not in (settings.mean, settings.std):
        measured = Moments()
    else:
        measured = _moments(images, settings.scale, size)
    mean: Any = settings.mean
    if isinstance(mean, str):
        mean = {"per_pixel": measured.pixels, "per_channel": measured.channels, "none": None}[mean]
    std: Any = settings.std
    if isinstance(std, str):
        std = {"per_channel": measured.spread, "none": None}[std]
    return Statistics(_as_float32(mean), _as_float32(std))


def middle(images: Any, size: tuple[int, int]) -> Any:
    """The middle of `size` (H, W) of images (B, H', W', C), an array of any framework."""
    top, left = ((images.shape[1 + axis] - size[axis]) // 2 for axis in (0, 1))
    return images[:, top : top + size[0], left : left + size[1]]


def _as_float32(values: Any) -> np.ndarray | None:
    return None if values is None else np.asarray(values, np.float32)


@dataclass(frozen=True)
class Moments:
    """The mean image (H, W, C), and the mean and the deviation of each channel (C,), float64."""

    pixels: np.ndarray | None = None
    channels: np.ndarray | None = None
    spread: np.ndarray | None = None


def _moments(images: Split, scale: float, size: tuple[int, int]) -> Moments:
    """Exact but for the last division: the sums are integers."""
    channels = images.shape[2]
    pixel_sums, squares = np.zeros((*size, channels), np.int64), np.zeros(channels, np.uint64)
    for batch, _ in images.batches(CHUNK):
        cut = middle(batch, size)
        pixel_sums += cut.sum(axis=0, dtype=np.int64)
        squares += np.square(cut.astype(np.uint16)).sum(axis=(0, 1, 2), dtype=np.uint64)
    mean = pixel_sums / len(images) / scale
    count = len(images) * size[0] * size[1]
    sums = zip(pixel_sums.sum(axis=(0, 1)).tolist(), squares.tolist(), strict=True)
    # of integers, or rounding would give a channel that never changes a deviation of 1e-11
    spread = np.sqrt([(count * square - total**2) / count**2 for total, square in sums]) / scale
    # a channel that never changes is left as it is
    spread = np.where(spread > 0, spread, 1.0)
    return Moments(mean, mean.mean(axis=(0, 1)), spread)
