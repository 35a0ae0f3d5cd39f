"""History, best epoch, and their text."""

import csv
import json

from archcompile.train.state import State, as_csv
from tests.train.helpers import row, state_after


def test_the_best_epoch_is_the_first_with_the_best_test_accuracy() -> None:
    state = State()
    for epoch, accuracy in enumerate((0.1, 0.3, 0.3, 0.2), start=1):
        state = state.after(row(epoch, accuracy), steps=5, seconds=1.5)
    assert (state.epoch, state.step, state.seconds, state.best_epoch) == (4, 20, 6.0, 2)
    assert state.best == row(2, 0.3)


def test_a_state_survives_json_and_a_history_csv() -> None:
    state = state_after(3)
    assert State.read(json.loads(json.dumps(state.record()))) == state
    lines = list(csv.DictReader(as_csv(state.history).splitlines()))
    assert list(lines[0]) == ["epoch", "learning_rate", "loss", "cross_entropy", "l2", "accuracy", "val_loss",
                              "val_accuracy", "seconds", "images_per_second"]  # fmt: skip
    assert [float(line["loss"]) for line in lines] == [entry.loss for entry in state.history]
