"""The optimizer's step in one kernel against Keras' own, on the same variables."""

from typing import Any

import numpy as np
import pytest

from tests.training.nets import recipe

pytestmark = pytest.mark.keras

SETTINGS = [
    {"kind": "adam", "learning_rate": 1e-2},
    {"kind": "adam", "learning_rate": 1e-2, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3},
    {"kind": "sgd", "learning_rate": 1e-2},
    {"kind": "sgd", "learning_rate": 1e-2, "momentum": 0.9},
    {"kind": "sgd", "learning_rate": 1e-2, "momentum": 0.9, "nesterov": True},
    {"kind": "muon", "learning_rate": 1e-2, "momentum": 0.6, "others": 3.0},
    {"kind": "muon", "learning_rate": 1e-2, "normalised": True},
]
# of the largest of a tensor; the kernel of Adam has 1 - 0.999 in float32
CLOSE = {
    "muon": 2e-5,
    "sgd": 2e-6,
    "adam": 5e-5,
}


@pytest.mark.parametrize("compiled", [False, True], ids=["", "xla"])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_it_does_what_keras_does(settings: dict[str, Any], compiled: bool) -> None:
    """Weights, moments and the counter after ten steps of changing rate; some gradients are zero at
    first.
    """
    from archcompile.engine import WeightFactors, make_optimizer
    from archcompile.engine.tensorflow.fused_optimizer import in_one_kernel
    from archcompile.quiet import load_keras, load_tensorflow

    keras, tf = load_keras(), load_tensorflow()
    chosen = recipe(optimizer=settings)
    random = np.random.default_rng(0)
    start = [random.standard_normal(shape).astype(np.float32) for shape in ((3, 3, 2, 4), (4,), ())]

    def gradient(weight: np.ndarray, step: int) -> np.ndarray:
        values = random.standard_normal(weight.shape).astype(np.float32)
        return values * (step > 2 or weight.ndim > 1)

    steps = [[*map(gradient, start, [step] * len(start))] for step in range(10)]

    def end(ours: bool) -> dict[str, np.ndarray]:
        weights = [keras.Variable(value, name=f"w{i}") for i, value in enumerate(start)]
        factors = [WeightFactors(rate=rate) for rate in (2.0, 3.0, 1.0)]
        optimizer = make_optimizer(chosen, weights, factors)
        apply = in_one_kernel(optimizer, chosen.optimizer, factors) if ours else optimizer.apply
        step = tf.function(lambda *gradients: apply(list(gradients), weights), jit_compile=compiled)
        for number, gradients in enumerate(steps):
            optimizer.learning_rate.assign(0.01 * (number + 1))
            step(*map(tf.constant, gradients))
        return {
            variable.path.split("/")[-1]: np.asarray(variable)
            for variable in (*weights, *optimizer.variables)
        }

    expected, actual = end(ours=False), end(ours=True)
    assert list(actual) == list(expected)
    assert not np.allclose(actual["w0"], start[0], atol=0.1)
    for path, expected_values in expected.items():
        np.testing.assert_allclose(
            actual[path],
            expected_values,
            rtol=0,
            atol=CLOSE[settings["kind"]] * np.abs(expected_values).max(),
            err_msg=path,
        )
