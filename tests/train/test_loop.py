"""The step of our own, against Keras and numpy."""

from typing import Any

import numpy as np
import pytest

from archcompile.train.order import batches, order
from archcompile.train.preprocess import mean_picture
from archcompile.recipe.sections import Preprocessing
from tests.train.nets import CLASSES, net, pictures, recipe

pytestmark = pytest.mark.keras

PLAIN = {"shift": 0.0, "flip": "none"}


def seeded(seed: int, **options: Any) -> Any:
    from archcompile.quiet import load_keras

    load_keras().utils.set_random_seed(seed)
    return net(**options)


def trainer(model: Any, data: Any, seed: int = 0, **values: Any) -> Any:
    from archcompile.train.loop import Trainer

    chosen = recipe(**values)
    return Trainer(model, chosen, data.train, mean_picture(data.train, chosen.preprocessing), seed)


def epoch(of: Any, number: int, rate: float = 0.01) -> dict[str, float]:
    for _ in of.epoch(number, rate):
        pass
    means: dict[str, float] = of.sums.means()
    return means


def weights(model: Any) -> dict[str, np.ndarray]:
    from archcompile.train.loop import arrays, of_model

    return arrays(of_model(model))


def assert_close(one: Any, other: Any) -> None:
    for name, array in weights(one).items():
        if not name.endswith("seed_generator_state"):
            np.testing.assert_allclose(array, weights(other)[name], atol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    "optimizer", [{"kind": "adam", "learning_rate": 1.0}, {"kind": "sgd", "learning_rate": 1.0, "momentum": 0.9}]
)
@pytest.mark.parametrize("softmax", [True, False])
def test_an_epoch_is_what_keras_does_with_the_same_batches(optimizer: dict[str, Any], softmax: bool) -> None:
    """Two epochs without augmentation against `train_on_batch`, the last batch of 2 pictures included."""
    from archcompile.quiet import load_keras

    keras, data = load_keras(), pictures()
    model, plain = seeded(1, softmax=softmax), seeded(1, softmax=softmax)
    for each in (model, plain):
        each.get_layer("drop").rate = 0.0
    ours = trainer(model, data, seed=5, optimizer=optimizer, augment=PLAIN)
    values = dict(optimizer, learning_rate=0.01)
    kind = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[values.pop("kind")]
    plain.compile(
        kind(**values), keras.losses.SparseCategoricalCrossentropy(from_logits=not softmax), metrics=["accuracy"]
    )
    images = data.train.images.astype("float32") / 255
    images -= images.mean(axis=0)
    for number in range(2):
        parts = [(plain.train_on_batch(images[rows], data.train.labels[rows], return_dict=True), len(rows))
                 for rows in batches(order(5, number, 50), 16)]  # fmt: skip
        means = epoch(ours, number)
        for name in ("loss", "accuracy"):
            assert means[name] == pytest.approx(sum(logs[name] * count for logs, count in parts) / 50, abs=1e-5)
        assert means["loss"] == means["cross_entropy"] + means["l2"]
    assert_close(model, plain)


def test_the_evaluation_is_what_keras_says() -> None:
    from archcompile.quiet import load_keras
    from archcompile.train.loop import Evaluator

    data = pictures()
    model = seeded(2)
    for variable in model.variables:  # batch-norm statistics as a trained net has them, never 0 and 1
        if variable.dtype == "float32":
            variable.assign(variable + 0.1 * np.random.default_rng(3).random(variable.shape))
    mean = mean_picture(data.train, Preprocessing())
    ours = Evaluator(model, recipe(), mean)
    ours.batch = 8
    assert list(ours.evaluate(data.test)) == [8, 16, 21]
    model.compile(loss=load_keras().losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    wanted = model.evaluate(
        data.test.images.astype("float32") / 255 - mean, data.test.labels, verbose=0, return_dict=True
    )
    assert ours.sums.means()["loss"] == pytest.approx(wanted["loss"], abs=1e-5)
    assert ours.sums.means()["accuracy"] == pytest.approx(wanted["accuracy"], abs=1e-6)


def test_seeds() -> None:
    data = pictures()

    def trained(seed: int, epochs: int = 2) -> bytes:
        model = seeded(seed)
        ours = trainer(model, data, seed)
        for number in range(epochs):
            epoch(ours, number)
        return b"".join(array.tobytes() for array in weights(model).values())

    assert trained(1) == trained(1)
    assert trained(1) != trained(2)
    assert trained(1, epochs=0) != trained(2, epochs=0)


def test_no_more_than_two_traces() -> None:
    ours = trainer(seeded(1), pictures())
    for number in range(3):
        epoch(ours, number)
    assert ours._step.experimental_get_tracing_count() == 2


def test_a_loss_that_is_not_finite_is_dated() -> None:
    model = seeded(1)
    ours = trainer(model, pictures())
    epoch(ours, 0)
    assert ours.bad_step() is None
    for done in ours.epoch(1, 0.01):
        if done == 2:
            model.get_layer("dense").bias.assign(np.full(CLASSES, np.nan))
    assert ours.bad_step() == ours.steps + 2


def test_the_mean_is_exact_and_per_pixel() -> None:
    data = pictures()
    mean = mean_picture(data.train, Preprocessing())
    assert mean is not None and mean.dtype == np.float32
    np.testing.assert_allclose(mean, data.train.images.astype("float64").mean(axis=0) / 255, rtol=1e-7)
    assert mean_picture(data.train, Preprocessing(mean="none")) is None
