"""Finds the seven files of CIFAR-10, in a folder or in an archive under any name, and reads them into memory."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path, PurePosixPath

from archcompile.data.places import search
from archcompile.errors import DataError

FOLDER = "cifar-10-batches-py"
TRAIN = tuple(f"data_batch_{i}" for i in range(1, 6))
TEST = "test_batch"
META = "batches.meta"
FILES = (*TRAIN, TEST, META)
FILE_LIMIT = 64 << 20  # bytes; an official batch has 31 million
ARCHIVE_LIMIT = 400 << 20  # bytes unpacked; the official archive has 186 million
MEMBER_LIMIT = 64  # entries; the official archive has 9
PEEK = 4  # entries looked at to tell an archive of CIFAR-10 from another
FETCH = "archc data fetch cifar10"


def find(data_dir: Path | None) -> Path:
    """The batches folder or the archive, in `data_dir` if given, else in the places of `places.search`."""
    looked = search(data_dir)
    for _, place in looked:
        found = None if place is None else find_in(place)
        if found is not None:
            return found
    listed = "".join(_looked(label, place) for label, place in looked)
    only = "\nand nowhere else, since --data-dir was given" if data_dir is not None else ""
    raise DataError(
        f"CIFAR-10 was not found. Looked for a folder {FOLDER}, or its archive under any name, in{listed}{only}",
        hint=f"{FETCH}, or name the place with --data-dir",
    )


def _looked(label: str, place: Path | None) -> str:
    if place is None:
        return f"\n  {label}  (not set)"
    return f"\n  {place}  ({label}{'' if place.exists() else ', not there'})"


def find_in(place: Path) -> Path | None:
    """The batches folder at, in, or one folder below `place`; else `place` or a file in it that is an archive."""
    try:
        if not place.is_dir():
            return place if place.is_file() and is_archive(place) else None
        for folder in (place, place / FOLDER, *sorted(place.glob(f"*/{FOLDER}"))):
            if any((folder / name).is_file() for name in (*TRAIN, TEST)):
                return folder
        return next((file for file in sorted(place.iterdir()) if file.is_file() and is_archive(file)), None)
    except OSError as error:
        raise DataError(f"cannot look into {place}: {error.strerror or error}") from error


def is_archive(file: Path) -> bool:
    """Whether a file is a tar archive, plain or gzip, among whose first entries is the batches folder."""
    try:
        with file.open("rb") as stream:
            head = stream.read(262)
        if head[:2] != b"\x1f\x8b" and head[257:] != b"ustar":
            return False
        with _opened(file) as archive:
            return any(_inside(member.name) is not None for member in islice(archive, PEEK))
    except (OSError, EOFError, zlib.error, tarfile.TarError, DataError):
        return False  # not one of ours, as far as can be told; `read_archive` tells what is wrong with a file asked for


def read(place: Path) -> dict[str, bytes]:
    """The bytes of the seven files of a batches folder or archive. Raises DataError naming what is missing or bad."""
    files = read_archive(place) if place.is_file() else read_folder(place)
    missing = [name for name in FILES if name not in files]
    if missing:
        raise DataError(f"{place}: missing among the files of CIFAR-10: {', '.join(missing)}", hint=FETCH)
    return files


def read_archive(file: Path) -> dict[str, bytes]:
    """Members are read in memory, in their order; nothing is ever extracted."""
    files: dict[str, bytes] = {}
    try:
        with _opened(file) as archive:
            for count, member in enumerate(archive):
                if count >= MEMBER_LIMIT or member.size > FILE_LIMIT:
                    raise DataError(f"{file}: too many or too large entries for the archive of CIFAR-10: refused")
                name = _inside(member.name)
                if name not in FILES:
                    continue
                content = archive.extractfile(member) if member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) else None
                if content is None or name in files:
                    raise DataError(f"{file}: {member.name} is there twice, or is not a plain file")
                files[name] = content.read()
                if len(files) == len(FILES):
                    break
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise DataError(f"{file}: not a readable tar archive, or cut short: {error}", hint=FETCH) from error
    return files


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files that are there, of an extracted batches folder."""
    files = {}
    for file in (folder / name for name in FILES):
        try:
            if not file.is_file():
                continue
            if file.stat().st_size > FILE_LIMIT:
                raise DataError(f"{file}: larger than {FILE_LIMIT >> 20} MiB, so not a file of CIFAR-10")
            files[file.name] = file.read_bytes()
        except OSError as error:
            raise DataError(f"cannot read {file}: {error.strerror or error}") from error
    return files


class _Bounded:
    """Gives no more than `ARCHIVE_LIMIT` bytes of a stream: a small archive can unpack to any size."""

    def __init__(self, read: Callable[[int], bytes]):
        self.source = read
        self.left = ARCHIVE_LIMIT

    def read(self, size: int) -> bytes:
        data = self.source(size)
        self.left -= len(data)
        if self.left < 0:
            raise DataError(f"the archive unpacks to more than {ARCHIVE_LIMIT >> 20} MiB: refused")
        return data


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    with file.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        read = gzip.GzipFile(fileobj=raw).read if packed else raw.read
        stream = _Bounded(read)  # mode "r|" calls only `read`, which typeshed does not know
        with tarfile.open(fileobj=stream, mode="r|", bufsize=1 << 16) as archive:  # type: ignore[call-overload]
            yield archive


def _inside(name: str) -> str | None:
    """A member's path below the batches folder ("." for the folder itself), None if it lies elsewhere."""
    path = PurePosixPath(name)
    return str(path.relative_to(FOLDER)) if path.is_relative_to(FOLDER) else None
