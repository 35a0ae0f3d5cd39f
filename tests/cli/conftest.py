"""Running archc in this process, as the console script does."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archcompile.cli import app


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Archc = Callable[..., Done]


@pytest.fixture
def archc(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Archc:
    """`archc(*arguments)` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: Any) -> Done:
        monkeypatch.setattr(sys, "argv", ["archc", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            app.main()
        captured = capfd.readouterr()
        assert "internal error" not in captured.err
        return Done(int(left.value.code or 0), captured.out, captured.err)

    return run
