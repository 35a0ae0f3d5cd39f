"""A training that another process has started: it ends when that process does, for any reason.

The parent holds the writing end of a pipe and never writes to it. The system closes that end with
the parent, also after `kill -9`, and the child, which reads the other end, sees the pipe end. This
holds on every system, and a child that starts late sees it too.
"""

import os
import signal
import threading

STDIN = 0


def end_with_parent(handle: int = STDIN) -> None:
    """From now on the end of the pipe acts as SIGTERM: a training saves a checkpoint and ends."""
    threading.Thread(target=_wait, args=(handle,), daemon=True).start()


def _wait(handle: int) -> None:
    while os.read(handle, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
