"""Averages of weights against Keras' own, and norms against batches that are looked at alone."""

from typing import Any

import numpy as np
import pytest

from archcompile.data import Split
from archcompile.engine import batches, order, statistics
from archcompile.recipe import Exponential, Pace, Preprocessing, Uniform, average_share, has_average
from tests.engine.test_step import PLAIN, SGD, seeded_net, trainer
from tests.training.nets import SHAPE, random_images

RATE, DECAY, STEPS = 0.05, 0.9, 8
EXPONENTIAL = {"kind": "exponential", "decay": DECAY}


# ---- shares --------------------------------------------------------------------------------------


def average_of(rule: Exponential | Uniform, values: np.ndarray, pace: Pace) -> float:
    """What is left after these values of a weight, one a step; it begins as not a number."""
    average = 1e9  # any weight of it would show
    for step, value in enumerate(values):
        average += (value - average) * average_share(rule, step, pace)
    return float(average)


@pytest.mark.parametrize("start", [0.0, 0.29, 0.5, 0.99])
@pytest.mark.parametrize("pace", [Pace(epoch=1, total=100), Pace(epoch=7, total=60)], ids=str)
def test_uniform_averages_are_means_of_ends_of_epochs(start: float, pace: Pace) -> None:
    values = np.random.default_rng(0).random(pace.total)
    ends = [*range(pace.epoch, pace.total, pace.epoch), pace.total]
    counted = [end for end in ends if end > round(start * pace.total, 9)]
    rule = Uniform(kind="uniform", start=start)
    expected = np.mean([values[end - 1] for end in counted])
    assert average_of(rule, values, pace) == pytest.approx(expected)
    first = counted[0]
    assert has_average(rule, first, pace) and not has_average(rule, first - 1, pace)


@pytest.mark.parametrize("start", [0.0, 0.5])
def test_an_exponential_average_begins_as_the_weights(start: float) -> None:
    pace, rule = Pace(epoch=5, total=20), Exponential(kind="exponential", decay=0.5, start=start)
    values = np.random.default_rng(0).random(pace.total)
    first = int(start * pace.total)
    expected = values[first]
    for value in values[first + 1 :]:
        expected = 0.5 * expected + 0.5 * value
    assert average_of(rule, values, pace) == pytest.approx(expected)


# ---- in training ---------------------------------------------------------------------------------


def prepare(split: Split) -> np.ndarray:
    """As the recipe of these tests prepares images."""
    return split.images.astype("float32") / 255 - statistics(split, Preprocessing(), SHAPE[:2]).mean


def averaged_trainer(rule: dict[str, Any]) -> Any:
    """After all steps of two epochs."""
    ours = trainer(seeded_net(1), random_images(), 5, optimizer=SGD, augment=PLAIN, average=rule)
    pace = Pace(epoch=ours.steps, total=STEPS)
    for step in range(STEPS):
        ours.run(step, [RATE], [average_share(ours.recipe.average, step, pace)])
    return ours


@pytest.mark.keras
def test_an_exponential_average_is_that_of_keras() -> None:
    from archcompile.quiet import load_keras

    keras, data = load_keras(), random_images()
    plain = seeded_net(1)
    # its dropout draws as ours does: both begin at the same seed
    optimizer = keras.optimizers.SGD(
        RATE, momentum=0.9, use_ema=True, ema_momentum=DECAY, ema_overwrite_frequency=None
    )
    plain.compile(optimizer, keras.losses.SparseCategoricalCrossentropy())
    images = prepare(data.train)
    for number in range(2):
        for rows in batches(order(5, number, 50), 16):
            plain.train_on_batch(images[rows], data.train.labels[rows])
    ours = averaged_trainer(EXPONENTIAL)
    averages = [array for name, array in ours.tensors().items() if name.startswith("average/")]
    expected = optimizer._model_variables_moving_average
    assert len(averages) == len(expected) == 5
    for average, variable in zip(averages, expected, strict=True):
        np.testing.assert_allclose(average, variable.numpy(), atol=1e-6, err_msg=variable.path)


@pytest.mark.keras
def test_norms_are_those_of_the_averaged_weights() -> None:
    """Each batch's statistics alone are what a norm keeps that forgets all others."""
    from archcompile.keras_model import load_values

    ours = averaged_trainer(EXPONENTIAL)
    before = ours.tensors()
    averaged = ours.average_tensors(40)
    np.testing.assert_equal(ours.tensors(), before)
    model = seeded_net(1)
    load_values(model, averaged)
    norm = model.get_layer("bn")
    norm.momentum = 0.0
    images = prepare(random_images().train)
    means, variances = [], []
    for rows in list(batches(order(5, 0, 50), 16))[:2]:
        model(images[rows], training=True)
        means.append(norm.moving_mean.numpy())
        variances.append(norm.moving_variance.numpy())
    for values, name in ((means, "moving_mean"), (variances, "moving_variance")):
        expected = np.mean(values, axis=0)
        np.testing.assert_allclose(averaged[f"model/bn/{name}"], expected, rtol=1e-3, atol=1e-6)
        assert not np.allclose(before[f"model/bn/{name}"], expected, rtol=0.1)
    for name, array in averaged.items():
        average = before.get(f"average/{name.removeprefix('model/')}")
        if average is not None:
            np.testing.assert_array_equal(array, average)
