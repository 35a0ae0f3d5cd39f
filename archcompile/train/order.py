"""The order in which training pictures are seen: a pure function of (seed, epoch)."""

from collections.abc import Iterator

import numpy as np


def order(seed: int, epoch: int, count: int) -> np.ndarray:
    """A permutation of `count` row numbers, int32; another in every epoch."""
    bits = np.random.Philox(key=np.array([seed, epoch], np.uint64))
    return np.random.Generator(bits).permutation(count).astype(np.int32)


def batches(rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The rows in batches; the last may be smaller, and none is dropped."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
