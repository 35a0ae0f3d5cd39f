"""Finds the files of CIFAR-10 or CIFAR-100 in a folder or an archive, and reads them."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from archcompile.data.default_places import not_found, search
from archcompile.errors import DataError

FILE_LIMIT = 192 << 20  # bytes; the largest official file has 155 million
ARCHIVE_LIMIT = 400 << 20  # bytes unpacked; the official archives have 186 million
MEMBER_LIMIT = 64  # entries; the official archives have up to 9
PEEK = 4  # entries looked at to tell an archive of CIFAR from another


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The files of one of the two datasets; `md5` is that of each file in the official archive."""

    source: str
    title: str
    folder: str
    train: tuple[str, ...]
    test: str
    meta: str
    labels: str  # the key of the labels in a file of images
    names: str  # the key of the classes' names in `meta`
    classes: int
    md5: Mapping[str, str]

    @property
    def files(self) -> tuple[str, ...]:
        return (*self.train, self.test, self.meta)

    @property
    def fetch(self) -> str:
        return f"archc data fetch {self.source}"


# MD5 sums as torchvision's reader has them
CIFAR10 = Layout(
    source="cifar10",
    title="CIFAR-10",
    folder="cifar-10-batches-py",
    train=tuple(f"data_batch_{i}" for i in range(1, 6)),
    test="test_batch",
    meta="batches.meta",
    labels="labels",
    names="label_names",
    classes=10,
    md5={
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
        "test_batch": "40351d587109b95175f43aff81a1287e",
        "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
    },
)
CIFAR100 = Layout(
    source="cifar100",
    title="CIFAR-100",
    folder="cifar-100-python",
    train=("train",),
    test="test",
    meta="meta",
    labels="fine_labels",
    names="fine_label_names",
    classes=100,
    md5={
        "train": "16019d7e3df5f24257cddd939b257f8d",
        "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
        "meta": "7973b15100ade9c7d40fb424638fde48",
    },
)
LAYOUTS = (CIFAR10, CIFAR100)


def find(layout: Layout, data_dir: Path | None) -> Path:
    """The batches folder or the archive, in `data_dir` or else in the places of `places.search`."""
    searched = search(data_dir)
    for _, place in searched:
        path = None if place is None else find_in(place, layout)
        if path is not None:
            return path
    what = f"a folder {layout.folder}, or its archive under any name,"
    raise not_found(layout.title, what, searched, get=layout.fetch)


def find_in(place: Path, layout: Layout) -> Path | None:
    """The batches folder at, in, or one folder below `place`, or else an archive.

    The archive is `place` or a file in it.
    """
    try:
        if not place.is_dir():
            return place if place.is_file() and is_archive(place, layout) else None
        for folder in (place, place / layout.folder, *sorted(place.glob(f"*/{layout.folder}"))):
            count = sum((folder / name).is_file() for name in layout.files)
            # other folders may hold a file named `test`, too
            if count >= (1 if folder.name == layout.folder else 2):
                return folder
        for file in sorted(place.iterdir()):
            if file.is_file() and is_archive(file, layout):
                return file
        return None
    except OSError as error:
        raise DataError(f"cannot read the folder {place}: {error.strerror or error}") from error


def is_archive(file: Path, layout: Layout) -> bool:
    """Whether a file is a tar archive, plain or gzip, that begins with the batches folder."""
    try:
        with file.open("rb") as stream:
            head = stream.read(262)
        if head[:2] != b"\x1f\x8b" and head[257:] != b"ustar":
            return False
        with _open_archive(file) as archive:
            return any(_inside(member.name, layout) is not None for member in islice(archive, PEEK))
    except (OSError, EOFError, zlib.error, tarfile.TarError, DataError):
        # probably none of ours; `read_archive` reports what is wrong with a file that is asked for
        return False


def read(place: Path, layout: Layout) -> dict[str, bytes]:
    """The bytes of each file of a batches folder or archive.

    Raises DataError naming what is missing or bad.
    """
    files = read_archive(place, layout) if place.is_file() else read_folder(place, layout)
    missing = [name for name in layout.files if name not in files]
    if missing:
        raise DataError(
            f"{place}: missing among the files of {layout.title}: {', '.join(missing)}",
            hint=layout.fetch,
        )
    return files


def read_archive(file: Path, layout: Layout) -> dict[str, bytes]:
    """Members are read in memory, in their order; nothing is ever extracted."""
    files: dict[str, bytes] = {}
    try:
        with _open_archive(file) as archive:
            for count, member in enumerate(archive):
                if count >= MEMBER_LIMIT or member.size > FILE_LIMIT:
                    raise DataError(
                        f"{file}: too many or too large entries for the archive of "
                        f"{layout.title}: refused"
                    )
                name = _inside(member.name, layout)
                if name not in layout.files:
                    continue
                is_plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
                content = archive.extractfile(member) if is_plain else None
                if content is None or name in files:
                    raise DataError(f"{file}: {member.name} appears twice, or is not a plain file")
                files[name] = content.read()
                if len(files) == len(layout.files):
                    break
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise DataError(
            f"{file}: not a readable tar archive, or truncated: {error}", hint=layout.fetch
        ) from error
    return files


def read_folder(folder: Path, layout: Layout) -> dict[str, bytes]:
    """The files that an extracted batches folder has."""
    files = {}
    for file in (folder / name for name in layout.files):
        try:
            if not file.is_file():
                continue
            if file.stat().st_size > FILE_LIMIT:
                raise DataError(
                    f"{file}: larger than {FILE_LIMIT >> 20} MiB, so not a file of {layout.title}"
                )
            files[file.name] = file.read_bytes()
        except OSError as error:
            raise DataError(f"cannot read {file}: {error.strerror or error}") from error
    return files


class _Bounded:
    """Gives at most `ARCHIVE_LIMIT` bytes of a stream: a small archive can unpack to any size."""

    def __init__(self, file: Path, read: Callable[[int], bytes]):
        self.file = file
        self.source = read
        self.left = ARCHIVE_LIMIT

    def read(self, size: int) -> bytes:
        data = self.source(size)
        self.left -= len(data)
        if self.left < 0:
            raise DataError(f"{self.file} unpacks to more than {ARCHIVE_LIMIT >> 20} MiB: refused")
        return data


@contextmanager
def _open_archive(file: Path) -> Iterator[tarfile.TarFile]:
    with file.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        read = gzip.GzipFile(fileobj=raw).read if packed else raw.read
        stream = _Bounded(file, read)  # mode "r|" calls only `read`, which typeshed does not know
        with tarfile.open(fileobj=stream, mode="r|", bufsize=1 << 16) as archive:  # type: ignore[call-overload]
            yield archive


def _inside(name: str, layout: Layout) -> str | None:
    """A member's path below the batches folder ("." for the folder itself), None elsewhere."""
    path = PurePosixPath(name)
    return str(path.relative_to(layout.folder)) if path.is_relative_to(layout.folder) else None
