"""The step of our own, against Keras and numpy."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from archcompile.data.dataset import Split
from archcompile.engine.epoch_order import batches, mirror_mask, order
from archcompile.engine.image_statistics import Statistics, statistics
from archcompile.recipe.sections import Preprocessing
from tests.conftest import rarely
from tests.engine.epochs import epoch_of
from tests.training.nets import CLASSES, SHAPE, net, random_images, recipe

pytestmark = pytest.mark.keras

PLAIN = {"shift": 0.0, "flip": "none"}


def seeded_net(seed: int, **options: Any) -> Any:
    from archcompile.quiet import load_keras

    load_keras().utils.set_random_seed(seed)
    return net(**options)


def output_of(model: Any) -> Any:
    """What a network of `nets` outputs."""
    return (
        "probabilities" if model.get_layer("dense").activation.__name__ == "softmax" else "logits"
    )


def trainer(model: Any, data: Any, seed: int = 0, **values: Any) -> Any:
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.kernels import Share
    from archcompile.engine.tensorflow.trainer import Trainer

    chosen = recipe(**values)
    result = statistics(data.train, chosen.preprocessing, SHAPE[:2])
    # of a model without a spec
    lowered: Any = SimpleNamespace(
        model=model, share=Share(1), output=output_of(model), is_fused=False
    )
    return Trainer(
        lowered, chosen, data.train, statistics=result, seed=seed, devices=Devices.single()
    )


def do_steps(of: Any, number: int, rate: float = 0.01, *, first: int = 0) -> None:
    for _ in epoch_of(of, number, lambda step: rate, first=first):
        pass


def epoch(of: Any, number: int, rate: float = 0.01) -> dict[str, float]:
    do_steps(of, number, rate)
    means: dict[str, float] = of.means()
    return means


def weights(model: Any) -> dict[str, np.ndarray]:
    from archcompile.keras_model import values_of, variables_of

    return values_of(variables_of(model))


def assert_close(actual: Any, expected: Any) -> None:
    for name, array in weights(actual).items():
        if not name.endswith("seed_generator_state"):
            np.testing.assert_allclose(array, weights(expected)[name], atol=1e-6, err_msg=name)


ADAM = {"kind": "adam", "learning_rate": 1.0}
SGD = {"kind": "sgd", "learning_rate": 1.0, "momentum": 0.9}


@pytest.mark.parametrize(
    ("optimizer", "softmax", "flip"),
    [
        (ADAM, True, "none"),
        (SGD, False, "alternating"),
        pytest.param(SGD, True, "alternating", marks=pytest.mark.thorough),
    ],
)
def test_an_epoch_is_what_keras_does_with_the_same_batches(
    optimizer: dict[str, Any], softmax: bool, flip: str
) -> None:
    """Two epochs without random augmentation against `train_on_batch`, the last batch of 2 images
    included.
    """
    from archcompile.quiet import load_keras

    keras, data = load_keras(), random_images()
    model, plain = seeded_net(1, softmax=softmax), seeded_net(1, softmax=softmax)
    for each in (model, plain):
        each.get_layer("drop").rate = 0.0
    ours = trainer(model, data, seed=5, optimizer=optimizer, augment={**PLAIN, "flip": flip})
    values = dict(optimizer, learning_rate=0.01)
    kind = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}[values.pop("kind")]
    plain.compile(
        kind(**values),
        keras.losses.SparseCategoricalCrossentropy(from_logits=not softmax),
        metrics=["accuracy"],
    )
    images = data.train.images.astype("float32") / 255
    images -= images.mean(axis=0)
    for number in range(2):
        flips = mirror_mask(5, number, np.arange(50)) if flip != "none" else np.zeros(50, bool)
        seen = np.where(flips[:, None, None, None], images[:, :, ::-1], images)
        parts = [
            (plain.train_on_batch(seen[rows], data.train.labels[rows], return_dict=True), len(rows))
            for rows in batches(order(5, number, 50), 16)
        ]
        means = epoch(ours, number)
        for name in ("loss", "accuracy"):
            assert means[name] == pytest.approx(
                sum(logs[name] * count for logs, count in parts) / 50, abs=1e-5
            )
        assert means["loss"] == means["cross_entropy"] + means["l2"]
    assert_close(model, plain)


def test_images_are_prepared_as_the_export_prepares_them() -> None:
    """To the bit: `Statistics.prepare` is what a side file describes, the other is trained on."""
    from archcompile.engine.tensorflow.preprocess import preprocessor

    images = random_images().train.images
    settings = Preprocessing(mean="per_pixel", std="per_channel")
    actual = statistics(random_images().train, settings, SHAPE[:2])
    trained_on = np.asarray(preprocessor(settings, actual)(images))
    np.testing.assert_array_equal(actual.prepare(images, settings.scale), trained_on)


def test_the_evaluation_is_what_keras_says() -> None:
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.evaluator import Evaluator
    from archcompile.quiet import load_keras

    data = random_images()
    model = seeded_net(2)
    for (
        variable
    ) in model.variables:  # batch-norm statistics as a trained net has them, never 0 and 1
        if variable.dtype == "float32":
            variable.assign(variable + 0.1 * np.random.default_rng(3).random(variable.shape))
    actual = statistics(data.train, Preprocessing(), SHAPE[:2])
    ours = Evaluator(model, recipe(), actual, output="probabilities", devices=Devices.single())
    ours.batch = 8
    assert list(ours.evaluate(data.test)) == [8, 16, 21]
    model.compile(loss=load_keras().losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    expected = model.evaluate(
        data.test.images.astype("float32") / 255 - actual.mean,
        data.test.labels,
        verbose=0,
        return_dict=True,
    )
    assert ours.means()["loss"] == pytest.approx(expected["loss"], abs=1e-5)
    assert ours.means()["accuracy"] == pytest.approx(expected["accuracy"], abs=1e-6)


def test_seeds() -> None:
    data = random_images()

    def train(seed: int, epochs: int = 2) -> bytes:
        model = seeded_net(seed)
        ours = trainer(model, data, seed)
        for number in range(epochs):
            epoch(ours, number)
        return b"".join(array.tobytes() for array in weights(model).values())

    first = train(1)
    assert first == train(1)
    assert first != train(2)
    assert train(1, epochs=0) != train(2, epochs=0)


def test_no_more_than_two_traces() -> None:
    ours = trainer(seeded_net(1), random_images())
    for number in range(3):
        epoch(ours, number)
    assert ours._update.experimental_get_tracing_count() == 2


@pytest.mark.parametrize("flip", [rarely("horizontal"), "alternating"])
def test_an_epoch_goes_on_in_the_middle(flip: str) -> None:
    """Two steps, then the other two by a trainer that has the first one's variables: as four in a
    row.
    """
    whole, first, second = (
        trainer(seeded_net(1), random_images(), 4, augment={"shift": 0.1, "flip": flip})
        for _ in range(3)
    )
    expected = epoch(whole, 0)
    for step in epoch_of(first, 0, lambda step: 0.01):
        if step == 1:
            break
    second.load_tensors(first.tensors())
    do_steps(second, 0, first=2)
    assert second.means() == expected
    for name, array in whole.tensors().items():
        assert array.tobytes() == second.tensors()[name].tobytes(), name


def test_a_loss_that_is_not_finite_is_dated() -> None:
    model = seeded_net(1)
    ours = trainer(model, random_images())
    epoch(ours, 0)
    assert ours.bad_step() is None
    for step in epoch_of(ours, 1, lambda step: 0.01):
        if step == ours.steps + 1:
            model.get_layer("dense").bias.assign(np.full(CLASSES, np.nan))
    assert ours.bad_step() == ours.steps + 2


def gradient_step(model: Any, **values: Any) -> dict[str, np.ndarray]:
    """What one plain SGD step of rate 1 takes off the weights: the gradient."""
    before = weights(model)
    ours = trainer(
        model,
        random_images(16),
        optimizer={"kind": "sgd", "learning_rate": 1.0},
        augment=PLAIN,
        **values,
    )
    do_steps(ours, 0, rate=1.0)
    after = weights(model)
    return {
        name: before[name] - after[name]
        for name in before
        if name.endswith(("kernel", "bias", "gamma", "beta"))
    }


@pytest.mark.parametrize("of", ["kernels", "all"])
def test_a_weight_decay_replaces_the_l2_of_the_spec(of: str) -> None:
    """The gradient differs from that without L2 by the decay times the weight, and where only
    kernels decay only there.
    """
    model, nothing, decayed = seeded_net(1), seeded_net(1), seeded_net(1)
    for each in (model, nothing, decayed):
        each.get_layer("drop").rate = 0.0
    start = weights(model)
    spec = gradient_step(model)
    without = gradient_step(nothing, regularisation={"weight_decay": 0.0})
    actual = gradient_step(decayed, regularisation={"weight_decay": 0.01, "of": of})
    for name, weight in start.items():
        if name in actual:
            decays = of == "all" or name.endswith("kernel")
            np.testing.assert_allclose(
                actual[name] - without[name], 0.01 * decays * weight, atol=1e-6, err_msg=name
            )
    np.testing.assert_allclose(
        spec["model/conv/kernel"] - without["model/conv/kernel"],
        2 * 1e-3 * start["model/conv/kernel"],
        atol=1e-6,
    )
    np.testing.assert_allclose(
        spec["model/dense/kernel"] - without["model/dense/kernel"],
        2e-3 * np.sign(start["model/dense/kernel"]),
        atol=1e-6,
    )


def test_kernels_alone_decay() -> None:
    from archcompile.engine import WeightFactors, weight_factors
    from archcompile.quiet import load_keras

    layers = load_keras().layers
    by_weight = {
        "kernel": layers.Conv2D(4, 3),
        "depthwise_kernel": layers.SeparableConv2D(4, 3),
        "alpha": layers.PReLU(shared_axes=[1, 2]),  # of shape (1, 1, 4)
        "gamma": layers.LayerNormalization(),
    }
    for layer in by_weight.values():
        layer.build((None, 8, 8, 4))
    variables = {weight.name: weight for layer in by_weight.values() for weight in layer.weights}
    chosen = recipe(regularisation={"weight_decay": 0.25})
    decaying = {name for name, weight in variables.items() if weight_factors(weight, chosen).l2}
    assert decaying == {"kernel", "depthwise_kernel", "pointwise_kernel"}
    chosen = recipe(regularisation={"weight_decay": 0.25, "of": "all"})
    assert weight_factors(variables["alpha"], chosen) == WeightFactors(l2=0.125)


def test_clipping_is_of_all_gradients_together() -> None:
    plain, clipped = gradient_step(seeded_net(3)), gradient_step(seeded_net(3), clip_norm=0.1)
    norm = np.sqrt(sum((array**2).sum() for array in plain.values()))
    assert norm > 0.1
    for name, array in plain.items():
        np.testing.assert_allclose(clipped[name], array * (0.1 / norm), rtol=1e-4, atol=1e-7)


def test_smoothed_labels_are_those_of_keras() -> None:
    from archcompile.engine import LossTerms
    from archcompile.engine.tensorflow.losses import CrossEntropy
    from archcompile.quiet import load_keras

    keras, random = load_keras(), np.random.default_rng(0)
    outputs = random.dirichlet(np.ones(CLASSES), 9).astype("float32")
    labels = random.integers(0, CLASSES, 9)
    expected = keras.losses.CategoricalCrossentropy(label_smoothing=0.1, reduction=None)(
        np.eye(CLASSES)[labels], outputs
    )
    loss = CrossEntropy(seeded_net(0), "probabilities", LossTerms(smoothing=0.1))
    np.testing.assert_allclose(loss(labels, outputs), expected, rtol=1e-6)


@pytest.mark.parametrize("scale", [255.0, 1.0])
def test_statistics_are_those_of_numpy(scale: float) -> None:
    pixels = random_images(2000).train.images
    values = pixels.astype("float64") / scale
    actual = statistics(
        Split(pixels, np.zeros(2000, int)), Preprocessing(scale=scale, std="per_channel"), (8, 8)
    )
    np.testing.assert_allclose(actual.mean, values.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(actual.std, values.std(axis=(0, 1, 2)), rtol=1e-6)
    middle = statistics(Split(pixels, np.zeros(2000, int)), Preprocessing(scale=scale), (4, 6))
    np.testing.assert_allclose(middle.mean, values[:, 2:6, 1:7].mean(axis=0), rtol=1e-6)
    channel = statistics(
        Split(pixels, np.zeros(2000, int)), Preprocessing(scale=scale, mean="per_channel"), (8, 8)
    )
    np.testing.assert_allclose(channel.mean, values.mean(axis=(0, 1, 2)), rtol=1e-6)
    assert (
        statistics(Split(pixels, np.zeros(2000, int)), Preprocessing(mean="none"), (8, 8))
        == Statistics()
    )
    given = statistics(
        Split(pixels, np.zeros(2000, int)),
        Preprocessing(mean=(0.5, 0.4, 0.3), std=(2.0, 2.0, 2.0)),
        (8, 8),
    )
    np.testing.assert_array_equal(given.mean, np.float32([0.5, 0.4, 0.3]))
    np.testing.assert_array_equal(given.std, np.float32([2, 2, 2]))


@pytest.mark.parametrize("value", [0, 1, 10, 255])
def test_a_channel_that_never_changes_is_divided_by_one(value: int) -> None:
    """Its deviation is exactly zero: rounding once made 1e-11 of it, and an image of another shade
    a number of 1e9.
    """
    flat = Split(np.full((3, 4, 4, 1), value, np.uint8), np.zeros(3, int))
    actual = statistics(flat, Preprocessing(std="per_channel"), (4, 4))
    assert actual.std is not None and actual.std.tolist() == [1.0]
