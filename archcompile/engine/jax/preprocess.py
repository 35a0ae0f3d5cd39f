"""What happens to every image, in training and after it."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from archcompile.engine import Statistics
from archcompile.recipe import Preprocessing

Array = Any


def preprocessor(settings: Preprocessing, statistics: Statistics) -> Callable[[Array], Array]:
    """A function of arrays, uint8 (B, H, W, C) -> float32 (B, H, W, C)."""

    def prepare(images: Array) -> Array:
        images = images.astype(jnp.float32) / settings.scale
        images = images if statistics.mean is None else images - statistics.mean
        return images if statistics.std is None else images / statistics.std

    return prepare
