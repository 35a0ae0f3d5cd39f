"""The step, the epoch and the evaluation, as TensorFlow functions of our own.

The pictures lie on the device as uint8; a step gathers its rows, prepares and augments them in the graph. Order is a
function of (seed, epoch) and augmentation of (seed, step), so a run's future depends on its variables and the step
number alone. `model.fit` repeats one order in every epoch under a global seed, and cannot be resumed in this way.
"""

from collections.abc import Iterator, Mapping
from math import ceil, isfinite, prod
from typing import Any

import numpy as np
import tensorflow as tf

from archcompile.data.dataset import Split
from archcompile.quiet import load_keras
from archcompile.train.augment import augmented, draws
from archcompile.train.optimizer import make
from archcompile.train.order import batches, order
from archcompile.train.preprocess import preprocessor
from archcompile.recipe.model import Recipe

Tensor = Any

EVALUATION_PIXELS = 512 * 32 * 32  # pixels of a batch in evaluation, where one picture is not larger than that


class Sums:
    """Sums over the pictures of an epoch, kept on the device and read when somebody wants to know."""

    def __init__(self) -> None:
        names = ("images", "cross_entropy", "l2", "correct")
        self.variables = {name: tf.Variable(0.0, dtype=tf.float64, name=name) for name in names}

    def reset(self) -> None:
        for variable in self.variables.values():
            variable.assign(0.0)

    def add(self, labels: Tensor, outputs: Tensor, cross_entropy: Tensor, l2: Tensor) -> None:
        """One batch: labels (B,), outputs (B, classes), the mean cross-entropy, and L2."""
        count = tf.cast(tf.shape(labels)[0], tf.float64)
        hits = tf.equal(tf.argmax(outputs, axis=-1, output_type=labels.dtype), labels)
        values = {"images": count, "cross_entropy": count * tf.cast(cross_entropy, tf.float64),
                  "l2": count * tf.cast(l2, tf.float64),
                  "correct": tf.reduce_sum(tf.cast(hits, tf.float64))}  # fmt: skip
        for name, value in values.items():
            self.variables[name].assign_add(value)

    def means(self) -> dict[str, float]:
        """`loss` (as Keras reports it: cross-entropy + L2), `cross_entropy`, `l2`, `accuracy`, per picture."""
        sums = {name: float(variable.numpy()) for name, variable in self.variables.items()}
        count = sums["images"] or 1.0
        cross_entropy, l2 = sums["cross_entropy"] / count, sums["l2"] / count
        return {"loss": cross_entropy + l2, "cross_entropy": cross_entropy, "l2": l2,
                "accuracy": sums["correct"] / count}  # fmt: skip


