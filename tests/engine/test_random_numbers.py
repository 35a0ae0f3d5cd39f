"""What every engine draws alike: the numbers of augmentation, and initial weights."""

from itertools import combinations
from math import prod
from typing import Any

import numpy as np
import pytest

from archcompile.api import LayerGraph
from archcompile.engine import draw_augmentation, draw_initial, order, set_flips
from archcompile.engine.random_numbers import CUT_DEVIATION
from tests.engine.test_held import CASES, net
from tests.ops.rows import Good
from tests.ops.test_ops import make

SEED = 5
COUNT = 64 * 1024  # of numbers whose moments are compared; the mean of a normal one errs by 0.004
SHAPES = [(3, 3, 64, 128), (1, 1, 32, 2048), (65536,), (256, 256), (7, 7, 1336, 1)]


def test_draws_depend_on_seed_and_step_and_cover_the_range() -> None:
    actual = {
        (seed, step): draw_augmentation(seed, step, 200)
        for seed in (0, 7)
        for step in (0, 1, 1563, 1564)
    }
    assert len({numbers.tobytes() for numbers in actual.values()}) == len(actual)
    assert np.array_equal(actual[7, 1], draw_augmentation(7, 1, 200))
    every = np.concatenate(list(actual.values()))
    assert every.dtype == np.float32 and every.min() >= 0 and every.max() < 1
    np.testing.assert_allclose(every.mean(axis=0), 0.5, atol=0.03)
    np.testing.assert_allclose(np.corrcoef(every.T), np.eye(5), atol=0.1)


def test_the_numbers_of_a_smaller_batch_are_the_first_of_a_larger_one() -> None:
    assert np.array_equal(draw_augmentation(1, 2, 9)[:4], draw_augmentation(1, 2, 4))


def test_order_and_augmentation_have_streams_of_their_own() -> None:
    """Both are keyed by seed and a small number: one stream would draw one from the other."""
    bits = np.random.Philox(key=np.array([3, 4], np.uint64))
    of_order = np.random.Generator(bits).random((50, 5), np.float32)
    assert not np.array_equal(of_order, draw_augmentation(3, 4, 50))
    assert sorted(order(3, 4, 50)) == list(range(50))


def test_mirrored_sets_only_the_flip() -> None:
    numbers, flips = draw_augmentation(0, 0, 3), np.array([True, False, True])
    changed = set_flips(numbers, flips)
    assert np.array_equal(changed[:, 2] < 0.5, flips)
    assert np.array_equal(np.delete(changed, 2, axis=1), np.delete(numbers, 2, axis=1))


NAMED = ["he_normal", "he_uniform", "glorot_normal", "glorot_uniform", "lecun_normal"]
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("LecunUniform", {}),
    ("RandomNormal", {"mean": 0.0, "stddev": 0.01}),
    ("TruncatedNormal", {"mean": 0.0, "stddev": 0.02}),
    ("RandomUniform", {"minval": -0.05, "maxval": 0.05}),
    ("Orthogonal", {"gain": 2.0}),
    ("VarianceScaling", {"scale": 0.5, "mode": "fan_out", "distribution": "untruncated_normal"}),
    ("VarianceScaling", {"scale": 3.0, "mode": "fan_avg", "distribution": "truncated_normal"}),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}),
]


@pytest.mark.keras
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("kind", "settings"), [*((name, None) for name in NAMED), *OTHERS])
def test_initial_weights_are_distributed_as_keras_draws_them(
    kind: str, settings: dict[str, Any] | None, shape: tuple[int, ...]
) -> None:
    """Mean, deviation, bounds and the quantiles in between, of as many numbers of each."""
    from archcompile.quiet import load_keras

    if kind == "Orthogonal" and len(shape) == 1:
        pytest.skip("a vector is no matrix, and Keras refuses it")

    keras = load_keras()
    if settings is None:
        initializer = keras.initializers.get(kind)
    else:
        initializer = getattr(keras.initializers, kind)(**settings)
    keras.utils.set_random_seed(0)
    expected = np.asarray(initializer(shape)).ravel()
    actual = draw_initial(SEED, "conv/kernel", initializer, shape=shape)
    assert actual.dtype == np.float32 and actual.shape == shape
    deviation, count = expected.std(), prod(shape)
    error = 5 * deviation / count**0.5
    assert abs(actual.mean()) < error
    assert actual.std() == pytest.approx(deviation, rel=0.02)
    quantiles = np.linspace(0.02, 0.98, 25)
    np.testing.assert_allclose(
        np.quantile(actual, quantiles), np.quantile(expected, quantiles), atol=3 * error + 1e-7
    )
    is_bounded = "uniform" in str(initializer.get_config().get("distribution", kind)).lower()
    bound = np.abs(expected).max()
    assert np.abs(actual).max() < (1.01 if is_bounded else 1.5) * bound


