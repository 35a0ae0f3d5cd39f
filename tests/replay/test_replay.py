"""The replay of what archc says: nothing differs where nothing was changed, and what was changed is
named.
"""

from pathlib import Path

import pytest

from archcompile.errors import Diagnostic
from tests.replay.__main__ import compare, write
from tests.replay.readings import all_commands

COMMANDS = [
    "validate resnet_v1_20",
    "validate cases/alias.yaml --json",
    "graph resnet_v1_20 -o out.svg",
]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    write(tmp_path / "before", [8, *COMMANDS], workers=1)
    return tmp_path / "before"


def test_nothing_differs(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(recording, workers=1, words=False) == 0
    assert "0 of " in capsys.readouterr().out


def test_what_differs_is_named(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The workers are forked, so that they see the change."""
    monkeypatch.setattr("archcompile.api.to_text", lambda graph: "another text")
    assert compare(recording, workers=1, words=False) == 1
    out = capsys.readouterr().out
    assert "random/8/text\n" in out and "random/8/svg\n" not in out and "+another text" in out


def test_words_may_differ(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = Diagnostic.record
    monkeypatch.setattr(Diagnostic, "record", lambda self: {**record(self), "message": "other"})
    assert compare(recording, workers=1, words=False) == 1
    assert compare(recording, workers=1, words=True) == 0


def test_every_command_is_among_them() -> None:
    commands = all_commands()
    assert {
        "train --help",
        "data check --help",
        "recipe lint --help",
        "validate resnet_v1_20 -v --json",
    } <= set(commands)
    assert len(commands) == len(set(commands))
