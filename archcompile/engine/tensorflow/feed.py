"""Where the images of a step come from: the device's memory, or files that are read ahead.

A feed turns the rows of an epoch into one payload per step, whose last tensor has an entry for each
image of the global batch. Inside the graph it turns a payload into the images of the replica that
asks.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from archcompile.data import ALIGNED, ImageStore, Split
from archcompile.engine import Payloads, batches
from archcompile.engine.tensorflow.devices import Devices
from archcompile.engine.tensorflow.kernels import Share
from archcompile.errors import DataError

Tensor = Any
AHEAD = 4  # batches that are read before they are needed


class Feed(Payloads, Protocol):
    constants: Any  # tensors that every step gets, one of each per replica

    def take(
        self, constants: Any, payload: tuple[Tensor, ...], share: Share
    ) -> tuple[Tensor, Tensor]:
        """In the graph: uint8 images (b, H, W, C) and int64 labels (b,) of the asking replica."""


def feed(split: Split, devices: Devices) -> Feed:
    images = split.store.array
    if images is None:
        return _Stream(split.store, split.labels, devices)
    return _Memory(images, split.labels, devices)


class _Memory:
    """All images are on each device, as uint8; a payload is row numbers (B,)."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, devices: Devices) -> None:
        spread = devices.strategy.experimental_distribute_values_from_function
        if devices.replicas == 1:
            self.constants: Any = (
                _share_memory(images) if devices.is_on_processor else tf.constant(images),
                tf.constant(labels),
            )
        else:
            self.constants = (
                spread(lambda c: tf.constant(images)),
                spread(lambda c: tf.constant(labels)),
            )

    def payloads(self, rows: np.ndarray, size: int, first: int) -> Iterator[tuple[Tensor, ...]]:
        for batch in batches(rows[first * size :], size):
            yield (tf.constant(batch),)

    def take(
        self, constants: Any, payload: tuple[Tensor, ...], share: Share
    ) -> tuple[Tensor, Tensor]:
        (rows,), (start, stop) = payload, share.rows()
        images, labels = (tf.gather(constant, rows[start:stop]) for constant in constants)
        return images, labels


def _share_memory(images: np.ndarray) -> Tensor:
    """A tensor that shares the memory of the images, which nothing changes from now on.

    `tf.constant` would copy them.
    """
    if images.ctypes.data % ALIGNED or not (images.flags.c_contiguous and images.flags.writeable):
        return tf.constant(images)
    return tf.experimental.dlpack.from_dlpack(images.__dlpack__())


class _Stream:
    """Several threads read images from their files.

    A payload is this process's images, the row of the first of them in the batch, and all labels.
    """

    def __init__(self, images: ImageStore, labels: np.ndarray, devices: Devices) -> None:
        self.images, self.labels, self.devices, self.constants = images, labels, devices, ()

    def payloads(self, rows: np.ndarray, size: int, first: int) -> Iterator[tuple[Tensor, ...]]:
        whole = list(batches(rows[first * size :], size))
        places = [self.devices.rows_of_worker(len(batch)) for batch in whole]
        parts = [batch[start:stop] for batch, (start, stop) in zip(whole, places, strict=True)]
        reading = read_ahead(self.images, parts)
        for batch, (start, _), images in zip(whole, places, reading, strict=True):
            yield images, tf.constant(start), tf.constant(self.labels[batch])

    def take(
        self, constants: Any, payload: tuple[Tensor, ...], share: Share
    ) -> tuple[Tensor, Tensor]:
        images, place, labels = payload
        if share.replicas == 1:
            return images, labels
        start, stop = share.rows()
        return images[start - place : stop - place], labels[start:stop]


def read_ahead(images: ImageStore, parts: Sequence[np.ndarray]) -> Iterator[Tensor]:
    """The images, uint8 (B, H, W, C), of each list of rows in order; the next are read meanwhile.

    All lists except the last have one length. Raises DataError naming the file.
    """
    failed: list[DataError] = []

    def read(row: np.ndarray) -> np.ndarray:
        try:
            return images.read(int(row))
        except DataError as error:
            failed.append(error)
            raise

    def decode(row: Tensor) -> Tensor:
        image = tf.numpy_function(read, [row], tf.uint8, stateful=False)
        return tf.ensure_shape(image, images.shape[1:])

    def dataset(rows: Sequence[np.ndarray]) -> Any:
        single_rows = tf.data.Dataset.from_tensor_slices(np.concatenate(rows))
        decoded = single_rows.map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return decoded.batch(len(rows[0]))

    if not parts:
        return
    reader = dataset(parts)
    if len(parts) > 1:
        reader = dataset(parts[:-1]).concatenate(dataset(parts[-1:]))
    try:
        yield from reader.prefetch(AHEAD)
    except tf.errors.OpError:
        if failed:
            raise failed[0] from None
        raise
