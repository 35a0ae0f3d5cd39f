"""What every source hands to training: two splits of uint8 pictures with labels, named and fingerprinted."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Split:
    """`images` is uint8 (N, H, W, C), `labels` int64 (N,), each in 0 … classes-1."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def in_memory(self) -> bool:
        return isinstance(self.images, np.ndarray)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every picture."""
        _, height, width, channels = self.images.shape
        return height, width, channels

    def batches(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Pictures (B, H, W, C) and labels (B,), in order."""
        for start in range(0, len(self), size):
            yield self.images[start : start + size], self.labels[start : start + size]


@dataclass(frozen=True)
class Dataset:
    """Pictures in memory. `fingerprint` is computed by the function of that name."""

    name: str  # the source: "cifar10", "folder", "digits", "synthetic"
    label: str  # what every figure must say: "cifar10 (official)", "synthetic", …
    train: Split
    test: Split
    classes: tuple[str, ...]
    fingerprint: str  # sha256 over the decoded content of both splits, as held here
    place: str  # the path it was read from, or the package it came from
    fit: str | None = None  # how pictures were changed to fit ("pad", "resize", "resize+repeat"); None: untouched
    notes: tuple[str, ...] = ()  # what the user should know: files ignored, pictures held out
    validation: Split | None = None  # pictures kept from training, to choose the best epoch

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every picture."""
        _, height, width, channels = self.train.images.shape
        return height, width, channels


@dataclass(frozen=True)
class Request:
    """What a source is asked for. A source ignores what it has no use for.

    `place` is the folder or file the user named; `shape` (H, W, C) and `classes` are what the network expects.
    """

    place: Path | None = None
    holdout: float = 0.2
    seed: int = 0
    shape: tuple[int, int, int] | None = None
    classes: int | None = None
    fit: str | None = None


def fingerprint(train: Split, test: Split, classes: tuple[str, ...]) -> str:
    """sha256 (hex) over class names, shapes, pictures and labels; the same for equal content from any container."""
    digest = hashlib.sha256()
    for name in classes:
        digest.update(repr(name).encode())
    for split in (train, test):
        digest.update(repr(split.images.shape).encode())
        digest.update(np.ascontiguousarray(split.images, np.uint8).data)
        digest.update(np.ascontiguousarray(split.labels, "<i8").data)
    return digest.hexdigest()