@pytest.mark.keras
def test_a_truncated_normal_has_no_number_beyond_two_deviations() -> None:
    from archcompile.quiet import load_keras

    initializer = load_keras().initializers.HeNormal()
    actual = draw_initial(SEED, "w", initializer, shape=(3, 3, 64, 128))
    bound = 2 * (2 / (9 * 64)) ** 0.5 / CUT_DEVIATION
    assert 0.99 * bound < np.abs(actual).max() <= bound


@pytest.mark.keras
@pytest.mark.parametrize("shape", [(3, 3, 4, 8), (1, 1, 4, 32), (16, 16)])
def test_an_orthogonal_kernel_has_its_axes_at_right_angles(shape: tuple[int, ...]) -> None:
    from archcompile.quiet import load_keras

    initializer = load_keras().initializers.Orthogonal(gain=3.0)
    matrix = draw_initial(SEED, "w", initializer, shape=shape).reshape(-1, shape[-1])
    matrix = matrix if len(matrix) >= len(matrix.T) else matrix.T
    np.testing.assert_allclose(matrix.T @ matrix, 9 * np.eye(len(matrix.T)), atol=1e-5)


@pytest.mark.keras
def test_each_weight_has_numbers_of_its_own() -> None:
    from archcompile.quiet import load_keras

    initializer = load_keras().initializers.HeNormal()
    draws = [
        draw_initial(seed, name, initializer, shape=(64, 64))
        for seed in (0, 1)
        for name in ("a/kernel", "b/kernel")
    ]
    again = draw_initial(0, "a/kernel", initializer, shape=(64, 64))
    assert np.array_equal(draws[0], again)
    assert len({array.tobytes() for array in draws}) == len(draws)


# All but `normalize`, whose statistics are measured or given, and `rms_norm`, whose layer takes no
# initialiser: its factors begin at one.
DRAWN = [case for case in CASES if case.values[0] not in ("normalize", "rms_norm")]


@pytest.mark.keras
@pytest.mark.parametrize(("kind", "row"), DRAWN)
def test_every_weight_of_an_op_is_drawn_on_the_host(
    kind: str, row: Good, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is left to Keras, whose numbers differ from one framework to another."""
    from archcompile.engine import host_initializers
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.lowering import lower_for_training

    drawn: list[tuple[int, ...]] = []

    def draw(seed: int, name: str, initializer: Any, *, shape: tuple[int, ...]) -> np.ndarray:
        drawn.append(shape)
        return draw_initial(seed, name, initializer, shape=shape)

    monkeypatch.setattr(host_initializers, "draw_initial", draw)
    graph = net(make(kind, row.attributes), row.inputs)
    model = lower_for_training(graph, SEED, "float32", devices=Devices.single()).model
    weights = [tuple(weight.shape) for weight in model.weights if is_weight(weight)]
    assert sorted(drawn) == sorted(weights) == sorted(shape for _, shape, _ in row.weights)


@pytest.mark.keras
def test_layers_within_a_layer_begin_with_numbers_of_their_own() -> None:
    """Queries, keys and values of attention have one shape, and one initialiser."""
    graph = net(make("attention", {"heads": 2}), ((8, 6, 4),))
    first, again = _kernels(graph), _kernels(graph)
    assert all((before == after).all() for before, after in zip(first, again, strict=True))
    assert all((a != b).any() for a, b in combinations(first[:3], 2))


def _kernels(graph: LayerGraph) -> list[np.ndarray]:
    """What the kernels of a network begin with."""
    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.lowering import lower_for_training

    model = lower_for_training(graph, SEED, "float32", devices=Devices.single()).model
    return [weight.numpy() for weight in model.weights if weight.name == "kernel"]


def is_weight(variable: Any) -> bool:
    return "seed_generator" not in variable.name
