"""Commands under JAX, each in a process of its own, which nothing brings to import TensorFlow."""

import os
import signal
import subprocess
import sys
import tempfile
from typing import Any

import pytest

from archcompile.training.loop import TrainingLoop
from tests.warm import WarmProcess, run_archc

IMPORTED = 99  # the exit code of a process that has imported TensorFlow


def archc(*arguments: object, killed_at: int = 0) -> subprocess.CompletedProcess[str]:
    """A command in a process that is killed right after the step `killed_at`, unless that is 0."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        streams = {"stdout": out.fileno(), "stderr": err.fileno()}
        code = start_jax(*arguments, killed_at=killed_at, **streams).wait()
        texts = [os.pread(file.fileno(), 1 << 20, 0).decode() for file in (out, err)]
    return subprocess.CompletedProcess([], code, *texts)


def start_jax(*arguments: object, killed_at: int, **streams: Any) -> WarmProcess:
    words = tuple(map(str, arguments))
    return WarmProcess(run_until_killed, killed_at, *words, **streams, engine="jax")


def run_until_killed(killed_at: int, *words: str) -> None:
    """In the process."""
    original = TrainingLoop._after_steps

    def after_steps(self: TrainingLoop, count: int) -> None:
        original(self, count)
        if self.state.step == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingLoop, "_after_steps", after_steps)
        try:
            run_archc(*words)
        finally:
            if "tensorflow" in sys.modules:
                os._exit(IMPORTED)
