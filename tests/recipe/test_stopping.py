"""When a run ends early, against Keras' EarlyStopping."""

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from archcompile.recipe.sections import EarlyStop
from archcompile.recipe.stopping import is_stopped

RULES: list[dict[str, Any]] = [
    {"patience": 1},
    {"patience": 3},
    {"patience": 2, "min_delta": 0.3},
    {"patience": 4, "min_delta": 0.01, "monitor": "val_accuracy"},
]


@pytest.mark.keras
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_it_is_that_of_keras(rule: dict[str, Any]) -> None:
    from archcompile.quiet import load_keras

    early_stop = EarlyStop.model_validate(rule)
    random, ends = Random(0), set()
    for _ in range(40):
        callback = load_keras().callbacks.EarlyStopping(
            monitor=early_stop.monitor,
            patience=early_stop.patience,
            min_delta=early_stop.min_delta,
            mode="max" if early_stop.monitor == "val_accuracy" else "min",
        )
        callback.set_model(SimpleNamespace(stop_training=False))
        callback.on_train_begin()
        values: list[float] = []
        while len(values) < 30 and not callback.model.stop_training:
            assert not is_stopped(values, early_stop)
            values.append(random.choice([0.0, 0.2, 0.5, 0.505, 0.9]) + len(values) * 0.02)
            callback.on_epoch_end(len(values) - 1, {early_stop.monitor: values[-1]})
        ends.add(len(values))
        assert is_stopped(values, early_stop) == callback.model.stop_training
    assert len(ends) > 2, "the cases end at different epochs"


def test_what_is_no_number_improves_nothing() -> None:
    assert is_stopped([1.0, float("nan")], EarlyStop(patience=1))
