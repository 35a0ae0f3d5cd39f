"""What happens to every image, in training and after it."""

from collections.abc import Callable
from typing import Any

from archcompile.engine import Statistics
from archcompile.recipe import Preprocessing

Tensor = Any


def preprocessor(settings: Preprocessing, statistics: Statistics) -> Callable[[Tensor], Tensor]:
    """A function of tensors, uint8 (B, H, W, C) -> float32 (B, H, W, C)."""
    import tensorflow as tf

    scale = tf.constant(settings.scale, tf.float32)
    mean, std = (
        None if value is None else tf.constant(value, tf.float32)
        for value in (statistics.mean, statistics.std)
    )

    def prepare(images: Tensor) -> Tensor:
        images = tf.cast(images, tf.float32) / scale
        images = images if mean is None else images - mean
        return images if std is None else images / std

    return prepare
