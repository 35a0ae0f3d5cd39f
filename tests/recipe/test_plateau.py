"""The plateau rule, against Keras' own."""

from collections.abc import Iterator
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from archcompile.recipe.plateau import PlateauState
from archcompile.recipe.sections import Plateau


def after(rule: Plateau, values: list[float]) -> Iterator[tuple[PlateauState, float]]:
    """The state and the rate after each epoch, from a rate of 1."""
    watch, rate = PlateauState(), 1.0
    for value in values:
        watch = watch.after(value, rate, rule, minimised=rule.monitor == "val_loss")
        rate = rate if watch.rate is None else watch.rate
        yield watch, rate


@pytest.mark.parametrize(
    ("rule", "values", "rates"),
    [
        (
            {"patience": 2},
            [3, 2, 1, 1, 0.5, 1, 1],
            [1, 1, 1, 1, 1, 1, 0.5],
        ),  # an improvement begins the wait anew
        ({"patience": 1}, [1, 1, 1, 1], [1, 0.5, 0.25, 0.125]),
        ({"patience": 1, "min_delta": 0.2}, [1, 0.9, 0.7, 0.75], [1, 0.5, 0.5, 0.25]),
        ({"patience": 1, "cooldown": 2}, [1, 1, 1, 1, 1], [1, 0.5, 0.5, 0.25, 0.25]),
        ({"patience": 1, "min_rate": 0.3}, [1, 1, 1, 1], [1, 0.5, 0.3, 0.3]),
        ({"patience": 1, "min_rate": 2.0}, [1, 1], [1, 1]),  # it never raises a rate
        ({"patience": 1, "monitor": "val_accuracy"}, [0.1, 0.2, 0.2, 0.1], [1, 1, 0.5, 0.25]),
        ({"patience": 1}, [1.0, float("nan")], [1, 0.5]),
    ],
)
def test_rule(rule: dict[str, Any], values: list[float], rates: list[float]) -> None:
    assert [
        rate for _, rate in after(Plateau.model_validate({"factor": 0.5, **rule}), values)
    ] == pytest.approx(rates)


RULES = [
    {"patience": 1},
    {"patience": 3},
    {"patience": 2, "cooldown": 1},
    {"patience": 1, "cooldown": 3},
    {"patience": 2, "min_delta": 0.3},
    {"patience": 1, "min_rate": 0.01},
    {"patience": 5, "cooldown": 0, "min_rate": 5e-7, "factor": 0.1**0.5},
]


@pytest.mark.keras
@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy"])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_it_is_that_of_keras(rule: dict[str, Any], monitor: Any) -> None:
    import keras

    ours = Plateau.model_validate({"factor": 0.5, "monitor": monitor, **rule})
    callback = keras.callbacks.ReduceLROnPlateau(
        monitor,
        ours.factor,
        ours.patience,
        mode="max" if monitor == "val_accuracy" else "min",
        min_delta=ours.min_delta,
        cooldown=ours.cooldown,
        min_lr=ours.min_rate,
    )
    model = SimpleNamespace(optimizer=keras.optimizers.SGD(1.0))
    callback.set_model(model)
    callback.on_train_begin()
    random = Random(1)
    values = [
        random.choice((0.0, 0.25, 0.5, 0.75, 1.0))
        * (1 - epoch / 90 if monitor == "val_loss" else 1 + epoch / 90)
        for epoch in range(60)
    ]
    rates = set()
    for epoch, (value, (watch, rate)) in enumerate(zip(values, after(ours, values), strict=True)):
        callback.on_epoch_end(epoch, {monitor: value})
        assert rate == pytest.approx(float(model.optimizer.learning_rate), rel=1e-5)
        assert (watch.best, watch.wait, watch.cooldown) == (
            callback.best,
            callback.wait,
            callback.cooldown_counter,
        )
        rates.add(rate)
    assert len(rates) > 2, "the rule was put to work"
