"""Augmentation inside the step: a pure function of the images and of random numbers.

The same functions as `archcompile.engine.tensorflow.augment` has, in JAX.
"""

from typing import Any

import jax.numpy as jnp

from archcompile.engine import middle
from archcompile.recipe import Augment

Array = Any


def cut(images: Array, size: tuple[int, int], settings: Augment, *, numbers: Array) -> Array:
    """A window of `size` (H, W) of every image: anywhere in it, or its middle."""
    if images.shape[1:3] == size:
        return images
    if settings.crop == "centre":
        return middle(images, size)
    for axis in (0, 1):
        start = _whole(numbers[:, 3 + axis], images.shape[1 + axis] - size[axis])
        places = start[:, None] + jnp.arange(size[axis])[None]
        images = _along(images, places, axis)
    return images


def augment_images(images: Array, settings: Augment, numbers: Array) -> Array:
    """Images moved, then mirrored, float32 (B, H, W, C); `numbers` (B, 5) are in [0, 1)."""
    _, height, width, _ = images.shape
    unflipped = jnp.zeros(len(images), bool)
    flipped = unflipped if settings.flip == "none" else numbers[:, 2] < 0.5
    if settings.shift:
        down, right = ((numbers[:, axis] * 2.0 - 1.0) * settings.shift for axis in (0, 1))
        images = _move(images, down * height, unflipped)
        columns = images.transpose(0, 2, 1, 3)
        return _move(columns, right * width, flipped).transpose(0, 2, 1, 3)
    if settings.pad_crop:
        images = _pad_and_crop(images, settings, numbers[:, 0], axis=0, flipped=unflipped)
    elif settings.flip == "none":
        return images
    return _pad_and_crop(images, settings, numbers[:, 1], axis=1, flipped=flipped)


def _move(images: Array, shift: Array, flipped: Array) -> Array:
    """Images (B, N, M, C) moved along axis 1 by `shift` rows (B,), mirrored on it where `flipped`.

    Row i of the result is row i - shift of the image; beyond the edge, the edge.
    """
    last = images.shape[1] - 1.0
    rows = jnp.arange(images.shape[1], dtype=jnp.float32)[None]
    rows = jnp.where(flipped[:, None], last - rows, rows)
    source = jnp.clip(rows - shift[:, None], 0.0, last)
    below = jnp.floor(source)
    near = _rows(images, below.astype(jnp.int32))
    far = _rows(images, jnp.minimum(below + 1.0, last).astype(jnp.int32))
    return near + (far - near) * (source - below)[:, :, None, None]


def _pad_and_crop(
    images: Array, settings: Augment, number: Array, *, axis: int, flipped: Array
) -> Array:
    """Images (B, H, W, C) padded by `pad_crop` and cropped again along one axis, and mirrored."""
    extent, border = images.shape[1 + axis], settings.pad_crop
    places = jnp.arange(extent)[None]
    places = jnp.where(flipped[:, None], extent - 1 - places, places)
    places = places + _whole(number, 2 * border)[:, None] - border  # (B, extent), from -border on
    if settings.fill == "reflect":  # the edge itself is not repeated
        period = max(2 * (extent - 1), 1)
        folded = jnp.mod(places, period)
        return _along(images, jnp.minimum(folded, period - folded), axis)
    repeated = _along(images, jnp.clip(places, 0, extent - 1), axis)
    if settings.fill == "nearest":
        return repeated
    inside = ((places >= 0) & (places < extent)).astype(images.dtype)
    return repeated * (inside[:, :, None, None] if axis == 0 else inside[:, None, :, None])


def _whole(numbers: Array, most: int) -> Array:
    """Integers from 0 to `most`, all equally likely, from numbers in [0, 1)."""
    return jnp.minimum((numbers * (most + 1.0)).astype(jnp.int32), most)


def _along(images: Array, places: Array, axis: int) -> Array:
    """Of each image (B, H, W, C) the rows, or columns, at `places` (B, N)."""
    if axis == 0:
        return _rows(images, places)
    return _rows(images.transpose(0, 2, 1, 3), places).transpose(0, 2, 1, 3)


def _rows(images: Array, places: Array) -> Array:
    return jnp.take_along_axis(images, places[:, :, None, None], axis=1)
