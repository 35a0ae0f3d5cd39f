"""The images of a split: in one array, or in files that are read when they are needed.

Whatever holds images satisfies `ImageStore`, and `Split.store` gives it. A new way of holding them
is a class beside `ImageFiles`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Protocol, Union

import numpy as np

Images = Union[np.ndarray, "ImageStore"]  # what a split is made of
Shape = tuple[int, int, int]  # (H, W, C)
# bytes of images beyond which they are streamed: half of the memory of a machine that has little
MEMORY = 4 << 30
Change = Callable[[np.ndarray], np.ndarray]  # of one image, uint8 (H, W, C)


class ImageStore(Protocol):
    """Images of one shape, in their order. Threads may read at the same time."""

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, H, W, C), as of the array that holds them all."""

    @property
    def array(self) -> np.ndarray | None:
        """All images, uint8 (N, H, W, C), where they are in memory."""

    def read(self, row: int) -> np.ndarray:
        """One image, uint8 (H, W, C). Raises DataError naming the file."""

    def read_range(self, start: int, stop: int) -> np.ndarray:
        """The images from `start` to before `stop`, uint8 (B, H, W, C). Raises DataError."""

    def take(self, rows: np.ndarray) -> Images:
        """The images of these rows, in their order."""

    def map_images(self, change: Change, shape: Shape) -> Images:
        """The same images, changed into ones of this shape."""


@dataclass(frozen=True)
class ImageArray:
    """Images in memory."""

    array: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int, int]:
        count, height, width, channels = self.array.shape
        return count, height, width, channels

    def read(self, row: int) -> np.ndarray:
        return np.asarray(self.array[row])

    def read_range(self, start: int, stop: int) -> np.ndarray:
        return self.array[start:stop]

    def take(self, rows: np.ndarray) -> Images:
        images: np.ndarray = self.array[rows]
        return images

    def map_images(self, change: Change, shape: Shape) -> Images:
        images = np.empty((len(self.array), *shape), np.uint8)
        for place, image in zip(images, self.array, strict=True):
            place[:] = change(image)
        return images


@dataclass(frozen=True)
class ImageFiles:
    """Images that stay in their files until they are needed.

    `decode` makes uint8 (H, W, C) of a file, of the shape `image_shape`, or raises DataError naming
    the file.
    """

    paths: Sequence[str]
    image_shape: Shape
    decode: Callable[[str], np.ndarray]

    @property
    def array(self) -> None:
        return None

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return len(self.paths), *self.image_shape

    def read(self, row: int) -> np.ndarray:
        return self.decode(self.paths[row])

    def read_range(self, start: int, stop: int) -> np.ndarray:
        return np.stack([self.read(row) for row in range(start, stop)])

    def take(self, rows: np.ndarray) -> Images:
        return replace(self, paths=tuple(self.paths[row] for row in rows))

    def map_images(self, change: Change, shape: Shape) -> Images:
        decode = self.decode
        return replace(self, image_shape=shape, decode=lambda path: change(decode(path)))


def is_streamed(count: int, shape: Shape, setting: bool | None) -> bool:
    """Whether to stream `count` images: the recipe's `setting`, unless it leaves that open."""
    return count * prod(shape) > MEMORY if setting is None else setting
