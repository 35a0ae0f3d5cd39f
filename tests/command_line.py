"""Running archc in this process, as the console script does. `tests/conftest.py` offers it to all
tests as the fixture `archc`.
"""

import io
import sys
from typing import Any, NamedTuple, Protocol

import pytest

from archcompile.cli import app


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
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            app.main()
        captured = capfd.readouterr()
        assert "internal error" not in captured.err
        assert "Traceback" not in captured.err or "--debug" in arguments
        code = left.value.code
        return Done(code if isinstance(code, int) else int(bool(code)), *captured)

    return run
