"""Files in the IDX format."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.data.arrays import idx, idx_files, write
from tests.data.damage.kinds import kind

IMAGES, LABELS = "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def change(root: Path, name: str, make: Callable[[bytes], bytes]) -> None:
    (root / name).write_bytes(make((root / name).read_bytes()))


def repack(root: Path, name: str, make: Callable[[bytes], bytes]) -> None:
    """The file, gzipped and then changed, in place of the raw one."""
    (root / f"{name}.gz").write_bytes(make(gzip.compress((root / name).read_bytes())))
    (root / name).unlink()


@kind("idx", IMAGES, "not an IDX file: expected it to begin with 00 00 08 03, got 1f 8b")
def idx_packed_without_saying_so(root: Path) -> None:
    change(root, IMAGES, gzip.compress)


@kind("idx", IMAGES, "got the code 0d in 3")
def idx_of_floats(root: Path) -> None:
    change(root, IMAGES, lambda data: b"\0\0\x0d" + data[3:])


@kind("idx", IMAGES, "expected unsigned bytes (08) in 3 dimensions, got the code 08 in 1")
def idx_of_labels_for_images(root: Path) -> None:
    shutil.copy(root / LABELS, root / IMAGES)


@kind("idx", IMAGES, "expected 23,520 bytes after the header, for (30, 28, 28), got 23,519")
def idx_cut_short(root: Path) -> None:
    change(root, IMAGES, lambda data: data[:-1])


@kind("idx", IMAGES, "got more")
def idx_too_long(root: Path) -> None:
    change(root, IMAGES, lambda data: data + b"\0")


@kind("idx", LABELS, "it has 5 bytes, fewer than its header")
def idx_cut_in_the_header(root: Path) -> None:
    change(root, LABELS, lambda data: data[:5])


@kind("idx", LABELS, "it has 0 bytes")
def idx_that_is_empty(root: Path) -> None:
    change(root, LABELS, lambda data: b"")


@kind("idx", IMAGES, "its header says 79,228,162,458,924,105,385,300,197,375 bytes")
def idx_that_claims_more_than_there_is(root: Path) -> None:
    change(root, IMAGES, lambda data: data[:4] + b"\xff" * 12)


@kind("idx", f"{IMAGES}.gz", "truncated")
def idx_packed_and_cut(root: Path) -> None:
    repack(root, IMAGES, lambda data: data[: len(data) // 2])


@kind("idx", f"{IMAGES}.gz", "CRC check failed")
def idx_packed_with_a_wrong_sum(root: Path) -> None:
    repack(root, IMAGES, lambda data: data[:-8] + bytes(4) + data[-4:])


@kind("idx", f"{IMAGES}.gz", "got more")
def idx_that_unpacks_to_a_gigabyte(root: Path) -> None:
    head = gzip.decompress(gzip.compress(idx_files()[IMAGES]))
    repack(root, IMAGES, lambda _: gzip.compress(head) + gzip.compress(bytes(1 << 20)) * 1024)


@kind("idx", f"{LABELS}.gz", "Not a gzipped file")
def idx_not_packed_though_named_so(root: Path) -> None:
    (root / LABELS).rename(root / f"{LABELS}.gz")


@kind("idx", "in", "there is no train-images-idx3-ubyte, raw or .gz")
def idx_with_a_file_missing(root: Path) -> None:
    (root / IMAGES).unlink()


@kind("idx", "in", "t10k-images has 12 images, t10k-labels 11 labels")
def idx_of_a_label_too_few(root: Path) -> None:
    (root / LABELS).write_bytes(idx(np.zeros(11, np.uint8)))


@kind("idx", "in", "train-images has no images: its shape is (0, 28, 28)")
def idx_of_no_images(root: Path) -> None:
    write(
        root,
        {
            IMAGES: idx(np.zeros((0, 28, 28), np.uint8)),
            "train-labels-idx1-ubyte": idx(np.zeros(0, np.uint8)),
        },
    )


@kind("idx", "in", "the training images are 28x27, those of the test set 28x28")
def idx_of_two_sizes(root: Path) -> None:
    (root / IMAGES).write_bytes(idx(np.zeros((30, 28, 27), np.uint8)))


@kind("idx", "in", "the class 10 has no training image")
def idx_of_a_class_without_images(root: Path) -> None:
    (root / LABELS).write_bytes(idx(np.full(12, 10, np.uint8)))
