"""Running archc: in this process, as the console script does, which `tests/conftest.py` offers to
all tests as the fixture `archc`; and in a process of its own, where that is the point.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

from archcompile.cli import app
from tests import warm

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = [sys.executable, "-m", "archcompile"]  # archc as a process of its own


class Done(NamedTuple):
    code: int
    out: str
    err: str


class Archc(Protocol):
    def __call__(self, *arguments: Any, stdin: bytes = b"") -> Done: ...


def runner(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Archc:
    """`archc(*arguments)`: the exit code, and what went to stdout and stderr."""

    def run(*arguments: Any, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["archc", *map(str, arguments)])
        # the console script is in no package, `python -m pytest` is: usage names the program by it
        monkeypatch.setattr(sys.modules["__main__"], "__package__", None)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            app.main()
        captured = capfd.readouterr()
        assert "internal error" not in captured.err
        assert "Traceback" not in captured.err or "--debug" in arguments
        code = left.value.code
        return Done(code if isinstance(code, int) else int(bool(code)), *captured)

    return run


def call(*arguments: Any) -> Done:
    """Runs a command where no fixture is at hand: in the child process of a test."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["archc", *map(str, arguments)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app.main()
        except SystemExit as left:
            return Done(int(left.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("archc did not exit")


def in_python(code: str, *arguments: str, cwd: Path, flags: Sequence[str] = ()) -> str:
    """What a program prints in a process of its own, in which the tests can be imported."""
    done = subprocess.run(
        [sys.executable, *flags, "-c", code, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


CALLS = """
import json, sys
from tests.command_line import call
for command in json.loads(sys.argv[1]):
    print(json.dumps(call(*command)))
"""


def in_a_process(*commands: Sequence[str], cwd: Path, flags: Sequence[str] = ()) -> list[Done]:
    """Runs commands one after the other in a process that has not started TensorFlow; with flags of
    Python, in one that has not imported it.
    """
    if flags:
        printed = in_python(CALLS, json.dumps(commands), cwd=cwd, flags=flags)
    else:
        printed = warm.read_output(warm.print_calls, *commands, cwd=cwd)
    return calls_of(printed)


def calls_of(printed: str) -> list[Done]:
    """Calls of commands, as a process prints them."""
    return [Done(*json.loads(line)) for line in printed.splitlines()]


LOADED = """
import json, sys
from archcompile.cli.app import main
for command in json.loads(sys.argv[1]):
    sys.argv = ["archc", *command]
    try:
        main()
    except SystemExit as left:
        assert not left.code, command
print()
print(json.dumps(list(sys.modules)))
"""
HEAVY = {"tensorflow", "keras", "numpy", "matplotlib", "networkx", "PIL", "safetensors", "onnx"}


def heavy_modules(*commands: Sequence[str], cwd: Path) -> set[str]:
    """What commands that succeed load of the packages that take long to import."""
    printed = in_python(LOADED, json.dumps(commands), cwd=cwd)
    return HEAVY & set(json.loads(printed.splitlines()[-1]))
