"""What happens to every picture, in training and after it. The mean is kept with the run: no model is of use without."""

from collections.abc import Callable
from typing import Any

import numpy as np

from archcompile.data.dataset import Split
from archcompile.train.recipe import Preprocessing

Tensor = Any


def mean_picture(train: Split, settings: Preprocessing) -> np.ndarray | None:
    """The mean of the scaled training pictures, float32 (H, W, C); None where the recipe subtracts none."""
    if settings.mean == "none":
        return None
    total = train.images.sum(axis=0, dtype=np.int64)  # whole numbers: exact, whatever the order
    return np.asarray(total / len(train.images) / settings.scale, np.float32)


def preprocessor(settings: Preprocessing, mean: np.ndarray | None) -> Callable[[Tensor], Tensor]:
    """A function of tensors, uint8 (B, H, W, C) -> float32 (B, H, W, C)."""
    import tensorflow as tf

    scale = tf.constant(settings.scale, tf.float32)
    picture = None if mean is None else tf.constant(mean, tf.float32)

    def prepare(images: Tensor) -> Tensor:
        images = tf.cast(images, tf.float32) / scale
        return images if picture is None else images - picture

    return prepare
