"""A `.npz` file with the arrays x_train, y_train, x_test, y_test, as `numpy.savez` writes it.

Keras ships some. Members are parsed by this module rather than by `numpy.load`: nothing is
unpickled, and nothing is unpacked or allocated before its size is known to fit.
"""

import struct
import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from archcompile.data.dataset import DataRequest, Dataset, Split, fingerprint
from archcompile.errors import DataError, UsageError, visible

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
LIMIT = 4 << 30  # bytes unpacked, of all arrays; larger sets are for folders, which can be streamed
HEADER = 4096  # bytes; NumPy writes 128 for an array of numbers
CHANNELS = 4  # the most that images have
START = b"PK\x03\x04"  # of a zip archive


def load(request: DataRequest) -> Dataset:
    """Both splits, images (N, H, W, C); classes are called by their numbers, from "0".

    Raises DataError, naming file and array, unless images are uint8 (N, H, W) or (N, H, W, C), of
    one size, and labels integers (N,) or (N, 1).
    """
    file = request.place
    if file is None:
        raise UsageError("a file of arrays needs its path", hint="--data FILE.npz")
    arrays = _arrays(file)
    most = len(arrays["y_train"].reshape(-1))  # classes: each needs an image to be trained on
    train, test = (_split(arrays, part, most, file=file) for part in ("train", "test"))
    if train.shape != test.shape:
        raise DataError(
            f"{file}: x_train has images of {train.shape}, x_test of {test.shape} (H, W, C)"
        )
    classes = tuple(str(n) for n in range(1 + max(train.labels.max(), test.labels.max())))
    content = fingerprint(train, test, classes)
    return Dataset(
        name="npz",
        label=f"npz {file.name}",
        train=train,
        test=test,
        classes=classes,
        fingerprint=content,
        place=str(file),
    )


def is_npz(file: Path) -> bool:
    """Whether a file is one for this source: by its suffix, or by how it begins."""
    if not file.is_file():
        return False
    try:
        with file.open("rb") as stream:
            return file.suffix == ".npz" or stream.read(len(START)) == START
    except OSError as error:
        raise DataError(f"cannot read {file}: {error.strerror or error}") from error


def _arrays(file: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = _members(archive, file)
            return {name: _array(archive, members[name], f"{file}: {name}") for name in ARRAYS}
    except (
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
    ) as error:
        # RuntimeError: encrypted; the others: whatever a damaged archive makes of `zipfile`
        raise DataError(f"{file}: not a readable .npz file, or truncated: {error}") from error


def _members(archive: zipfile.ZipFile, file: Path) -> dict[str, zipfile.ZipInfo]:
    """The entry of each array.

    Raises DataError unless each is there once, and all unpack to `LIMIT` or less.
    """
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name = entry.filename.removesuffix(".npy")
        if name in entries:
            raise DataError(f"{file}: {visible(entry.filename)} appears twice")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(
                f"{file}: {visible(entry.filename)} is compressed in a way NumPy does not use"
            )
        entries[name] = entry
    missing = [name for name in ARRAYS if name not in entries]
    if missing:
        present = ", ".join(map(visible, list(entries)[:8])) or "nothing"
        raise DataError(f"{file}: missing among its arrays: {', '.join(missing)}; there: {present}")
    size = sum(entries[name].file_size for name in ARRAYS)
    if size > LIMIT:
        raise DataError(
            f"{file}: its arrays unpack to {size:,} bytes, more than {LIMIT:,}: refused",
            hint="put the images into a folder train/CLASS/…, which can be streamed",
        )
    return {name: entries[name] for name in ARRAYS}


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str) -> np.ndarray:
    """A member as an array, no longer than its header says.

    It may be of floats, which are refused later, by the name of the array.
    """
    with archive.open(entry) as stream:
        shape, fortran, dtype = _header(stream, where)
        if dtype.hasobject:
            raise DataError(
                f"{where} holds Python objects, which only a pickle could restore: refused"
            )
        expected = prod(shape) * dtype.itemsize
        data = stream.read(min(expected, entry.file_size) + 1)
    if len(data) != expected:
        more = f"{len(data):,}" if len(data) < expected else "more"
        raise DataError(f"{where}: expected {expected:,} bytes, for {dtype} {shape}, got {more}")
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
    return np.ascontiguousarray(array)


def _header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype]:
    try:
        version = npy.read_magic(stream)
        if version == (1, 0):
            return npy.read_array_header_1_0(stream, HEADER)
        if version == (2, 0):
            return npy.read_array_header_2_0(stream, HEADER)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise  # not the header's fault
    # what NumPy raises is not bounded by its documentation: the header is parsed as Python
    except Exception as error:
        raise DataError(
            f"{where} is not an array as NumPy writes it: {visible(str(error))[:200]}"
        ) from error
    raise DataError(f"{where}: expected the .npy format 1.0 or 2.0, got {version[0]}.{version[1]}")


def _split(arrays: dict[str, np.ndarray], part: str, classes: int, *, file: Path) -> Split:
    """One split, its labels less than `classes`. Raises DataError."""
    x, y = f"x_{part}", f"y_{part}"
    images, labels = arrays[x], arrays[y]
    if images.dtype != np.uint8:
        raise DataError(
            f"{file}: {x}: expected uint8, 0 to 255, got {images.dtype}",
            hint=_conversion(x, images),
        )
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[3] > CHANNELS or not images.size:
        raise DataError(
            f"{file}: {x}: expected images (N, height, width) or (N, height, width, channels) "
            f"with up to {CHANNELS} channels, got {arrays[x].shape}"
        )
    if labels.dtype.kind not in "iu":
        raise DataError(
            f"{file}: {y}: expected whole numbers, 0 to classes - 1, got {labels.dtype}"
        )
    if labels.shape not in ((len(images),), (len(images), 1)):
        raise DataError(
            f"{file}: {y}: expected ({len(images)},) like the images of {x}, got {labels.shape}",
            hint=f"of one-hot labels, save {y}.argmax(1)" if labels.ndim == 2 else None,
        )
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise DataError(
            f"{file}: {y}: expected labels from 0 to classes - 1, each class with a training "
            f"image, got {outside.flat[0]}"
        )
    return Split(images, labels.reshape(-1).astype(np.int64))


def _conversion(name: str, images: np.ndarray) -> str:
    if images.dtype.kind == "f":
        return f"of values from 0 to 1, save ({name} * 255).round().astype('uint8')"
    return f"of values from 0 to 255, save {name}.astype('uint8')"
