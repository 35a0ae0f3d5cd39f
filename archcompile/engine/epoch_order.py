"""The order in which training images are seen: a pure function of (seed, epoch)."""

from collections.abc import Iterator
from math import ceil

import numpy as np

EVALUATED_PIXELS = 512 * 32 * 32  # of a batch that is scored, unless a single image has more
FIRST_FLIPS = 2**64 - 1  # in the place of an epoch: no epoch reaches it


def order(seed: int, epoch: int, count: int) -> np.ndarray:
    """A permutation of `count` row numbers, int32; a different one in every epoch."""
    bits = np.random.Philox(key=np.array([seed, epoch], np.uint64))
    return np.random.Generator(bits).permutation(count).astype(np.int32)


def repeat_in_batches(rows: np.ndarray, size: int, views: int) -> np.ndarray:
    """As many rows, so that a batch of `size` has each image `views` times, turn after turn.

    The first rows are taken for it, as timm's RepeatAugSampler and DeiT's RASampler do.
    """
    repeated, taken = [], 0
    for start in range(0, len(rows), size):
        count = min(size, len(rows) - start)
        images = ceil(count / views)
        repeated.append(np.tile(rows[taken : taken + images], views)[:count])
        taken += images
    return np.concatenate(repeated)


def mirror_mask(seed: int, epoch: int, rows: np.ndarray) -> np.ndarray:
    """Which images are mirrored where flips alternate: half, by the seed; the others next time."""
    bits = np.random.Philox(key=np.array([seed, FIRST_FLIPS], np.uint64))
    starts = np.random.Generator(bits).integers(0, 2, int(rows.max(initial=0)) + 1)
    return np.asarray((starts[rows] + epoch) % 2 == 1)


def batches(rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The rows in batches; the last may be smaller, and none is dropped."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
