"""One update of the weights, as a TensorFlow function of our own that runs on one device or,
unchanged, under `tf.distribute`.

Order is a function of (seed, epoch) and augmentation of (seed, step), so a run's future depends on
its variables and the step number alone. `model.fit` repeats one order in every epoch under a global
seed, and cannot be resumed in this way.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import repeat
from math import ceil
from typing import Any

import tensorflow as tf

from archcompile.data import Split
from archcompile.engine import Statistics, batches, mirrored, order
from archcompile.engine.tensorflow.augment import augmented, cut, draws, with_flips
from archcompile.engine.tensorflow.devices import Devices
from archcompile.engine.tensorflow.feed import feed
from archcompile.engine.tensorflow.fused_optimizer import in_one_kernel
from archcompile.engine.tensorflow.losses import CrossEntropy, Penalty
from archcompile.engine.tensorflow.lowering import Lowered
from archcompile.engine.tensorflow.optimizer import make
from archcompile.engine.tensorflow.preprocess import preprocessor
from archcompile.engine.tensorflow.sums import Sums, of_batch
from archcompile.engine.tensorflow.variables import of_model
from archcompile.quiet import quiet_start
from archcompile.recipe import Recipe

Tensor = Any


class Trainer:
    """A model with all that training it needs."""

    def __init__(
        self,
        lowered: Lowered,
        recipe: Recipe,
        train: Split,
        *,
        found: Statistics,
        seed: int,
        devices: Devices,
    ) -> None:
        self.model, self.share, self.recipe, self.seed, self.devices = (
            lowered.model,
            lowered.share,
            recipe,
            seed,
            devices,
        )
        self.pictures, self.alternates = len(train), recipe.augment.flip == "alternating"
        self.feed = feed(train, devices)
        self.prepare = preprocessor(recipe.preprocessing, found)
        self.cross_entropy = CrossEntropy(self.model, lowered.output, recipe.label_smoothing)
        self.weights = self.model.trainable_variables
        self.penalty = Penalty(self.weights, recipe)
        with devices.strategy.scope():
            self.optimizer = make(recipe)
            self.optimizer.build(self.weights)
        # by an optimizer around the optimizer, which has steps left out
        scaled = recipe.precision == "mixed_float16"
        fused = lowered.fused and not scaled
        self.apply = (
            in_one_kernel(self.optimizer, recipe.optimizer) if fused else self.optimizer.apply
        )
        self.sums = Sums()
        self.warm = False  # whether a step has been done
        self.first_bad_step = tf.Variable(-1, dtype=tf.int64, name="first_bad_step")
        self._update = tf.function(self._drawn)
        self._compiled = tf.function(self._step, jit_compile=True) if recipe.xla else self._step

    @property
    def steps(self) -> int:
        """Steps of an epoch, the last and perhaps smaller one included."""
        return ceil(self.pictures / self.recipe.batch_size)

    def pictures_of(self, steps: int) -> int:
        """The pictures that the first so many steps of an epoch see."""
        return min(steps * self.recipe.batch_size, self.pictures)

    def epoch(self, number: int, first: int = 0) -> Iterator["Step"]:
        """The steps of an epoch, counted from 0, from step `first` of it on; each waits to be told
        its learning rate.
        """
        rows = order(self.seed, number, self.pictures)
        if not first:
            self.sums.reset()
        size = self.recipe.batch_size
        flips = (
            batches(mirrored(self.seed, number, rows)[first * size :], size)
            if self.alternates
            else repeat(None)
        )
        for index, (payload, flip) in enumerate(
            zip(self.feed.payloads(rows, size, first), flips, strict=False), start=first
        ):
            yield Step(
                self,
                payload if flip is None else (tf.constant(flip), *payload),
                number * self.steps + index,
            )

    def bad_step(self) -> int | None:
        """The first step, counted from 0 over the whole run, whose loss was not finite; None where
        all were.
        """
        step = int(self.first_bad_step.numpy())
        return None if step < 0 else step

    def variables(self) -> dict[str, Any]:
        """All variables by the name they have in a checkpoint."""
        counters = {**self.sums.variables, "first_bad_step": self.first_bad_step}
        moments = {
            f"optimizer/{index:04d}/{v.name}": v for index, v in enumerate(self.optimizer.variables)
        }
        return {
            **of_model(self.model),
            **moments,
            **{f"metrics/{name}": v for name, v in counters.items()},
        }

    def _drawn(self, payload: tuple[Tensor, ...], step: Tensor, rate: Tensor) -> None:
        """One update, its random numbers drawn outside of what XLA compiles: it has a generator of
        its own.
        """
        self.share.total = payload[-1].shape[0]
        numbers = draws(self.seed, step, self.share.total)
        if self.alternates:
            numbers, payload = with_flips(numbers, payload[0]), payload[1:]
        self._compiled(payload, numbers, step, rate=rate)

    def _step(
        self, payload: tuple[Tensor, ...], numbers: Tensor, step: Tensor, *, rate: Tensor
    ) -> None:
        """One update of all replicas; `numbers` are those of the global batch."""
        strategy = self.devices.strategy
        self.optimizer.learning_rate.assign(rate)
        found = strategy.run(self._replica, args=(self.feed.constants, payload, numbers))
        totals = {
            name: strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)
            for name, value in found.items()
        }
        self.sums.add(totals)
        bad = tf.logical_not(tf.math.is_finite(totals["cross_entropy"] + totals["l2"])) & (
            self.first_bad_step < 0
        )
        self.first_bad_step.assign(tf.where(bad, step, self.first_bad_step))

    def _replica(
        self, constants: Any, payload: tuple[Tensor, ...], numbers: Tensor
    ) -> dict[str, Tensor]:
        """The part of one replica: its pictures' gradients, summed over all by the optimizer;
        returns its part of the sums.
        """
        images, labels = self.feed.take(constants, payload, self.share)  # (b, H, W, C), (b,)
        start, stop = self.share.rows()
        numbers = numbers[start:stop]
        size = self.model.input_shape[1:3]
        images = augmented(
            self.prepare(cut(images, size, self.recipe.augment, numbers=numbers)),
            self.recipe.augment,
            numbers,
        )
        total, replicas = float(self.share.total), self.devices.replicas
        l2 = self.penalty.value()
        scale = self.optimizer.scale_loss(tf.ones([]))
        with tf.GradientTape() as tape:
            outputs = self.model(images, training=True)  # (b, classes), or (b, 1) of one sigmoid
            each = self.cross_entropy(labels, outputs)
            loss = tf.reduce_sum(each) / total * scale
        gradients = self.penalty.added(tape.gradient(loss, self.weights), scale / replicas)
        self.apply(self._summed(gradients, scale), self.weights)
        return {
            **of_batch(labels, self.cross_entropy.scores(outputs), each),
            "l2": tf.cast(l2, tf.float64) * (total / replicas),
        }

    def _summed(self, gradients: list[Tensor], scale: Tensor) -> list[Tensor]:
        """Gradients ready for the optimizer, which sums them over replicas.

        What looks at them all first, clipping and the search for infinities of float16, needs that
        sum itself; the optimizer then gets equal parts of it.
        """
        clip, replicas = self.recipe.clip_norm, self.devices.replicas
        together = replicas > 1 and (clip is not None or self.recipe.precision == "mixed_float16")
        if together:
            gradients = tf.distribute.get_replica_context().all_reduce(
                tf.distribute.ReduceOp.SUM, gradients
            )
        if clip is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, clip * scale)
        return [gradient / replicas for gradient in gradients] if together else gradients


class Step:
    """A step that waits: `number` counts from 0 over the whole run."""

    def __init__(self, trainer: Trainer, payload: tuple[Tensor, ...], number: int) -> None:
        self._trainer, self._payload, self.number = trainer, payload, number

    def __call__(self, rate: float) -> None:
        of = self._trainer
        number, learning_rate = tf.constant(self.number, tf.int64), tf.constant(rate, tf.float32)
        with (
            quiet_start() if of.recipe.xla and not of.warm else nullcontext()
        ):  # XLA logs when it compiles for the first time
            of._update(self._payload, number, learning_rate)
        of.warm = True
