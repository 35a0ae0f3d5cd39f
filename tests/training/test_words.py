"""What a training says of itself: at its beginning, while nothing moves, and at its end."""

import os
import pty
import re
from pathlib import Path

import pytest

from archcompile.training.api import start
from archcompile.training.preparation import prepare
from archcompile.training.request import TrainingRequest
from tests.command_line import ROOT, Archc
from tests.training.runs import SPEC, show_every_step
from tests.warm import WarmProcess

# learns within 141 steps, in which averages of momentum 0.99 lag behind
QUICK = """archc: 1
data: {source: digits}
batch_size: 32
epochs: 3
optimizer: {kind: adam, learning_rate: 0.03}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "quick.yaml"
    file.write_text(QUICK)
    return file


def in_a_terminal(arguments: list[str], columns: int, folder: Path) -> str:
    """What a command shows in a terminal of so many columns, and stdout with it."""
    terminal, shell_side = pty.openpty()
    environment = {"COLUMNS": str(columns), "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), shell_side)
    process = WarmProcess(
        show_every_step, *arguments, cwd=folder, env={**os.environ, **environment}, **streams
    )
    os.close(shell_side)
    shown = b""
    try:
        while part := os.read(terminal, 65536):
            shown += part
    except OSError:  # the last process has closed the terminal
        pass
    assert process.wait() == 0, shown
    return shown.decode()


@pytest.mark.keras
def test_a_training_in_a_terminal(tmp_path: Path, recipe: Path) -> None:
    command = ["train", SPEC, "--recipe", str(recipe), "--run-dir", "run"]
    shown = in_a_terminal(command, 80, tmp_path)
    live = [text for text in re.findall(r"\r\x1b\[K([^\r\n]*)(?=\r\x1b)", shown) if text]
    order = ["reading spec, recipe", "building the model", "compiling the step", "epoch 1/3  step"]
    order += ["evaluating", "writing the model", "writing the report"]
    shown_at = [re.search(words, "\n".join(live)) for words in order]
    places = [match.start() for match in shown_at if match]
    assert len(places) == len(order) and places == sorted(places)
    assert max(map(len, live)) < 80
    assert "\x1b[1;33mwarning[" in shown  # colours are where they help
    coloured = [line.split("\x1b[K")[-1] for line in shown.splitlines()]
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in coloured]
    text = "\n".join(filter(None, lines))
    for words in (
        "run folder: run\nnetwork: tiny, 102 parameters\n",
        "recipe: quick, 141 steps of 32 images (3 epochs)\nimages: 1,500 to train on, 297 to test",
        "\nepoch 3/3  ",
        "\nreport: run/report.html\nnext: archc predict run IMAGE",
    ):
        assert words in text, text
    assert max(len(line) for line in lines if line.startswith("epoch ")) < 80


@pytest.mark.keras
def test_quiet_leaves_warnings_and_the_result(archc: Archc, tmp_path: Path, recipe: Path) -> None:
    done = archc("train", SPEC, "--recipe", recipe, "--run-dir", "run", "--quiet")
    assert re.fullmatch(r"test loss \S+, test accuracy \S+  \[digits\]\n", done.out)
    assert [line for line in done.err.splitlines() if "warning" not in line] == []
    assert "24 % of what they began with after 141 steps" in done.err


@pytest.mark.keras
@pytest.mark.parametrize(("momentum", "is_said"), [(0.99, True), (0.9, False)])
def test_averages_that_lag_are_explained_where_they_show(
    tmp_path: Path, recipe: Path, momentum: float, is_said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archcompile.training.finish.APART", -1.0)  # whatever was learned
    monkeypatch.setattr("archcompile.training.finish.draw_history", lambda *_, **__: b"blank")
    messages: list[str] = []
    request = TrainingRequest(
        spec=SPEC,
        recipe=recipe,
        run_dir=tmp_path / "run",
        sets=[f"defaults.bn.momentum={momentum}"],
    )
    start(request, messages.append)
    assert any("[averages-lag]" in line for line in messages) == is_said
    closing = [line for line in messages if line.startswith("warning: accuracy is ")]
    assert len(closing) == is_said
    assert all("--set defaults.bn.momentum=0.9" in line for line in closing)


@pytest.mark.keras
@pytest.mark.parametrize(
    ("epochs", "sets", "place"),
    [(2, [], "--epochs"), (None, ["train.epochs=2"], "--set train.epochs")],
)
def test_a_warning_stands_at_the_option_that_was_typed(
    epochs: int | None, sets: list[str], place: str
) -> None:
    messages: list[str] = []
    request = TrainingRequest(spec=SPEC, recipe="digits", epochs=epochs, sets=sets)
    prepare(request, messages.append)
    assert messages[0].startswith(f"{place}:1:1: warning[averages-lag]: ")
