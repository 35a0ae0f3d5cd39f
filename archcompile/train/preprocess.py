"""What happens to every picture, in training and after it. The figures are kept with the run: no model is of use without."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from archcompile.recipe.sections import Preprocessing

Tensor = Any
CHUNK = 1024  # pictures at a time: sums over all of a large set would need a copy of it in whole numbers


@dataclass(frozen=True)
class Statistics:
    """What is subtracted from scaled pictures, float32 (H, W, C) or (C,), and what they are divided by, float32 (C,)."""

    mean: np.ndarray | None = None
    std: np.ndarray | None = None

    def tensors(self) -> dict[str, np.ndarray]:
        return {name: value for name, value in (("mean", self.mean), ("std", self.std)) if value is not None}

    @classmethod
    def read(cls, tensors: Mapping[str, np.ndarray]) -> Self:
        return cls(tensors.get("mean"), tensors.get("std"))


def statistics(batches: Callable[[], Any], settings: Preprocessing) -> Statistics:
    """The statistics of the training pictures, from one pass over them where the recipe wants any.

    `batches` gives them anew at each call, uint8 (B, H, W, C). Sums are of whole numbers: exact, whatever the order.
    """
    mean, std = settings.mean, settings.std
    picture: Any = 0
    squares: Any = 0
    count = 0
    if "per_pixel" in (mean,) or "per_channel" in (mean, std):
        for batch in batches():
            picture = picture + batch.sum(axis=0, dtype=np.int64)
            squares = squares + np.square(batch.astype(np.uint32)).sum(axis=(0, 1, 2), dtype=np.uint64)
            count += len(batch)
    of_pixel = None if isinstance(picture, int) else picture / count / settings.scale
    of_channel = None if of_pixel is None else of_pixel.mean(axis=(0, 1))
    if isinstance(mean, str):
        subtracted = {"per_pixel": of_pixel, "per_channel": of_channel, "none": None}[mean]
    else:
        subtracted = np.array(mean)
    if isinstance(std, str):
        divisor = None
        if std == "per_channel":
            pixels = count * of_pixel.shape[0] * of_pixel.shape[1]  # type: ignore[union-attr]
            divisor = np.sqrt(np.maximum(squares / pixels / settings.scale**2 - np.square(of_channel), 0))
            divisor = np.where(divisor > 0, divisor, 1.0)  # a channel that never changes is left as it is
    else:
        divisor = np.array(std)
    return Statistics(*(None if value is None else np.asarray(value, np.float32) for value in (subtracted, divisor)))


def chunks(images: np.ndarray) -> Callable[[], Any]:
    """The batches of pictures held in memory, for `statistics`."""
    return lambda: (images[start : start + CHUNK] for start in range(0, len(images), CHUNK))


def preprocessor(settings: Preprocessing, found: Statistics) -> Callable[[Tensor], Tensor]:
    """A function of tensors, uint8 (B, H, W, C) -> float32 (B, H, W, C)."""
    import tensorflow as tf

    scale = tf.constant(settings.scale, tf.float32)
    mean, std = (None if value is None else tf.constant(value, tf.float32) for value in (found.mean, found.std))

    def prepare(images: Tensor) -> Tensor:
        images = tf.cast(images, tf.float32) / scale
        images = images if mean is None else images - mean
        return images if std is None else images / std

    return prepare
