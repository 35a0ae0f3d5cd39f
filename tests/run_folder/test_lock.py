"""One training at a time in a folder; the lock goes with its process, however that ends."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archcompile.errors import UsageError
from archcompile.run_folder import lock

HOLDER = """
import sys, time
from pathlib import Path
from archcompile.run_folder.lock import hold_lock
with hold_lock(Path(sys.argv[1]), print):
    print("held", flush=True)
    time.sleep(600)
"""


def test_another_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with (
            pytest.raises(UsageError, match="another archc is training in"),
            lock.hold_lock(tmp_path, pytest.fail),
        ):
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    for _ in range(2):
        with lock.hold_lock(tmp_path, pytest.fail):
            pass


def test_a_file_system_without_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(handle: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_take", fails)
    message: list[str] = []
    with lock.hold_lock(tmp_path, message.append):
        assert "cannot be locked (No locks available)" in message[0]


def test_who_looks_on_sees_whether_it_is_held(tmp_path: Path) -> None:
    assert not lock.is_locked(tmp_path) and not (tmp_path / lock.LOCK).exists()
    with lock.hold_lock(tmp_path, print):
        assert lock.is_locked(tmp_path) and lock.is_locked(tmp_path)
    assert not lock.is_locked(tmp_path)
