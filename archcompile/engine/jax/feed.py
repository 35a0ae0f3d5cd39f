"""Where the images of a step come from: the device's memory, or files that are read ahead."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np

from archcompile.data import ImageStore, Split
from archcompile.engine import Payloads, batches
from archcompile.engine.jax.devices import Devices

Array = Any
AHEAD = 4  # batches that are read before they are needed
READERS = 16  # threads


class Feed(Payloads, Protocol):
    constants: Any  # arrays that every step gets
    is_in_memory: bool  # of the device, so that the host has nothing to bring but row numbers

    def take(self, constants: Any, payload: tuple[Array, ...]) -> tuple[Array, Array]:
        """In the step: uint8 images (B, H, W, C) and int32 labels (B,) of the batch."""


def feed(split: Split, devices: Devices) -> Feed:
    store, labels = split.store, split.labels
    if store.array is None:
        return _Stream(store, labels, devices)
    return _Memory(store.array, labels, devices)


class _Memory:
    """All images are on each device, as uint8; a payload is row numbers (B,)."""

    is_in_memory = True

    def __init__(self, images: np.ndarray, labels: np.ndarray, devices: Devices) -> None:
        self.constants = (devices.place(images), devices.place(labels.astype(np.int32)))

    def payloads(self, rows: np.ndarray, size: int, first: int) -> Iterator[tuple[Array, ...]]:
        for batch in batches(rows[first * size :], size):
            yield (batch,)

    def take(self, constants: Any, payload: tuple[Array, ...]) -> tuple[Array, Array]:
        images, labels = constants
        (rows,) = payload
        return images[rows], labels[rows]


class _Stream:
    """Several threads read this process's images from their files.

    A payload is images and labels, (B, H, W, C) and (B,).
    """

    is_in_memory = False

    def __init__(self, images: ImageStore, labels: np.ndarray, devices: Devices) -> None:
        self.images, self.labels, self.devices = images, labels.astype(np.int32), devices
        self.constants = ()

    def payloads(self, rows: np.ndarray, size: int, first: int) -> Iterator[tuple[Array, ...]]:
        whole = list(batches(rows[first * size :], size))
        parts = [batch[self.devices.rows_of_worker(len(batch))] for batch in whole]
        for batch, images in zip(whole, read_ahead(self.images, parts), strict=True):
            placed = self.devices.sharding_of(len(batch))
            shape = (len(batch), *images.shape[1:])
            yield self.devices.assemble(images, placed, shape), self.labels[batch]

    def take(self, constants: Any, payload: tuple[Array, ...]) -> tuple[Array, Array]:
        images, labels = payload
        return images, labels


def read_ahead(images: ImageStore, parts: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """The images, uint8 (B, H, W, C), of each list of rows in order; the next are read meanwhile.

    Raises DataError naming the file.
    """
    with ThreadPoolExecutor(READERS) as readers:
        waiting: deque[list[Future[np.ndarray]]] = deque()

        def start(part: np.ndarray) -> None:
            waiting.append([readers.submit(images.read, int(row)) for row in part])

        for part in parts[:AHEAD]:
            start(part)
        try:
            for number in range(len(parts)):
                batch = waiting.popleft()
                for part in parts[number + AHEAD : number + AHEAD + 1]:
                    start(part)
                yield np.stack([image.result() for image in batch])
        finally:
            readers.shutdown(wait=False, cancel_futures=True)
