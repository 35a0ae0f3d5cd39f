"""Losses and shares of heads of every kind, against those of Keras."""

from typing import Any

import numpy as np
import pytest

from archcompile.api import compile_text
from archcompile.data.dataset import Dataset
from archcompile.engine.epoch_order import batches, order
from archcompile.engine.image_statistics import statistics
from archcompile.ops import REGISTRY
from tests.engine.epochs import epoch_of
from tests.ops.rows import ROWS
from tests.training.nets import recipe
from tests.training.test_heads import HEADS, dataset, spec_of

pytestmark = pytest.mark.keras


def loss_of(kind: str, smoothing: float, classes: int) -> Any:
    """Keras' loss of a kind of head, of labels as numbers."""
    import keras

    if classes == 2:
        return keras.losses.BinaryCrossentropy(label_smoothing=smoothing)
    inner = keras.losses.CategoricalCrossentropy(
        from_logits=kind == "logits", label_smoothing=smoothing
    )
    return lambda labels, outputs: inner(
        keras.ops.one_hot(keras.ops.reshape(labels, (-1,)), classes), outputs
    )


def check_evaluation(evaluator: Any, data: Dataset, classes: int) -> None:
    """Probabilities that sum to 1, and the figures that follow from them."""
    (probabilities,) = map(np.asarray, evaluator.predict(data.test))
    assert probabilities.shape == (12, classes)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    means, labels = evaluator.means(), data.test.labels
    assert means["accuracy"] == (probabilities.argmax(axis=1) == labels).mean()
    assert means["cross_entropy"] == pytest.approx(
        -np.log(probabilities[np.arange(12), labels]).mean(), rel=1e-4
    )


@pytest.mark.parametrize(
    ("kind", "smoothing"),
    [
        ("dense sigmoid", 0.1),
        ("mean of softmaxes", 0.0),
        ("logits", 0.1),
        pytest.param("softmax, view", 0.1, marks=pytest.mark.thorough),
        pytest.param("sigmoid", 0.0, marks=pytest.mark.thorough),
        pytest.param("mean of sigmoids", 0.1, marks=pytest.mark.thorough),
        pytest.param("average", 0.0, marks=pytest.mark.thorough),
    ],
)
def test_an_epoch_is_what_keras_does(kind: str, smoothing: float) -> None:
    import keras

    from archcompile.engine.tensorflow.devices import Devices
    from archcompile.engine.tensorflow.evaluator import Evaluator
    from archcompile.engine.tensorflow.lowering import lower_for_training
    from archcompile.engine.tensorflow.trainer import Trainer
    from archcompile.keras_model import values_of, variables_of

    steps, classes = HEADS[kind]
    graph, data = compile_text(spec_of(steps)), dataset(classes)
    chosen = recipe(
        augment={"shift": 0.0, "flip": "none"},
        label_smoothing=smoothing,
        optimizer={"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    )
    actual = statistics(data.train, chosen.preprocessing, (8, 8))
    ours, plain = (
        lower_for_training(graph, 3, "float32", devices=Devices.single(), kernels="portable")
        for _ in range(2)
    )
    trainer = Trainer(ours, chosen, data.train, statistics=actual, seed=5, devices=Devices.single())
    for _ in epoch_of(trainer, 0, lambda step: 0.1):
        pass
    accuracy = "binary_accuracy" if classes == 2 else "sparse_categorical_accuracy"
    plain.model.compile(
        keras.optimizers.SGD(0.1, 0.9), loss_of(kind, smoothing, classes), metrics=[accuracy]
    )
    images = data.train.images.astype("float32") / 255 - actual.mean
    parts = [
        plain.model.train_on_batch(images[rows], data.train.labels[rows][:, None], return_dict=True)
        for rows in batches(order(5, 0, 40), 16)
    ]
    means, sizes = trainer.means(), [16, 16, 8]
    for name, key in (("loss", "loss"), ("accuracy", accuracy)):
        assert means[name] == pytest.approx(
            sum(logs[key] * n for logs, n in zip(parts, sizes, strict=True)) / 40, abs=1e-5
        )
    for name, array in values_of(variables_of(ours.model)).items():
        np.testing.assert_allclose(
            array, values_of(variables_of(plain.model))[name], atol=1e-5, err_msg=name
        )
    evaluator = Evaluator(ours.model, chosen, actual, output=ours.output, devices=Devices.single())
    check_evaluation(evaluator, data, classes)


@pytest.mark.parametrize(
    ("head", "expected"),
    [("sigmoid", 80.0), ("softmax", 80.0), ("mean of sigmoids", -np.log(1e-7))],
)
def test_the_loss_of_a_hopeless_image(head: str, expected: float) -> None:
    """From the logits where a softmax or sigmoid stands last; of a mean there are none, and Keras'
    limit holds.
    """
    import tensorflow as tf

    from archcompile.analyses.heads import head as head_of
    from archcompile.engine.tensorflow.losses import CrossEntropy

    graph = compile_text(spec_of(HEADS[head][0]))
    model = graph.to_keras()
    layer = model.get_layer("head_conv1" if "mean" in head else "head_dense1")
    layer.kernel.assign(tf.zeros_like(layer.kernel))
    layer.bias.assign([80.0] + [0.0] * (layer.bias.shape[0] - 1))
    loss = CrossEntropy(model, head_of(graph).output)
    label = 1 if head == "softmax" else 0

    @tf.function
    def lost(images: tf.Tensor) -> tf.Tensor:
        return loss(tf.constant([label], tf.int64), model(images, training=True))

    assert float(lost(tf.zeros((1, 8, 8, 1)))[0]) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    "kind",
    [kind for kind in sorted(ROWS) if REGISTRY[kind].arity == (1, 1) and kind != "activation"],
)
def test_what_averages_keeps_shares(kind: str) -> None:
    """Shares that add up to 1 still do behind each op that says so, in training too."""
    import keras

    from archcompile.keras_model.build import realise

    random = np.random.default_rng(1)
    for row in ROWS[kind][0]:
        op = REGISTRY[kind](**row.attributes).lower()[-1]
        pieces = op.pieces(*row.inputs)
        if not op.is_averaging(*row.inputs) or len(pieces) > 1:
            continue
        (shape,) = row.inputs
        shares = random.dirichlet(np.ones(shape[-1]), (4, *shape[:-1])).astype("float32")
        behind = np.asarray(
            keras.Sequential([realise(pieces[0].call, keras)])(shares, training=True)
        )
        assert behind.min() >= 0
        np.testing.assert_allclose(behind.sum(axis=-1), 1, rtol=1e-5)
