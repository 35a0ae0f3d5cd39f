"""Running archc in a real terminal of so many columns, within this process."""

import fcntl
import os
import re
import struct
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from archcompile.cli import app

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@contextmanager
def terminal(columns: int) -> Iterator[list[bytes]]:
    """Stdout and stderr are a terminal, for C and for Python; gives what it has been sent."""
    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    sent: list[bytes] = []
    reader = threading.Thread(target=_read_all, args=(leader, sent))
    reader.start()
    kept = [os.dup(number) for number in (1, 2)]
    for number in (1, 2):
        os.dup2(follower, number)
    os.close(follower)
    try:
        with (
            pytest.MonkeyPatch.context() as patch,
            open(os.dup(1), "w", buffering=1) as out,
            open(os.dup(2), "w", buffering=1) as err,
        ):
            patch.delenv("COLUMNS", raising=False)
            patch.setenv("TERM", "xterm")
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            yield sent
    finally:
        for number, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, number)
            os.close(copy)
        reader.join()
        os.close(leader)


def _read_all(leader: int, sent: list[bytes]) -> None:
    """Takes what is sent until nobody holds the other end."""
    while True:
        try:
            part = os.read(leader, 1 << 16)
        except OSError:
            return
        if not part:
            return
        sent.append(part)


def in_terminal(columns: int, *arguments: str) -> str:
    """What a command shows in a terminal, without its colours."""
    with terminal(columns) as sent, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["archc", *arguments])
        with pytest.raises(SystemExit):
            app.main()
    return ESCAPE.sub("", b"".join(sent).decode()).replace("\r\n", "\n")
