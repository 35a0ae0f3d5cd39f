"""Optimizers, decoupled weight decay and rates of parts against their papers' formulas in numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.training.nets import recipe

pytestmark = pytest.mark.keras

Array = np.ndarray
Formula = Callable[..., Array]  # weight, gradients, decay, rate -> weight
RATE, DECAY, CLOSE = 1e-2, 0.1, 2e-5


def sgd(weight: Array, gradients: list[Array], decay: float, *, rate: float) -> Array:
    """Loshchilov and Hutter 2019, algorithm 1, the momentum of Sutskever et al. 2013."""
    moment = np.zeros_like(weight)
    for gradient in gradients:
        weight = weight * (1 - rate * decay)
        moment = 0.9 * moment - rate * gradient
        weight = weight + moment
    return weight


def adam_steps(gradients: list[Array], epsilon: float) -> list[Array]:
    """The steps of Adam at rate 1; Keras corrects the mean and the divisor together."""
    mean = square = np.zeros_like(gradients[0])
    steps = []
    for number, gradient in enumerate(gradients, 1):
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        factor = np.sqrt(1 - 0.999**number) / (1 - 0.9**number)
        steps.append(factor * mean / (np.sqrt(square) + epsilon))
    return steps


def adam(weight: Array, gradients: list[Array], decay: float, *, rate: float) -> Array:
    """Loshchilov and Hutter 2019, algorithm 2: AdamW."""
    for step in adam_steps(gradients, 1e-7):
        weight = weight * (1 - rate * decay) - rate * step
    return weight


def lamb(weight: Array, gradients: list[Array], decay: float, *, rate: float) -> Array:
    """You et al. 2019, algorithm 2, with the length itself as phi."""
    for direction in adam_steps(gradients, 0.0):
        step = direction + decay * weight
        lengths = np.linalg.norm(weight), np.linalg.norm(step)
        ratio = lengths[0] / lengths[1] if all(lengths) else 1.0
        weight = weight - rate * ratio * step
    return weight


def lion(weight: Array, gradients: list[Array], decay: float, *, rate: float) -> Array:
    """Chen et al. 2023, algorithm 2."""
    mean = np.zeros_like(weight)
    for gradient in gradients:
        step = np.sign(0.9 * mean + 0.1 * gradient)
        weight = weight - rate * (step + decay * weight)
        mean = 0.99 * mean + 0.01 * gradient
    return weight


def rmsprop(weight: Array, gradients: list[Array], decay: float, *, rate: float) -> Array:
    """As TensorFlow's papers use it, epsilon within the root: Tan and Le 2019, section 5.2."""
    square = moment = np.zeros_like(weight)
    for gradient in gradients:
        weight = weight * (1 - rate * decay)
        square = 0.9 * square + 0.1 * gradient**2
        moment = 0.9 * moment + rate * gradient / np.sqrt(square + 1e-3)
        weight = weight - moment
    return weight


CASES: dict[str, tuple[dict[str, Any], Formula]] = {
    "sgd": ({"momentum": 0.9}, sgd),
    "adam": ({}, adam),
    "lamb": ({"epsilon": 1e-12}, lamb),
    "lion": ({}, lion),
    "rmsprop": ({"momentum": 0.9, "epsilon": 1e-3}, rmsprop),
}
WAYS = "keras", "fused"
ALIKE = (1.0, 1.0, 1.0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("decay", "rates"), [(0.0, ALIKE), (DECAY, ALIKE), (DECAY, (3.0, 0.5, 1.0))]
)
@pytest.mark.parametrize("kind", CASES)
def test_ten_steps_are_those_of_the_paper(
    kind: str, decay: float, rates: tuple[float, ...], way: str
) -> None:
    """Of a kernel, which decays, a bias, which does not, and a weight of zeros."""
    from archcompile.engine import WeightFactors, make_optimizer
    from archcompile.engine.tensorflow.fused_optimizer import in_one_kernel
    from archcompile.quiet import load_keras, load_tensorflow

    keras, tf = load_keras(), load_tensorflow()
    settings, formula = CASES[kind]
    chosen = recipe(optimizer={"kind": kind, "learning_rate": RATE, **settings})
    random = np.random.default_rng(1)
    start = [random.standard_normal((3, 3, 2, 4)), random.standard_normal(4), np.zeros(5)]

    def draw(weight: Array) -> Array:
        return random.standard_normal(weight.shape).astype("float32")

    gradients = [list(map(draw, start)) for _ in range(10)]
    weights = [keras.Variable(each.astype("float32"), name="w") for each in start]
    decays = [decay, 0.0, 0.0]
    pairs = zip(decays, rates, strict=True)
    factors = [WeightFactors(decay=each, rate=rate) for each, rate in pairs]
    optimizer = make_optimizer(chosen, weights, factors)
    apply = optimizer.apply
    if way == "fused":
        apply = in_one_kernel(optimizer, chosen.optimizer, factors)
    for step in gradients:
        apply(list(map(tf.constant, step)), weights)
    for place, weight in enumerate(weights):
        alone = [step[place] for step in gradients]
        expected = formula(start[place], alone, decays[place], rate=RATE * rates[place])
        np.testing.assert_allclose(np.asarray(weight), expected, atol=CLOSE, rtol=CLOSE)
