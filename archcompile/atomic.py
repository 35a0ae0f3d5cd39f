"""Files that are either complete or absent, whatever moment the machine stops at."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archcompile.errors import DataError
from archcompile.run_files import PART


def write(path: Path, data: bytes) -> None:
    """Writes a new file, down to the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Writes a folder's list of names to the disk. Windows opens no folders, and journals them."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put(path: Path, data: bytes | str) -> None:
    """Writes or replaces a file in one step: a reader sees the old content or the new.

    Raises DataError.
    """
    with replacing(path) as part:
        write(part, data.encode() if isinstance(data, str) else data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to, which replaces `path` at the end.

    After a failure it is removed.
    """
    # the suffix stays: Keras and matplotlib choose the format by it
    part = path.with_name(f"{PART}{path.name}")
    try:
        yield part
        os.replace(part, path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise not_writable(path, error) from error


def not_writable(path: Path, error: OSError) -> DataError:
    mend = "free some space or choose" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "choose"
    return DataError(
        f"{path} cannot be written: {error.strerror or error}",
        hint=f"{mend} another folder with --run-dir; what was saved before is untouched",
    )
