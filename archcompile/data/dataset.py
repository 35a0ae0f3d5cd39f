"""What every source gives to training: splits of uint8 images with labels, and a fingerprint."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from archcompile.data.image_store import ImageArray, Images, ImageStore
from archcompile.errors import visible
from archcompile.recipe import Data

WANTS = Data()  # what a recipe wants that says nothing
ALIGNED = 64  # bytes: what TensorFlow asks of memory that it is to share
BATCH = 256  # images looked at in one go


@dataclass(frozen=True)
class Split:
    """`images` is uint8 (N, H, W, C) or an `ImageStore`; `labels` int64 (N,), 0 … classes-1.

    Of images with several labels, `labels` is int64 (N, classes), 1 for each that is there.
    """

    images: Images
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def store(self) -> ImageStore:
        """The images, wherever they are."""
        return ImageArray(self.images) if isinstance(self.images, np.ndarray) else self.images

    @property
    def is_in_memory(self) -> bool:
        return self.store.array is not None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every image."""
        _, height, width, channels = self.store.shape
        return height, width, channels

    def counts(self, classes: int) -> np.ndarray:
        """The number of images of each class, int64 (classes,)."""
        if self.labels.ndim == 2:
            return np.asarray(self.labels.sum(axis=0))
        return np.bincount(self.labels, minlength=classes)

    def take(self, rows: np.ndarray) -> "Split":
        """The images of these rows, in their order."""
        return Split(self.store.take(rows), self.labels[rows])

    def align(self) -> "Split":
        """The same, with images in memory at a multiple of `ALIGNED` bytes.

        A framework can use them in place there.
        """
        images = self.store.array
        if images is None or (images.ctypes.data % ALIGNED == 0 and images.flags.c_contiguous):
            return self
        room = np.empty(images.nbytes + ALIGNED, np.uint8)
        begin = -room.ctypes.data % ALIGNED
        placed = room[begin : begin + images.nbytes].reshape(images.shape)
        placed[:] = images
        return Split(placed, self.labels)

    def batches(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All images, uint8 (B, H, W, C), and labels in their order; the last batch may be smaller.

        Raises DataError naming the file that cannot be read.
        """
        for start in range(0, len(self), size):
            labels = self.labels[start : start + size]
            yield self.store.read_range(start, start + len(labels)), labels


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """The images of a source, in memory or in files to be read as needed."""

    name: str  # the source: a key of `data.SOURCES`
    label: str  # what every figure must say: "cifar10 (official)", "synthetic", …
    train: Split
    test: Split
    classes: tuple[str, ...]
    # of the source's content before fitting: see the function, and `folder.listing` for streams
    fingerprint: str
    place: str  # the path it was read from, or the package it came from
    # how images are changed to fit ("pad", "resize", "resize+repeat"); None: not at all
    fit: str | None = None
    notes: tuple[str, ...] = ()  # what the user should know: files ignored, images held out
    # images that choose the best epoch, neither in `train` nor in `test`
    validation: Split | None = None
    # the folder they are in; None: they are training images that were kept
    validation_from: str | None = None
    is_present: bool = True  # False: only sizes are known, and `place` says how to get the images

    @property
    def has_several_labels(self) -> bool:
        """Whether an image can be of several classes, or of none."""
        return self.train.labels.ndim == 2

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every image; with `fit: crop`, of the canvas that the input is cut from."""
        return self.train.shape

    @property
    def held_out(self) -> int:
        """How many training images were moved to `validation`."""
        is_own = self.validation is None or self.validation_from is not None
        return 0 if is_own else len(self.validation or ())


@dataclass(frozen=True, kw_only=True)
class DataRequest:
    """What a source is asked for. A source ignores what it has no use for.

    `place` is the folder or file the user named; `shape` (H, W, C) and `classes` are what the
    network expects.
    """

    place: Path | None = None
    wants: Data = WANTS
    seed: int = 0
    shape: tuple[int, int, int] | None = None
    classes: int | None = None
    # for runs that began without a validation set beside the test set
    skips_validation: bool = False


def class_notes(classes: tuple[str, ...]) -> tuple[str, ...]:
    """What the user should know about the classes as such."""
    if len(classes) != 1:
        return ()
    return (
        f"warning: all images are of one class, {visible(classes[0])}: every prediction is "
        "right, and nothing can be learned",
    )


def name_chooser(count: int, origin: str | None) -> str:
    """What the best epoch is chosen on, in words: `count` images, from the folder `origin`."""
    if not count:
        return "test set"
    if origin:
        return f"{count} images of `{origin}`"
    return f"{count} training images kept for it"


class Digest:
    """sha256 over class names, then shape, images and labels of training, test and validation."""

    def __init__(self, classes: tuple[str, ...]):
        self._sha = hashlib.sha256()
        self._mixed = False
        for name in classes:
            self._sha.update(repr(name).encode())

    def begin(self, shape: tuple[int, ...]) -> None:
        """Begins a split of shape (N, H, W, C); or (N, C), of images that differ in size."""
        self._mixed = len(shape) == 2
        self._sha.update(repr(shape).encode())

    def add(self, pixels: np.ndarray) -> None:
        """The next image or, where all are of one size, images; uint8 (…, H, W, C)."""
        if self._mixed:
            self._sha.update(repr(pixels.shape).encode())
        self._sha.update(np.ascontiguousarray(pixels, np.uint8).data)

    def end(self, labels: np.ndarray) -> None:
        self._sha.update(np.ascontiguousarray(labels, "<i8").data)

    def hex(self) -> str:
        return self._sha.hexdigest()


def label_of_copy(source: str, *, is_official: bool, fingerprint: str) -> str:
    """What every figure says of a dataset that is published with the digests of its files."""
    copy = "official" if is_official else f"unofficial copy, sha256 {fingerprint[:12]}…"
    return f"{source} ({copy})"


def fingerprint(train: Split, test: Split, classes: tuple[str, ...]) -> str:
    """sha256 (hex) over class names, shapes, images and labels.

    Equal content has the same one, whatever container it comes from.
    """
    digest = Digest(classes)
    for split in (train, test):
        digest.begin(split.store.shape)
        for images, _ in split.batches(BATCH):
            digest.add(images)
        digest.end(split.labels)
    return digest.hex()
