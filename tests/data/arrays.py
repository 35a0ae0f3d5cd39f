"""Small IDX and npz files, written by NumPy and `struct` alone."""

import gzip
import struct
from pathlib import Path

import numpy as np


def random_images(
    count: int, shape: tuple[int, ...] = (28, 28), classes: int = 10, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """uint8 (count, *shape) and labels that go through all classes."""
    images = np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)
    return images, (np.arange(count) * 7 % classes).astype(np.uint8)


def idx(array: np.ndarray) -> bytes:
    return (
        bytes([0, 0, 8, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


def idx_files(
    shape: tuple[int, int] = (28, 28), train: int = 30, test: int = 12, *, classes: int = 10
) -> dict[str, bytes]:
    """The content of the four files."""
    files = {}
    for part, count, seed in (("train", train, 1), ("t10k", test, 2)):
        images, labels = random_images(count, shape, classes, seed=seed)
        files |= {
            f"{part}-images-idx3-ubyte": idx(images),
            f"{part}-labels-idx1-ubyte": idx(labels),
        }
    return files


def write(
    folder: Path, files: dict[str, bytes], packed: bool = False, *, dot: bool = False
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        spelt = (name.replace("-idx", ".idx") if dot else name) + (".gz" if packed else "")
        (folder / spelt).write_bytes(gzip.compress(data) if packed else data)
    return folder


def npz_arrays(
    shape: tuple[int, ...] = (6, 5, 3), train: int = 20, test: int = 8
) -> dict[str, np.ndarray]:
    (x, y), (x_test, y_test) = (
        random_images(train, shape, 4, seed=1),
        random_images(test, shape, 4, seed=2),
    )
    return {"x_train": x, "y_train": y, "x_test": x_test, "y_test": y_test}
