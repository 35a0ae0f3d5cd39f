"""The training loop, from the order of the images to the updated weights.

`Trainer.run` runs in Python: the order of the images, their batches, the learning rate. Each of its
steps is one compiled update: `_update_all` sees the global batch, `_update_replica` the part of it
on one device. They stand below each other, in the order in which things happen.

The order is a function of (seed, epoch) and augmentation one of (seed, step), both drawn on the
host, so a run's future depends on its variables and the step number alone. Keras' `model.fit`
repeats one order in every epoch under a global seed, and cannot be resumed in this way.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from archcompile.data import Split
from archcompile.engine import (
    Draws,
    LossTerms,
    MixedLabels,
    Statistics,
    Teacher,
    draw_augmentation,
    loss_of,
    main_labels,
    make_optimizer,
    parts_of,
    weight_factors,
)
from archcompile.engine.tensorflow.accumulation import in_parts
from archcompile.engine.tensorflow.augment import draw_on_device
from archcompile.engine.tensorflow.averages import Averages, average_tensors
from archcompile.engine.tensorflow.devices import Devices
from archcompile.engine.tensorflow.evaluator import Evaluator
from archcompile.engine.tensorflow.flat_weights import FlatWeights, Slots
from archcompile.engine.tensorflow.fused_optimizer import group_keys, in_one_kernel
from archcompile.engine.tensorflow.losses import CrossEntropy, Penalty
from archcompile.engine.tensorflow.lowering import Lowered
from archcompile.engine.tensorflow.process_sums import ProcessSums
from archcompile.engine.tensorflow.step_pictures import StepPictures
from archcompile.engine.tensorflow.sums import Sums, of_batch
from archcompile.engine.tensorflow.teacher import TeacherModel
from archcompile.errors import MissingError
from archcompile.keras_model import assign, settle, values_of, variables_of
from archcompile.quiet import quiet_start
from archcompile.recipe import Recipe

Tensor = Any
LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.DeadlineExceededError)
UNCOMPILED = (
    tf.errors.InternalError,
    tf.errors.InvalidArgumentError,
    tf.errors.NotFoundError,
    tf.errors.UnimplementedError,
)
Batch = tuple[Tensor, ...]  # what the feed yields for a step


class Trainer:
    """A model with all that training it needs; see `archcompile.engine.Trainer`."""

    steps_at_once = 1

    def __init__(
        self,
        lowered: Lowered,
        recipe: Recipe,
        train: Split,
        *,
        statistics: Statistics,
        seed: int,
        devices: Devices,
        is_xla: bool = False,
        weights_of_classes: np.ndarray | None = None,
        teacher: Teacher | None = None,
    ) -> None:
        self.recipe, self.devices, self.is_xla = recipe, devices, is_xla
        self.statistics, self.output = statistics, lowered.output
        self.model, self.share = lowered.model, lowered.share
        self.pictures = StepPictures(
            recipe,
            train,
            statistics=statistics,
            size=self.model.input_shape[1:3],
            seed=seed,
            devices=devices,
        )
        self.batches, self.feed = self.pictures.batches, self.pictures.feed
        self.inputs = self.pictures.inputs
        terms = LossTerms.of(recipe, weights_of_classes)
        self.cross_entropy = CrossEntropy(self.model, self.output, terms)
        self.weights = self.model.trainable_variables
        # in float16 an optimizer around the optimizer scales the loss, and may leave steps out
        is_fused = lowered.is_fused and recipe.precision != "mixed_float16"
        factors = [weight_factors(weight, recipe) for weight in self.weights]
        alone = [None] * len(self.weights)
        keys = group_keys(self.weights, factors, recipe.optimizer) if is_fused else alone
        self.flat = FlatWeights(self.weights, keys)
        self.penalty = Penalty(self.flat.vectors, self.flat.first_of(factors))
        with devices.strategy.scope():
            self.optimizer = make_optimizer(recipe, self.weights, factors)
            names = [variable.name for variable in self.optimizer.variables]
            if self.flat.is_shared:
                self.optimizer = make_optimizer(
                    recipe, self.flat.vectors, self.flat.first_of(factors)
                )
            self.averages = Averages(self.flat, self.weight_names() if recipe.average else ())
            self.teacher = None
            if teacher is not None and recipe.distill is not None:
                self.teacher = TeacherModel(teacher, recipe.distill, recipe, statistics=statistics)
        self.slots = Slots(self.optimizer, self.flat, names)
        self.apply = self.optimizer.apply
        if is_fused:
            shared = self.flat.first_of(factors)
            self.apply = in_one_kernel(self.optimizer, recipe.optimizer, shared)
        self.sums = Sums()
        self.first_bad_step = tf.Variable(-1, dtype=tf.int64, name="first_bad_step")
        self.process_sums = ProcessSums(devices)
        self.is_compiled = False  # whether a step has been done
        self._update = tf.function(
            self._update_all,
            autograph=False,  # nothing branches on a tensor: translating the code takes seconds
            jit_compile=True if is_xla else None,
        )

    # ---- the loop ----

    def run(self, step: int, rates: Sequence[float], shares: Sequence[float] = ()) -> int:
        """Does steps from number `step` on, one for each rate, to the end of its epoch."""
        if step % self.steps == 0:
            self.sums.reset()
        done = 0
        for payload, numbers in self.inputs.take(step, len(rates)):
            share = shares[done] if shares else 0.0
            self.step(payload, numbers, step + done, rate=rates[done], share=share)
            done += 1
        return done

    def step(
        self, batch: Batch, numbers: np.ndarray, number: int, *, rate: float, share: float = 0.0
    ) -> None:
        """One update of the weights, compiled the first time."""
        step = tf.constant(number, tf.int64)
        factors = {"rate": tf.constant(rate, tf.float32), "share": tf.constant(share, tf.float32)}
        # XLA logs when it compiles
        is_noisy = self.is_xla and not self.is_compiled
        with quiet_start() if is_noisy else nullcontext():
            try:
                self._update(batch, tf.constant(numbers), step, **factors)
            except UNCOMPILED as error:
                if not is_noisy:
                    raise
                raise MissingError(
                    f"XLA cannot compile the step here: {error.message.splitlines()[0]}",
                    hint="train without it: --kernels fused, and no `xla: true` in the recipe",
                ) from error
        self.is_compiled = True

    # ---- what is compiled ----

    def _update_all(
        self, batch: Batch, numbers: Tensor, step: Tensor, *, rate: Tensor, share: Tensor
    ) -> None:
        """One update of all replicas; `numbers` (B, 5) are those of the global batch."""
        strategy, self.share.total = self.devices.strategy, batch[-1].shape[0]
        self.optimizer.learning_rate.assign(rate)
        parts = strategy.run(self._update_replica, args=(self.feed.constants, batch, numbers))
        totals = {
            name: strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)
            for name, value in parts.items()
        }
        self.averages.take(share, strategy)
        self.sums.add(totals)
        is_finite = tf.math.is_finite(totals["cross_entropy"] + totals["l2"])
        is_first_bad = tf.logical_not(is_finite) & (self.first_bad_step < 0)
        self.first_bad_step.assign(tf.where(is_first_bad, step, self.first_bad_step))

    def _update_replica(self, constants: Any, batch: Batch, numbers: Tensor) -> dict[str, Tensor]:
        """The part of one replica, of b images; returns its part of the sums."""
        images, labels = self.pictures.take(constants, batch, numbers, share=self.share)
        total, replicas = float(self.share.total), self.devices.replicas
        l2 = self.penalty.value()
        scale = self.optimizer.scale_loss(tf.ones([]))
        gradients, sums = in_parts(
            partial(self._gradients, total=total, scale=scale),
            images,
            labels,
            share=self.share,
            parts=parts_of(self.recipe, self.share.total, replicas),
        )
        gradients = self.penalty.add_gradients(gradients, scale / replicas)
        gradients = self._clip(gradients, scale)
        # update: the optimizer sums over replicas
        self.apply(gradients, self.flat.vectors)
        self.flat.scatter()
        # bookkeeping
        return {**sums, "l2": tf.cast(l2, tf.float64) * (total / replicas)}

    def _gradients(
        self, images: Tensor, labels: Tensor | MixedLabels, *, total: float, scale: Tensor
    ) -> tuple[list[Tensor | None], dict[str, Tensor]]:
        """The gradients of what images (b, H, W, C) add to the loss, and the sums over them."""
        targets = None if self.teacher is None else self.teacher.targets(images)
        with tf.GradientTape() as tape:
            # forward pass: (b, classes), or (b, 1) of one sigmoid
            outputs = self.model(images, training=True)
            # loss: the mean over the global batch, (b,) summed
            losses = loss_of(self.cross_entropy, labels, outputs)
            if self.teacher is not None:
                losses = self.teacher.distil(
                    self.cross_entropy, losses, outputs=outputs, targets=targets
                )
            loss = tf.reduce_sum(losses) / total * scale
        # gradient
        gradients = self.flat.gather(tape.gradient(loss, self.weights))
        scores = self.cross_entropy.scores(outputs)
        return gradients, of_batch(main_labels(labels), scores, losses)

    def _clip(self, gradients: list[Tensor], scale: Tensor) -> list[Tensor]:
        """Gradients ready for the optimizer, which sums them over replicas.

        What looks at all of them first, clipping and the search for infinities of float16, needs
        that sum itself; the optimizer then gets equal parts of it.
        """
        clip, replicas = self.recipe.clip_norm, self.devices.replicas
        needs_sum = clip is not None or self.recipe.precision == "mixed_float16"
        is_summed = replicas > 1 and needs_sum
        if is_summed:
            gradients = tf.distribute.get_replica_context().all_reduce(
                tf.distribute.ReduceOp.SUM, gradients
            )
        if clip is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, clip * scale)
        return [gradient / replicas for gradient in gradients] if is_summed else gradients

    # ---- what is asked of it between steps ----

    @property
    def steps(self) -> int:
        """Steps per epoch, the last and perhaps smaller batch included."""
        return self.batches.steps

    def images_in(self, steps: int) -> int:
        """The number of images that the first `steps` of an epoch see."""
        return self.batches.images_in(steps)

    def means(self) -> dict[str, float]:
        """The figures of the epoch so far, per image."""
        return self.sums.means()

    def bad_step(self) -> int | None:
        """The first step whose loss was not finite, None where all were."""
        step = int(self.first_bad_step.numpy())
        return None if step < 0 else step

    def is_lost_process(self, error: Exception) -> bool:
        """Whether another process of the training is gone."""
        return isinstance(error, LOST)

    def is_of_framework(self, error: Exception) -> bool:
        """Whether TensorFlow has raised this error, while it computed."""
        return isinstance(error, tf.errors.OpError)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a device has too little memory."""
        return isinstance(error, tf.errors.ResourceExhaustedError)

    def variables(self) -> dict[str, Any]:
        """All variables but the optimizer's by the name they have in a checkpoint."""
        counters = {**self.sums.variables, "first_bad_step": self.first_bad_step}
        metrics = {f"metrics/{name}": variable for name, variable in counters.items()}
        return {**variables_of(self.model), **metrics}

    def tensors(self) -> dict[str, np.ndarray]:
        """Copies of all variables by the name they have in a checkpoint."""
        return {**values_of(self.variables()), **self.slots.read(), **self.averages.read()}

    def weight_names(self) -> list[str]:
        """What the weights are called in a checkpoint, in their order."""
        names = {id(variable): name for name, variable in variables_of(self.model).items()}
        return [names[id(weight)] for weight in self.weights]

    def average_tensors(self, images: int) -> dict[str, np.ndarray]:
        """The model's tensors with averaged weights, and statistics of norms that fit them."""
        return average_tensors(self, images)

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Gives variables the values of these tensors; those not named keep theirs."""
        slots, averages = self.slots.read(), self.averages.read()
        beside = {**slots, **averages}
        variables = self.variables()
        assign({name: variables[name] for name in tensors if name not in beside}, tensors)
        self.slots.write({name: tensors.get(name, value) for name, value in slots.items()})
        self.averages.write({name: tensors.get(name, value) for name, value in averages.items()})
        self.flat.gather_weights()
        settle(self.model)

    def sum_over_processes(self, values: Sequence[float]) -> list[float]:
        """The sums of numbers over all processes, which must all call this at the same step."""
        return self.process_sums(values)

    def draw_as(self, draws: Draws) -> None:
        """Draws the numbers of augmentation on the host, or as older runs do."""
        self.inputs.draw = {"host": draw_augmentation, "device": draw_on_device}[draws]

    def evaluator(self) -> Evaluator:
        """What scores the model in training, with the weights that it has then."""
        return Evaluator(
            self.model, self.recipe, self.statistics, output=self.output, devices=self.devices
        )
