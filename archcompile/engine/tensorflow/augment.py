"""Augmentation inside the graph: a pure function of the images and of random numbers.

A shift may move an image by a fraction of a pixel: each axis reads two neighbouring rows and blends
them. That is the article's shift (bilinear, the edge repeated) without the general warp: 0.02 ms
per image of 32x32 on one core.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from archcompile.engine import DRAWS, middle
from archcompile.recipe import Augment

Tensor = Any


def draw_on_device(seed: int, step: int, count: int) -> np.ndarray:
    """Numbers of augmentation as runs of format 2 have them; see `draw_augmentation`."""
    numbers = tf.random.stateless_uniform([count, DRAWS], [seed, step], alg="philox")
    return np.asarray(numbers)


def cut(images: Tensor, size: tuple[int, int], settings: Augment, *, numbers: Tensor) -> Tensor:
    """A window of `size` (H, W) of every image: anywhere in it, or its middle."""
    if images.shape[1:3] == size:
        return images
    if settings.crop == "centre":
        return middle(images, size)
    for axis in (0, 1):
        start = _whole(numbers[:, 3 + axis], images.shape[1 + axis] - size[axis])
        places = start[:, None] + tf.range(size[axis])[None]
        images = _along(images, places, axis)
    return images


def augment_images(images: Tensor, settings: Augment, numbers: Tensor) -> Tensor:
    """Images moved, then mirrored, float32 (B, H, W, C); `numbers` (B, 5) are in [0, 1)."""
    _, height, width, _ = images.shape
    if settings.flip == "none":
        flipped = tf.zeros_like(numbers[:, 2], tf.bool)
    else:
        flipped = numbers[:, 2] < 0.5
    if settings.shift:
        down, right = ((numbers[:, axis] * 2.0 - 1.0) * settings.shift for axis in (0, 1))
        images = _move(images, down * height, tf.zeros_like(flipped))
        columns = tf.transpose(images, [0, 2, 1, 3])
        return tf.transpose(_move(columns, right * width, flipped), [0, 2, 1, 3])
    if settings.pad_crop:
        images = _pad_and_crop(
            images, settings, numbers[:, 0], axis=0, flipped=tf.zeros_like(flipped)
        )
    elif settings.flip == "none":
        return images
    # without a border, a mirror alone: faster than a slice
    return _pad_and_crop(images, settings, numbers[:, 1], axis=1, flipped=flipped)


def _move(images: Tensor, shift: Tensor, flipped: Tensor) -> Tensor:
    """Images (B, N, M, C) moved along axis 1 by `shift` rows (B,), mirrored on it where `flipped`.

    Row i of the result is row i - shift of the image; beyond the edge, the edge.
    """
    last = images.shape[1] - 1.0
    rows = tf.range(images.shape[1], dtype=tf.float32)[None]
    rows = tf.where(flipped[:, None], last - rows, rows)
    source = tf.clip_by_value(rows - shift[:, None], 0.0, last)
    below = tf.floor(source)
    near = tf.gather(images, tf.cast(below, tf.int32), axis=1, batch_dims=1)
    far = tf.gather(images, tf.cast(tf.minimum(below + 1.0, last), tf.int32), axis=1, batch_dims=1)
    return near + (far - near) * (source - below)[:, :, None, None]


def _pad_and_crop(
    images: Tensor, settings: Augment, number: Tensor, *, axis: int, flipped: Tensor
) -> Tensor:
    """Images (B, H, W, C) padded by `pad_crop` and cropped again along one axis, and mirrored."""
    extent, border = images.shape[1 + axis], settings.pad_crop
    places = tf.range(extent)[None]
    places = tf.where(flipped[:, None], extent - 1 - places, places)
    places = places + _whole(number, 2 * border)[:, None] - border  # (B, extent), from -border on
    if settings.fill == "reflect":  # the edge itself is not repeated
        period = max(2 * (extent - 1), 1)
        folded = tf.math.floormod(places, period)
        return _along(images, tf.minimum(folded, period - folded), axis)
    repeated = _along(images, tf.clip_by_value(places, 0, extent - 1), axis)
    if settings.fill == "nearest":
        return repeated
    inside = tf.cast((places >= 0) & (places < extent), images.dtype)
    return repeated * (inside[:, :, None, None] if axis == 0 else inside[:, None, :, None])


def _whole(numbers: Tensor, most: int) -> Tensor:
    """Integers from 0 to `most`, all equally likely, from numbers in [0, 1)."""
    return tf.minimum(tf.cast(numbers * (most + 1.0), tf.int32), most)


def _along(images: Tensor, places: Tensor, axis: int) -> Tensor:
    """Of each image (B, H, W, C) the rows, or columns, at `places` (B, N)."""
    if axis == 0:
        return tf.gather(images, places, axis=1, batch_dims=1)
    columns = tf.transpose(images, [0, 2, 1, 3])
    return tf.transpose(tf.gather(columns, places, axis=1, batch_dims=1), [0, 2, 1, 3])
