"""MNIST, Fashion-MNIST and whatever else comes as the same four IDX files, raw or gzipped.

Images are grey, of one channel.

LeCun, Cortes, Burges, "The MNIST database of handwritten digits" (1998), which also has the IDX
format; Xiao, Rasul, Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
learning algorithms" (2017).
"""

import gzip
import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from archcompile.data.dataset import DataRequest, Dataset, Split, fingerprint, label_of_copy
from archcompile.data.default_places import not_found, search
from archcompile.errors import DataError, UsageError

LIMIT = 1 << 30  # bytes unpacked of one file; MNIST's largest has 47 million
DEBIAN = Path("/usr/share/datasets")  # where Debian's packages put them: dataset-fashion-mnist
# the files and their dimensions
FILES = {"train-images": 3, "train-labels": 1, "t10k-images": 3, "t10k-labels": 1}
UBYTE = 8  # the format's code for unsigned bytes


@dataclass(frozen=True, kw_only=True)
class Known:
    """A dataset of this form; `sha256` is that of each file's unpacked content."""

    source: str
    title: str
    folders: tuple[str, ...]
    classes: tuple[str, ...]
    get: str
    sha256: Mapping[str, str]


MNIST = Known(
    source="mnist",
    title="MNIST",
    folders=("mnist", "MNIST/raw", "MNIST"),
    classes=tuple("0123456789"),
    get="get its four files",
    sha256={
        "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
)
FASHION_MNIST = Known(
    source="fashion_mnist",
    title="Fashion-MNIST",
    folders=("fashion-mnist", "fashion_mnist", "FashionMNIST/raw", "FashionMNIST"),
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    get="install Debian's package dataset-fashion-mnist",
    sha256={
        "train-images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
)
KNOWN = (MNIST, FASHION_MNIST)
SIDE = 28  # pixels, of both


def load(request: DataRequest, known: Known | None = None) -> Dataset:
    """Both splits, images (N, H, W, 1).

    Without `known`, classes are called by their numbers, "0" to the largest label. Raises DataError
    if not found, damaged, or another dataset than asked for; UsageError without a place to search.
    """
    place = _find(known, request.place) if known else request.place
    if place is None:
        raise UsageError(
            "IDX files need the path of their folder",
            hint="--data PATH, or --data idx --data-dir PATH",
        )
    files = {name: _read(_file(place, name), dimensions) for name, dimensions in FILES.items()}
    hashes = {name: sha256 for name, (_, sha256) in files.items()}
    arrays = {name: array for name, (array, _) in files.items()}
    train, test = (
        _split(place, part, arrays[f"{part}-images"], labels=arrays[f"{part}-labels"])
        for part in ("train", "t10k")
    )
    if train.shape != test.shape:
        raise DataError(
            f"{place}: the training images are {_size(train)}, those of the test set {_size(test)}"
        )
    largest = int(max(train.labels.max(), test.labels.max()))
    if known:
        _check(place, known, hashes, train=train, largest=largest)
    classes = known.classes if known else tuple(str(n) for n in range(largest + 1))
    content = fingerprint(train, test, classes)
    name, label = "idx", f"idx {place.resolve().name}"
    if known:
        is_official = hashes == known.sha256
        name = known.source
        label = label_of_copy(name, is_official=is_official, fingerprint=content)
    return Dataset(
        name=name,
        label=label,
        train=train,
        test=test,
        classes=classes,
        fingerprint=content,
        place=str(place),
    )


def find_source(folder: Path) -> str | None:
    """The source of the IDX files in a folder, known by the official test labels, else "idx".

    None where there are none.
    """
    if not any(_find_spelling(folder, name) for name in FILES):
        return None
    try:
        _, sha256 = _read(_file(folder, "t10k-labels"), 1)
    except DataError:
        return "idx"  # `load` says what is wrong
    return next((known.source for known in KNOWN if known.sha256["t10k-labels"] == sha256), "idx")


def _find(known: Known, data_dir: Path | None) -> Path:
    """The folder of the files: a place that is searched, or one of the dataset's folders in it."""
    searched = search(data_dir)
    if data_dir is None:
        searched.append(("Debian's packages", DEBIAN))
    for _, place in searched:
        for folder in (place, *(place / name for name in known.folders)) if place else ():
            if any(_find_spelling(folder, name) for name in FILES):
                return folder
    names = f"{', '.join(known.folders[:-1])} or {known.folders[-1]}"
    what = f"its four IDX files, or a folder with them named {names},"
    raise not_found(known.title, what, searched, get=known.get)


def _find_spelling(folder: Path, name: str) -> Path | None:
    """A file under any of the spellings of its name."""
    for packed in ("", ".gz"):
        for dot in "-.":
            file = folder / f"{name}{dot}idx{FILES[name]}-ubyte{packed}"
            if file.is_file():
                return file
    return None


def _file(folder: Path, name: str) -> Path:
    file = _find_spelling(folder, name)
    if file is None:
        raise DataError(f"{folder}: there is no {name}-idx{FILES[name]}-ubyte, raw or .gz")
    return file


def _read(file: Path, dimensions: int) -> tuple[np.ndarray, str]:
    """The array, uint8 of so many dimensions, and the sha256 (hex) of the unpacked content."""
    size = 4 + 4 * dimensions
    try:
        with file.open("rb") as raw, gzip.open(raw) if file.suffix == ".gz" else raw as stream:
            header = stream.read(size)
            shape = _shape(file, header, dimensions)
            expected = prod(shape)
            if expected > LIMIT:
                raise DataError(
                    f"{file}: its header says {expected:,} bytes, more than {LIMIT:,}: refused"
                )
            # one more, to see that the file ends there: gzip checks itself at its end
            data = stream.read(expected + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file}: unreadable or truncated: {error}") from error
    if len(data) != expected:
        more = f"{len(data):,}" if len(data) < expected else "more"
        raise DataError(
            f"{file}: expected {expected:,} bytes after the header, for {shape}, got {more}"
        )
    return np.frombuffer(data, np.uint8).reshape(shape), hashlib.sha256(header + data).hexdigest()


def _shape(file: Path, header: bytes, dimensions: int) -> tuple[int, ...]:
    """The shape in a header.

    A header is two zeros, the code of the numbers, how many dimensions there are, and each of them
    as a big-endian integer.
    """
    if len(header) < 4 + 4 * dimensions:
        raise DataError(
            f"{file}: not an IDX file: it has {len(header)} bytes, fewer than its header"
        )
    if header[:2] != b"\0\0":
        raise DataError(
            f"{file}: not an IDX file: expected it to begin with "
            f"00 00 {UBYTE:02x} {dimensions:02x}, got {header[:4].hex(' ')}"
        )
    if header[2] != UBYTE or header[3] != dimensions:
        raise DataError(
            f"{file}: expected unsigned bytes (08) in {dimensions} dimensions, got the code "
            f"{header[2]:02x} in {header[3]}"
        )
    return struct.unpack(f">{dimensions}I", header[4:])


def _split(place: Path, part: str, images: np.ndarray, *, labels: np.ndarray) -> Split:
    if not images.size:
        raise DataError(f"{place}: {part}-images has no images: its shape is {images.shape}")
    if len(images) != len(labels):
        raise DataError(
            f"{place}: {part}-images has {len(images)} images, {part}-labels {len(labels)} labels"
        )
    return Split(images[..., np.newaxis], labels.astype(np.int64))


def _check(
    place: Path, known: Known, hashes: Mapping[str, str], *, train: Split, largest: int
) -> None:
    """Raises DataError where the files are not, or cannot be, those of the dataset asked for."""
    for actual in KNOWN:
        if actual is not known and actual.sha256["t10k-labels"] == hashes["t10k-labels"]:
            raise DataError(
                f"{place}: the files there are those of {actual.title}, not of {known.title}",
                hint=f"--data {actual.source}, or choose another place with --data-dir",
            )
    if train.shape != (SIDE, SIDE, 1) or largest >= len(known.classes):
        raise DataError(
            f"{place}: expected images of {SIDE}x{SIDE} and labels up to "
            f"{len(known.classes) - 1}, as in {known.title}, got {_size(train)} and {largest}",
            hint=f"name the folder itself: --data {place}",
        )


def _size(split: Split) -> str:
    return f"{split.shape[0]}x{split.shape[1]}"
