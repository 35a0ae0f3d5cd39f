"""Pictures that stay in their files until they are needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Files:
    """Pictures of one shape, each read from its file when asked for. Threads may read at the same
    time.

    `decode` makes uint8 (H, W, C) of a file, of the shape `picture`, or raises DataError naming the
    file.
    """

    paths: Sequence[str]
    picture: tuple[int, int, int]
    decode: Callable[[str], np.ndarray]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, H, W, C), as of the array that holds them all."""
        return len(self.paths), *self.picture

    def read(self, row: int) -> np.ndarray:
        """One picture, uint8 (H, W, C). Raises DataError naming the file."""
        return self.decode(self.paths[row])

    def take(self, rows: np.ndarray) -> "Files":
        """The pictures of these rows, in their order."""
        return replace(self, paths=tuple(self.paths[row] for row in rows))

    def mapped(
        self, change: Callable[[np.ndarray], np.ndarray], picture: tuple[int, int, int]
    ) -> "Files":
        """The same pictures, changed as they are read into ones of the shape `picture`."""
        decode = self.decode
        return replace(self, picture=picture, decode=lambda path: change(decode(path)))
