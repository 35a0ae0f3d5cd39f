"""History, best epoch, and their text."""

import csv
import json
from dataclasses import replace

from archcompile.recipe.rates import Pace
from archcompile.run_folder.state import State, as_csv
from tests.training.helpers import row, state_after


def test_the_best_epoch_is_the_first_with_the_best_test_accuracy() -> None:
    state = State(pace=Pace(epoch=2, total=8))
    for epoch, accuracy in enumerate((0.1, 0.3, 0.3, 0.2), start=1):
        assert not state.is_finished
        state = (
            state.add_steps(1, 0.5)
            .add_steps(1, 0.5)
            .after(row(epoch, accuracy), "val_accuracy", 0.25)
        )
    assert (state.epoch, state.step, state.seconds, state.best_epoch, state.best_step) == (
        4,
        8,
        5.0,
        2,
        4,
    )
    assert state.best == row(2, 0.3) and state.is_finished
    least = State(pace=Pace(epoch=2, total=8)).after(row(1), "val_loss").after(row(2), "loss")
    assert least.best_epoch == 2  # of losses the least, and row 2 has half of row 1's


def test_the_last_epoch_may_be_a_part_of_one() -> None:
    state = State(pace=Pace(epoch=4, total=10))
    ends = []
    while not state.is_finished:
        state = state.add_steps(1, 1.0)
        if state.step == state.epoch_end:
            ends.append(state.step)
            state = state.after(row(state.epoch + 1), "val_accuracy")
    assert ends == [4, 8, 10] and state.epochs == 3


def test_a_longer_run_takes_the_row_of_a_part_back() -> None:
    """10 steps in epochs of 4 end with a row for 2 steps; with 12 in all, the third epoch goes
    on.
    """
    state = State(pace=Pace(epoch=4, total=10))
    while not state.is_finished:
        state = state.add_steps(1, 1.0)
        if state.step == state.epoch_end:
            state = state.after(row(state.epoch + 1, 0.1 * state.epoch), "val_accuracy")
    assert state.longer(Pace(epoch=4, total=10), "val_accuracy") == state
    more = state.longer(Pace(epoch=4, total=12), "val_accuracy")
    assert (more.epoch, more.step, more.best_epoch, more.best_step, more.epoch_end) == (
        2,
        10,
        2,
        8,
        12,
    )
    assert more.epoch_seconds == row(3).seconds and more.rate == row(3).learning_rate
    whole = state_after(3)
    assert whole.longer(Pace(epoch=7, total=700), "val_accuracy") == replace(
        whole, pace=Pace(epoch=7, total=700)
    )


def test_a_state_survives_json_and_a_history_csv() -> None:
    state = state_after(3)
    assert State.read(json.loads(json.dumps(state.record()))) == state
    lines = list(csv.DictReader(as_csv(state.history).splitlines()))
    assert list(lines[0]) == [
        "epoch",
        "learning_rate",
        "loss",
        "cross_entropy",
        "l2",
        "accuracy",
        "val_loss",
        "val_cross_entropy",
        "val_accuracy",
        "seconds",
        "images_per_second",
    ]
    assert [float(line["loss"]) for line in lines] == [entry.loss for entry in state.history]