class Evaluator:
    """Runs a model over pictures without training it."""

    def __init__(self, model: Any, recipe: Recipe, mean: np.ndarray | None) -> None:
        self.model = model
        self.prepare = preprocessor(recipe.preprocessing, mean)
        self.batch = max(recipe.batch_size, EVALUATION_PIXELS // prod(model.input_shape[1:3]))
        self.losses = _Losses(model)
        self.sums = Sums()
        pictures, labels = tf.TensorSpec(model.input_shape, tf.uint8), tf.TensorSpec([None], tf.int64)
        self._step = tf.function(self._evaluate).get_concrete_function(pictures, labels)  # traced once, for any batch

    def evaluate(self, split: Split) -> Iterator[int]:
        """Goes through a split, yielding the pictures done so far; `sums.means()` has the outcome at the end."""
        done = 0
        for probabilities in self.predict(split):
            done += len(probabilities)
            yield done

    def predict(self, split: Split) -> Iterator[Tensor]:
        """The same, yielding the probabilities (B, classes) of every batch: the outputs, or the softmax of logits."""
        self.sums.reset()
        for start in range(0, len(split.labels), self.batch):
            part = slice(start, start + self.batch)
            yield self._step(tf.constant(split.images[part]), tf.constant(split.labels[part]))

    def _evaluate(self, images: Tensor, labels: Tensor) -> Tensor:
        outputs = self.model(self.prepare(images), training=False)
        self.sums.add(labels, outputs, *self.losses(labels, outputs))
        return tf.nn.softmax(outputs) if self.losses.from_logits else outputs


class Trainer:
    """A model with all that training it needs."""

    def __init__(self, model: Any, recipe: Recipe, train: Split, mean: np.ndarray | None, seed: int) -> None:
        self.model, self.recipe, self.seed = model, recipe, seed
        self.images, self.labels = tf.constant(train.images), tf.constant(train.labels)
        self.prepare = preprocessor(recipe.preprocessing, mean)
        self.losses = _Losses(model)
        self.optimizer = make(recipe.optimizer)
        self.optimizer.build(model.trainable_variables)
        self.sums = Sums()
        self.first_bad_step = tf.Variable(-1, dtype=tf.int64, name="first_bad_step")
        self._step = tf.function(self._train)

    @property
    def steps(self) -> int:
        """Steps of an epoch, the last and perhaps smaller one included."""
        return ceil(len(self.labels) / self.recipe.batch_size)

    def epoch(self, number: int, rate: float) -> Iterator[int]:
        """One epoch, counted from 0, at one learning rate, yielding the steps done so far."""
        self.sums.reset()
        self.optimizer.learning_rate.assign(rate)
        rows = order(self.seed, number, len(self.labels))
        for index, batch in enumerate(batches(rows, self.recipe.batch_size)):
            self._step(tf.constant(batch), tf.constant(number * self.steps + index, tf.int64))
            yield index + 1

    def bad_step(self) -> int | None:
        """The first step, counted from 0 over the whole run, whose loss was not finite; None where all were."""
        step = int(self.first_bad_step.numpy())
        return None if step < 0 else step

    def variables(self) -> dict[str, Any]:
        """All variables by the name they have in a checkpoint."""
        counters = {**self.sums.variables, "first_bad_step": self.first_bad_step}
        moments = {f"optimizer/{index:04d}/{v.name}": v for index, v in enumerate(self.optimizer.variables)}
        return {**of_model(self.model), **moments, **{f"metrics/{name}": v for name, v in counters.items()}}

    def _train(self, rows: Tensor, step: Tensor) -> None:
        """One update from the rows (B,) of the training set."""
        images = self.prepare(tf.gather(self.images, rows))  # (B, H, W, C)
        images = augmented(images, self.recipe.augment, draws(self.seed, step, rows.shape[0]))
        labels = tf.gather(self.labels, rows)  # (B,)
        with tf.GradientTape() as tape:
            outputs = self.model(images, training=True)  # (B, classes)
            cross_entropy, l2 = self.losses(labels, outputs)
            loss = cross_entropy + l2
        trained = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, trained), trained)
        self.sums.add(labels, outputs, cross_entropy, l2)
        bad = tf.logical_and(tf.logical_not(tf.math.is_finite(loss)), self.first_bad_step < 0)
        self.first_bad_step.assign(tf.where(bad, step, self.first_bad_step))


class _Losses:
    """The two parts of the loss: mean cross-entropy of a batch, and the sum of the model's L2 terms."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.keras = load_keras()
        self.from_logits = not ends_in_softmax(model, self.keras)

    def __call__(self, labels: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        each = self.keras.ops.sparse_categorical_crossentropy(labels, outputs, from_logits=self.from_logits)
        l2 = tf.add_n(self.model.losses) if self.model.losses else tf.zeros([])
        return tf.reduce_mean(each), l2


def ends_in_softmax(model: Any, keras: Any) -> bool:
    """Whether the model puts out probabilities; else they are taken as logits."""
    last = model.get_layer(model.output_names[0])
    return isinstance(last, keras.layers.Softmax) or getattr(last, "activation", None) is keras.activations.softmax


def finite(means: Mapping[str, float]) -> bool:
    return all(map(isfinite, means.values()))


def of_model(model: Any) -> dict[str, Any]:
    """A model's variables as `model/LAYER/NAME`, the states of seed generators among them.

    Not by `variable.path`: a seed generator's has a number in it that counts those made before in the process.
    """
    found = {f"model/{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.variables}
    if len(found) != len(model.variables):
        raise RuntimeError(f"{len(model.variables)} variables have {len(found)} names")
    return found


def arrays(variables: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The values of variables, as numpy arrays of the same dtype and shape."""
    return {name: np.asarray(variable.numpy()) for name, variable in variables.items()}


def assign(variables: Mapping[str, Any], values: Mapping[str, np.ndarray]) -> None:
    for name, variable in variables.items():
        variable.assign(values[name])
