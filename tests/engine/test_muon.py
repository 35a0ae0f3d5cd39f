"""Muon's steps against a singular value decomposition, and which weights take them."""

from typing import Any

import numpy as np
import pytest

from tests.training.nets import recipe

pytestmark = pytest.mark.keras


@pytest.mark.parametrize(
    "shape",
    [(3, 3, 16, 16), (1, 1, 64, 256), (1, 1, 256, 64), (3, 3, 3, 16), (1, 1, 1, 2)],
    ids=str,
)
def test_a_step_keeps_directions_and_evens_sizes(shape: tuple[int, ...]) -> None:
    """U S V becomes U S' V with all of S' near 1: longer where outputs are more than inputs."""
    from archcompile.engine.muon import orthogonal
    from archcompile.quiet import load_tensorflow

    tf = load_tensorflow()
    step = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    actual = orthogonal(tf.constant(1e-3 * step)).numpy()
    assert actual.shape == shape
    rows, columns = int(np.prod(shape[:3])), shape[3]
    u, _, v = np.linalg.svd(step.reshape(rows, columns), full_matrices=False)
    inside = u.T @ actual.reshape(rows, columns) @ v.T / max(1, columns / rows) ** 0.5
    np.testing.assert_allclose(inside, np.diag(np.diag(inside)), atol=1e-3)
    assert np.diag(inside).min() > 0.5
    assert np.diag(inside).max() < 1.3


@pytest.mark.parametrize("normalised", [False, True])
def test_it_steps_by_its_rate_and_others_by_theirs(normalised: bool) -> None:
    from archcompile.engine.keras_optimizers import make_optimizer
    from archcompile.engine.muon import orthogonal
    from archcompile.quiet import load_keras, load_tensorflow

    keras, tf = load_keras(), load_tensorflow()
    random = np.random.default_rng(0)
    start = [
        random.standard_normal(shape).astype(np.float32)
        for shape in ((3, 3, 4, 8), (3, 3, 4, 1), (8, 10), (8,))
    ]
    gradients = [random.standard_normal(value.shape).astype(np.float32) for value in start]
    weights = [keras.Variable(value) for value in start]
    settings = {
        "kind": "muon",
        "learning_rate": 0.25,
        "momentum": 0.5,
        "others": 4.0,
        "normalised": normalised,
    }
    optimizer = make_optimizer(recipe(optimizer=settings))
    optimizer.build(weights)
    optimizer.apply(list(map(tf.constant, gradients)), weights)
    step = orthogonal(tf.constant(gradients[0])).numpy()
    before = start[0] * np.sqrt(8 / np.square(start[0]).sum()) if normalised else start[0]
    np.testing.assert_allclose(np.asarray(weights[0]), before - 0.25 * step, atol=1e-6)
    for weight, before, gradient in zip(
        weights[1:], start[1:], gradients[1:], strict=True
    ):  # Nesterov's first step: 1 + momentum
        np.testing.assert_allclose(np.asarray(weight), before - 1.5 * gradient, atol=1e-6)


def test_a_step_of_zeros_is_one_of_zeros() -> None:
    from archcompile.engine.muon import orthogonal
    from archcompile.quiet import load_tensorflow

    actual: Any = orthogonal(load_tensorflow().zeros((3, 3, 4, 8))).numpy()
    assert not actual.any()
