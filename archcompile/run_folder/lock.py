"""One training at a time in a run's folder."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archcompile import atomic
from archcompile.errors import UsageError
from archcompile.run_files import LOCK

# POSIX says the first, Windows one of the others
HELD = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    _try, _LOOK = _take, os.O_RDWR

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _try(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)

    _LOOK = os.O_RDONLY


@contextmanager
def hold_lock(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Holds the folder's lock, which the system releases however the process ends.

    The lock's empty file stays. Raises UsageError where another training holds it, DataError where
    its file cannot be made.
    """
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise atomic.not_writable(folder / LOCK, error) from error
    try:
        try:
            _take(handle)
        except OSError as error:
            if error.errno in HELD:
                raise UsageError(
                    f"another archc is training in {folder}",
                    hint="wait for it to end, or choose another folder with --run-dir",
                ) from error
            say(
                f"warning: {folder} cannot be locked ({error.strerror}): make sure that no other "
                "archc trains in it"
            )
        yield
    finally:
        os.close(handle)  # and with it goes the lock


def is_locked(folder: Path) -> bool:
    """Whether a training holds the folder's lock now; False where that cannot be known.

    To find out, a shared lock is held for an instant: a training that starts in that instant is
    refused.
    """
    try:
        handle = os.open(folder / LOCK, _LOOK)
    except OSError:
        return False
    try:
        _try(handle)
    except OSError as error:
        return error.errno in HELD
    finally:
        os.close(handle)
    return False
