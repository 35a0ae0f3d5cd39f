"""Where the pictures of a step come from: the device's memory, or files that are read ahead.

A feed turns the rows of an epoch into one payload a step, whose last tensor has an entry for each
picture of the global batch, and a payload, inside the graph, into the pictures of the replica that
asks.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from archcompile.data import ALIGNED, Files, Split
from archcompile.engine import batches
from archcompile.engine.tensorflow.devices import Devices
from archcompile.engine.tensorflow.kernels import Share
from archcompile.errors import DataError

Tensor = Any
AHEAD = 4  # batches that are read before they are wanted


class Feed(Protocol):
    constants: Any  # tensors that every step gets, one of each a replica

    def payloads(self, rows: np.ndarray, size: int, first: int) -> Iterator[tuple[Tensor, ...]]:
        """A payload for each batch of `size` rows, from batch number `first` on. Raises DataError
        naming a bad file.
        """

    def take(
        self, constants: Any, payload: tuple[Tensor, ...], share: Share
    ) -> tuple[Tensor, Tensor]:
        """In the graph: uint8 pictures (b, H, W, C) and int64 labels (b,) of the replica that
        asks.
        """


def feed(split: Split, devices: Devices) -> Feed:
    images = split.images
    return (
        _Stream(images, split.labels, devices)
        if isinstance(images, Files)
        else _Memory(images, split.labels, devices)
    )


class _Memory:
    """All pictures lie as uint8 on each device; a payload is row numbers (B,)."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, devices: Devices) -> None:
        spread = devices.strategy.experimental_distribute_values_from_function
        if devices.replicas == 1:
            self.constants: Any = (
                _shared(images) if devices.on_processor else tf.constant(images),
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
        images, labels = (tf.gather(held, rows[start:stop]) for held in constants)
        return images, labels


def _shared(images: np.ndarray) -> Tensor:
    """A tensor of the pictures where they lie, which `tf.constant` would copy. Nothing changes them
    from here on.
    """
    if images.ctypes.data % ALIGNED or not (images.flags.c_contiguous and images.flags.writeable):
        return tf.constant(images)
    return tf.experimental.dlpack.from_dlpack(images.__dlpack__())


class _Stream:
    """Pictures are read from their files by several threads; a payload is this process's pictures,
    their place, all labels.
    """

    def __init__(self, images: Files, labels: np.ndarray, devices: Devices) -> None:
        self.images, self.labels, self.devices, self.constants = images, labels, devices, ()

    def payloads(self, rows: np.ndarray, size: int, first: int) -> Iterator[tuple[Tensor, ...]]:
        whole = list(batches(rows[first * size :], size))
        places = [self.devices.rows_of_worker(len(batch)) for batch in whole]
        reading = read_ahead(
            self.images,
            [batch[start:stop] for batch, (start, stop) in zip(whole, places, strict=True)],
        )
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


def read_ahead(images: Files, parts: Sequence[np.ndarray]) -> Iterator[Tensor]:
    """The pictures, uint8 (B, H, W, C), of each of the row lists, in order, the next ones read
    meanwhile.

    Lists but for the last have one length. Raises DataError naming the file.
    """
    failed: list[DataError] = []

    def read(row: np.ndarray) -> np.ndarray:
        try:
            return images.read(int(row))
        except DataError as error:
            failed.append(error)
            raise

    def decoded(row: Tensor) -> Tensor:
        return tf.ensure_shape(
            tf.numpy_function(read, [row], tf.uint8, stateful=False), images.picture
        )

    def dataset(rows: Sequence[np.ndarray]) -> Any:
        each = tf.data.Dataset.from_tensor_slices(np.concatenate(rows))
        return each.map(decoded, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).batch(
            len(rows[0])
        )

    if not parts:
        return
    reading = dataset(parts[:-1]).concatenate(dataset(parts[-1:])) if parts[1:] else dataset(parts)
    try:
        yield from reading.prefetch(AHEAD)
    except tf.errors.OpError:
        if failed:
            raise failed[0] from None
        raise
