"""Losses and class weights against Keras' and numpy's, from logits and from probabilities."""

from typing import Any

import numpy as np
import pytest

from archcompile.engine import LossTerms, class_weights
from archcompile.recipe import Recipe

pytestmark = pytest.mark.keras

CLASSES, COUNT = 4, 7
RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(0.0, 2.0, (COUNT, CLASSES)).astype(np.float32)
LABELS = RANDOM.integers(0, CLASSES, COUNT)
SEVERAL = RANDOM.integers(0, 2, (COUNT, CLASSES))
WEIGHTS = np.array([0.5, 1.0, 2.0, 3.0], np.float32)
RECIPE = {
    "archc": 1,
    "name": "x",
    "batch_size": 4,
    "epochs": 1,
    "optimizer": {"kind": "sgd", "learning_rate": 0.1},
}
FOCAL: dict[str, Any] = {"gamma": 2.0}
ALPHA = {"gamma": 1.5, "alpha": 0.25}


def terms(
    focal: dict[str, Any] | None, smoothing: float, weights: np.ndarray | None = None
) -> LossTerms:
    recipe = {**RECIPE, "loss": {"focal": focal}, "label_smoothing": smoothing}
    return LossTerms.of(Recipe.model_validate(recipe), weights)


def graph_of(activation: str, units: int = CLASSES) -> Any:
    """A model that is an activation."""
    import keras

    return keras.Sequential([keras.Input((units,)), keras.layers.Activation(activation)])


def loss(output: str, activation: str, labels: np.ndarray, *, of: LossTerms) -> np.ndarray:
    """Of the logits in a graph, behind an activation, as in a step."""
    import tensorflow as tf

    from archcompile.engine.tensorflow.losses import CrossEntropy

    units = 1 if output == "sigmoid" else CLASSES
    model = graph_of(activation, units)
    cross_entropy = CrossEntropy(model, output, of)  # type: ignore[arg-type]

    @tf.function
    def lost(logits: tf.Tensor) -> tf.Tensor:
        return cross_entropy(tf.constant(labels), model(logits))

    return np.asarray(lost(LOGITS[:, :units]))


def keras_categorical(focal: dict[str, Any], smoothing: float) -> np.ndarray:
    import keras

    reference = keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0,
        gamma=focal["gamma"],
        from_logits=True,
        label_smoothing=smoothing,
        reduction=None,
    )
    return np.asarray(reference(np.eye(CLASSES, dtype="float32")[LABELS], LOGITS))


def keras_binary(
    targets: np.ndarray, logits: np.ndarray, focal: dict[str, Any] | None, *, smoothing: float
) -> np.ndarray:
    import keras

    given = {"from_logits": True, "label_smoothing": smoothing, "reduction": None}
    if focal is None:
        return np.asarray(keras.losses.BinaryCrossentropy(**given)(targets, logits))
    alpha = focal.get("alpha")
    reference = keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=alpha is not None,
        **({} if alpha is None else {"alpha": alpha}),
        gamma=focal["gamma"],
        **given,
    )
    return np.asarray(reference(targets, logits))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_focal_of_a_softmax_is_that_of_keras(smoothing: float) -> None:
    actual = loss("probabilities", "softmax", LABELS, of=terms(FOCAL, smoothing))
    np.testing.assert_allclose(actual, keras_categorical(FOCAL, smoothing), rtol=1e-5)
    bare = loss("logits", "linear", LABELS, of=terms(FOCAL, smoothing))
    np.testing.assert_allclose(bare, actual, rtol=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("focal", [None, FOCAL, ALPHA])
def test_sigmoids_are_those_of_keras(focal: dict[str, Any] | None, smoothing: float) -> None:
    of = terms(focal, smoothing)
    several = loss("sigmoids", "sigmoid", SEVERAL, of=of)
    expected = keras_binary(SEVERAL.astype("float32"), LOGITS, focal, smoothing=smoothing)
    np.testing.assert_allclose(several, expected, rtol=1e-5)
    single = loss("sigmoid", "sigmoid", LABELS % 2, of=of)
    targets = (LABELS % 2)[:, None].astype("float32")
    expected = keras_binary(targets, LOGITS[:, :1], focal, smoothing=smoothing)
    np.testing.assert_allclose(single, expected, rtol=1e-5)


def test_one_class_of_sigmoids_is_smoothed_over_all() -> None:
    """As in timm, whose targets are 1 - s + s / classes and s / classes (RSB A1)."""
    targets = np.eye(CLASSES)[LABELS] * 0.9 + 0.1 / CLASSES
    shares = 1 / (1 + np.exp(-LOGITS.astype(np.float64)))
    expected = -(targets * np.log(shares) + (1 - targets) * np.log(1 - shares)).mean(axis=1)
    actual = loss("sigmoids", "sigmoid", LABELS, of=terms(None, 0.1))
    np.testing.assert_allclose(actual, expected, rtol=1e-5)


def test_class_weights_are_those_of_each_image() -> None:
    for output, activation in (("probabilities", "softmax"), ("sigmoids", "sigmoid")):
        plain = loss(output, activation, LABELS, of=terms(None, 0.1))
        weighed = loss(output, activation, LABELS, of=terms(None, 0.1, WEIGHTS))
        np.testing.assert_allclose(weighed, plain * WEIGHTS[LABELS], rtol=1e-5)


def test_weights_of_several_labels_are_of_those_that_are_there() -> None:
    """As `pos_weight` of TensorFlow's own function."""
    import tensorflow as tf

    each = tf.nn.weighted_cross_entropy_with_logits(SEVERAL.astype("float32"), LOGITS, WEIGHTS)
    actual = loss("sigmoids", "sigmoid", SEVERAL, of=terms(None, 0.0, WEIGHTS))
    np.testing.assert_allclose(actual, each.numpy().mean(axis=1), rtol=1e-5)


def test_a_hopeless_image_has_a_gradient() -> None:
    """The logits count, not probabilities that are limited."""
    import tensorflow as tf

    from archcompile.engine.tensorflow.losses import CrossEntropy

    model = graph_of("sigmoid")
    logits, labels = tf.constant([[-60.0, 60.0, 60.0, 60.0]]), tf.constant([0])
    cross_entropy = CrossEntropy(model, "sigmoids", terms(FOCAL, 0.0))

    @tf.function
    def slope() -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(logits)
            lost = cross_entropy(labels, model(logits))
        return tape.gradient(lost, logits)

    np.testing.assert_allclose(slope(), [[-0.25, 0.25, 0.25, 0.25]], rtol=1e-4)


def weights_of(given: Any, labels: np.ndarray) -> np.ndarray | None:
    recipe = Recipe.model_validate({**RECIPE, "loss": {"class_weights": given}})
    return class_weights(recipe, labels, "abc")


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.array([0] * 5 + [1] * 3 + [2] * 2)
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(weights_of("balanced", labels), expected, rtol=1e-6)
    several = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_allclose(weights_of("balanced", several), [1 / 3, 3.0, 3.0], rtol=1e-6)
    np.testing.assert_allclose(weights_of({"b": 2.5}, labels), [1.0, 2.5, 1.0])
    assert weights_of(None, labels) is None
