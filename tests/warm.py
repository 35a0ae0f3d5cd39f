"""Processes of their own that need not import TensorFlow or JAX, which takes longer than what most
of them do: forks of a process that has imported it and has started no part of it.

They are for tests of what a process does, not of how it begins. Its streams, signals, exit code,
folder and environment are those of any process. Each process of pytest has servers of its own, one
for a framework.
"""

import json
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any
from unittest import mock

from archcompile.choices import EngineName

CONTEXT = multiprocessing.get_context("forkserver")
PRELOADED = {"tensorflow": "tests.warm_imports", "jax": "tests.warm_imports_of_jax"}
SERVERS = {name: forkserver.ForkServer() for name in PRELOADED}
for _name, _server in SERVERS.items():
    # a fork imports the main module of the process that asks for it, which is pytest's
    _server.set_forkserver_preload(["pytest", PRELOADED[_name]])
PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL


class WarmProcess:
    """Calls a function of a module; otherwise as `subprocess.Popen` of a program, in text mode.

    A stream is a descriptor, PIPE or DEVNULL.
    """

    def __init__(
        self,
        act: Callable[..., None],
        *arguments: Any,
        cwd: Path | str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: int = DEVNULL,
        stdout: int = DEVNULL,
        stderr: int = DEVNULL,
        engine: EngineName = "tensorflow",
    ) -> None:
        (inside, self.stdin), (out, self.stdout), (err, self.stderr) = (
            _stream(stdin, "w"),
            _stream(stdout, "r"),
            _stream(stderr, "r"),
        )
        streams = [Connection(number) for number in (inside, out, err)]
        call = {
            "streams": streams,
            "place": str(cwd or Path.cwd()),
            "environment": dict(os.environ if env is None else env),
            "act": act,
            "arguments": arguments,
        }
        self.process = CONTEXT.Process(target=_begin, kwargs=call)
        # multiprocessing knows of one server only
        with mock.patch.object(
            forkserver, "connect_to_new_process", SERVERS[engine].connect_to_new_process
        ):
            self.process.start()
        for stream in streams:
            stream.close()

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired("a warm process", timeout or 0.0)
        return self.process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What is left of its streams; one of them at most may be a pipe that it fills."""
        if self.stdin is not None:
            self.stdin.close()
        out, err = ("" if each is None else each.read() for each in (self.stdout, self.stderr))
        self.wait(timeout)
        return out, err

    def send_signal(self, number: int) -> None:
        if self.process.pid is not None and self.poll() is None:
            os.kill(self.process.pid, number)

    def terminate(self) -> None:
        self.process.terminate()

    def kill(self) -> None:
        self.process.kill()


def _stream(kind: int, mode: str) -> tuple[int, IO[str] | None]:
    """A descriptor for the process, and the end of a pipe that is left to us."""
    if kind == DEVNULL:
        return os.open(os.devnull, os.O_RDWR), None
    if kind != PIPE:
        return os.dup(kind), None
    reader, writer = os.pipe()
    return (reader, open(writer, "w")) if mode == "w" else (writer, open(reader))


def _begin(
    *,
    streams: Sequence[Connection],
    place: str,
    environment: dict[str, str],
    act: Callable[..., None],
    arguments: Sequence[Any],
) -> None:
    """In the process: all that a program finds when it begins."""
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        mode, buffering = "w" if number else "r", 1 if number == 2 else -1
        setattr(sys, name, open(number, mode, buffering, closefd=False))  # noqa: SIM115 - to the end
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(place)
    act(*arguments)


def start_archc(*words: Any, **options: Any) -> WarmProcess:
    """Starts a command; the options are those of WarmProcess."""
    return WarmProcess(run_archc, *map(str, words), **options)


def run_archc(*words: str) -> None:
    """In the process."""
    from archcompile.cli.main import main

    sys.argv = ["archc", *words]
    main()


def run_script(script: str, *words: str) -> None:
    """In the process: a file, as Python runs it."""
    sys.argv = [script, *words]
    runpy.run_path(script, run_name="__main__")


def run_module(name: str) -> None:
    """In the process: as `python -m` does."""
    sys.argv = [name]
    runpy.run_module(name, run_name="__main__")


def print_calls(*commands: Sequence[str]) -> None:
    """In the process: commands one after the other, and a line of JSON for each."""
    from tests.command_line import call

    for command in commands:
        print(json.dumps(call(*command)))


def print_calls_strictly(*commands: Sequence[str]) -> None:
    """In the process: commands where a warning is an error, as under Python's `-W error`."""
    sys.warnoptions[:] = ["error::UserWarning", "error::RuntimeWarning"]
    for category in (UserWarning, RuntimeWarning):
        warnings.simplefilter("error", category)
    print_calls(*commands)


def read_output(
    act: Callable[..., None], *arguments: Any, cwd: Path, engine: EngineName = "tensorflow"
) -> str:
    """What a function prints in a process of its own, which has to succeed."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        streams = {"stdout": out.fileno(), "stderr": err.fileno()}
        process = WarmProcess(act, *arguments, cwd=cwd, engine=engine, **streams)
        code = process.wait()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
    assert code == 0, texts[1][-3000:]
    return texts[0]


def stop_servers() -> None:
    """Ends the servers: what they and their forks took counts as time of this process' children."""
    for server in SERVERS.values():
        server._stop()
