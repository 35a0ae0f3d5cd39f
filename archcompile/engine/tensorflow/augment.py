"""What augmentation needs of TensorFlow."""

from typing import Any

import numpy as np
import tensorflow as tf

from archcompile.engine import DRAWS

Tensor = Any


def take_rows(images: Tensor, places: Tensor) -> Tensor:
    """Of each image (B, H, W, C) the rows at `places` (B, N)."""
    return tf.gather(images, places, axis=1, batch_dims=1)


def draw_on_device(seed: int, step: int, count: int) -> np.ndarray:
    """Numbers of augmentation as runs of format 2 have them; see `draw_augmentation`."""
    numbers = tf.random.stateless_uniform([count, DRAWS], [seed, step], alg="philox")
    return np.asarray(numbers)
