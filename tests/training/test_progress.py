"""What is shown: one plain line an epoch, or a live line on a terminal."""

import io

import pytest

from archcompile.recipe.rates import Pace
from archcompile.run_folder.state import State
from archcompile.training.live_line import LiveLine
from archcompile.training.progress import Progress
from tests.training.helpers import row

MEANS = {"loss": 1.5, "accuracy": 0.25}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock on which every look takes half a second."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


def show(stream: io.StringIO) -> str:
    progress = Progress(line=LiveLine(stream=stream), clock=Clock())
    state = State(pace=Pace(epoch=10, total=30), step=2)
    assert not progress.is_due(1)  # the first step, which includes its building
    assert progress.is_due(1)
    progress.step(state, 32, MEANS)
    progress.note("evaluating")
    progress.epoch(row(1), state)
    progress.clear()
    return stream.getvalue()


def test_plain_lines_elsewhere() -> None:
    assert show(io.StringIO()) == (
        "epoch 1/3  2s  100 images/s  lr 0.001  loss 1.0000  accuracy 0.5000  "
        "test loss 1.1000  test accuracy 0.5000\n"
    )


def test_a_live_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    shown = show(Terminal()).split("\r\x1b[K")
    assert shown[1] == ("epoch 1/3  step 2/10  loss 1.5000  accuracy 0.2500  32 images/s  28s left")
    assert shown[2] == "evaluating"
    assert shown[3] == (
        "\x1b[1mepoch 1/3\x1b[0m  2s  100 images/s  lr 0.001  loss 1.0000  accuracy 0.5000  "
        "test loss 1.1000  test accuracy 0.5000\n"
    )


@pytest.mark.parametrize(
    ("columns", "live", "epoch"),
    [
        (
            90,
            "epoch 1/3  step 2/10  loss 1.5000  accuracy 0.2500  32 images/s  28s left",
            "epoch 1/3  2s  loss 1.0000  accuracy 0.5000  test loss 1.1000  test accuracy 0.5000",
        ),
        (
            70,
            "epoch 1/3  step 2/10  loss 1.5000  acc 0.2500  28s left",
            "epoch 1/3  2s  loss 1.0000 acc 0.5000  test loss 1.1000 acc 0.5000",
        ),
        (
            50,
            "epoch 1/3  loss 1.5000  acc 0.2500  28s left",
            "epoch 1/3  2s  acc 0.5000  test acc 0.5000",
        ),
        (12, "epoch 1/3  ", "epoch 1/3  "),
    ],
)
def test_a_narrow_terminal_gets_fewer_figures(
    monkeypatch: pytest.MonkeyPatch, columns: int, live: str, epoch: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    shown = show(Terminal()).split("\r\x1b[K")
    assert (shown[1], shown[3]) == (live, f"{epoch}\n")


def test_nothing_is_shown_where_silence_is_asked_for() -> None:
    line = LiveLine(stream=Terminal(), is_silent=True)
    line.show("reading")
    line.above(lambda text: None)("text")
    assert line.stream.getvalue() == ""  # type: ignore[attr-defined]


def test_a_terminal_that_cannot_move_its_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert "\r" not in show(Terminal())
