"""Commands that need a framework, in a real terminal of 60 columns: see `tests/cli`."""

from pathlib import Path

import pytest
from PIL import Image

from tests.cli.test_terminal_width import check
from tests.command_line import call
from tests.terminal import in_terminal
from tests.training.runs import RECIPE, SPEC, TinyRun

pytestmark = pytest.mark.keras
NARROW = 60


def test_a_training_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its live line, which comes and goes, too."""
    monkeypatch.chdir(tmp_path)
    shown = in_terminal(
        NARROW, "train", SPEC, "--recipe", RECIPE, "--epochs", "1", "--run-dir", "a_run"
    )
    assert "test accuracy" in shown and shown.count("[digits]") <= 2
    for line in shown.replace("\r", "\n").splitlines():
        assert len(line) <= NARROW, line


@pytest.mark.parametrize(
    "options",
    [
        "eval {run}",
        "predict {run} square.png",
        "export {run} --format source -o x.py",
        "verify {spec} --against resnet_v1_20",
        "import {run}/model.keras",
        "train {spec} --recipe {recipe} --resume",
        "experiment fast --data digits --dry-run",
    ],
)
def test_words_are_whole(
    tiny_run: TinyRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("L", (8, 8), 9).save("square.png")
    call_options = options.format(run=tiny_run(epochs=2), spec=SPEC, recipe=RECIPE).split()
    done = call(*call_options)
    check(in_terminal(NARROW, *call_options), NARROW, done.out + done.err)
