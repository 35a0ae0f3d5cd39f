"""The training loop under JAX, from the order of the images to the updated weights.

`Trainer.run` runs in Python: the order of the images, their batches, random numbers, the learning
rate. Each of its steps is one compiled function from a state to the next, `update`, in which
things stand below each other in the order in which they happen. Accelerators do several steps in
one go, in `several_steps`. The state is a tuple of four lists, always: with another kind of
container the step would be compiled again. Its arrays are variables, or `stacks` of them, which
checkpoints know nothing of.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils

from archcompile.analyses import HeadOutput
from archcompile.data import Split
from archcompile.engine import (
    Draws,
    LossTerms,
    MixedLabels,
    Statistics,
    Teacher,
    loss_of,
    main_labels,
    means_of,
    parts_of,
)
from archcompile.engine.jax.accumulation import in_parts
from archcompile.engine.jax.averages import average_tensors
from archcompile.engine.jax.devices import Devices
from archcompile.engine.jax.evaluator import Evaluator, Weights
from archcompile.engine.jax.failures import is_status, means_full, means_lost
from archcompile.engine.jax.losses import CrossEntropy, Penalty
from archcompile.engine.jax.lowering import Lowered
from archcompile.engine.jax.optimizer import Optimizer
from archcompile.engine.jax.segments import forward_pass
from archcompile.engine.jax.several_steps import SeveralSteps
from archcompile.engine.jax.step_pictures import StepPictures
from archcompile.engine.jax.step_state import State, StateLayout
from archcompile.engine.jax.sums import Sums
from archcompile.engine.jax.teacher import TeacherModel
from archcompile.errors import UsageError
from archcompile.keras_model import recursion_for, saved_value
from archcompile.quiet import quiet_start
from archcompile.recipe import Recipe

STDOUT = 1  # the file descriptor
Array = Any
AT_ONCE = 64  # steps, of which an accelerator does as many without the host, in one loop


class Trainer:
    """A model with all that training it needs; see `archcompile.engine.Trainer`."""

    def __init__(
        self,
        lowered: Lowered,
        recipe: Recipe,
        train: Split,
        *,
        output: HeadOutput,
        statistics: Statistics,
        seed: int,
        devices: Devices,
        is_recomputed: bool,
        is_looped: bool,
        weights_of_classes: np.ndarray | None = None,
        teacher: Teacher | None = None,
    ) -> None:
        self.graph, self.model, self.last = lowered.graph, lowered.model, lowered.last
        self.recipe, self.devices = recipe, devices
        self.statistics, self.output = statistics, output
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
        weights = self.model.trainable_variables
        self.forward = forward_pass(
            self.graph, self.model, is_recomputed=is_recomputed, is_looped=is_looped
        )
        terms = LossTerms.of(recipe, weights_of_classes)
        self.cross_entropy = CrossEntropy(output, lowered.last, terms)
        self.teacher = None
        if teacher is not None and recipe.distill is not None:
            self.teacher = TeacherModel(
                teacher, recipe.distill, recipe, statistics=statistics, devices=devices
            )
        # what every step gets
        self.constants = (self.feed.constants, self.teacher and self.teacher.arrays)
        self.penalty = Penalty(self.forward.weights.first_of(weights), recipe)
        self.optimizer = Optimizer(recipe, weights, self.forward.weights)
        self.layout, self.state = StateLayout.of(
            self.model,
            self.optimizer,
            (self.forward.weights, self.forward.others),
            has_averages=recipe.average is not None,
            devices=devices,
        )
        self.sums = Sums()
        # a loop on a processor is many times slower than its steps one by one
        has_loop = self.feed.is_in_memory and not devices.is_on_processor
        self.steps_at_once = min(AT_ONCE, self.steps) if has_loop else 1
        self.has_started = False
        self._update_compiled = jax.jit(self.update, donate_argnums=0)
        self.several = SeveralSteps(self)

    # ---- the loop ----

    def run(self, step: int, rates: Sequence[float], shares: Sequence[float] = ()) -> int:
        """Does steps from number `step` on, one for each rate, to the end of its epoch."""
        if step % self.steps == 0:
            self.sums.reset()
        factors = np.zeros((len(rates), 2), np.float32)
        factors[:, 0] = rates
        factors[: len(shares), 1] = shares
        if self.steps_at_once > 1:
            return self.several.run(step, factors)
        done = 0
        for payload, numbers in self.inputs.take(step, len(rates)):
            with self.compiling():
                self.state, sums = self._update_compiled(
                    self.state,
                    self.constants,
                    payload,
                    numbers=numbers,
                    factors=factors[done],
                )
                self.sums.add(step + done, 1, sums)
            done += 1
        return done

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """Around a step, which is compiled the first time; processes then greet on stdout."""
        is_noisy = self.devices.workers > 1 and not self.has_started
        with recursion_for(self.graph), quiet_start(STDOUT) if is_noisy else nullcontext():
            yield
            if is_noisy:
                self.sums.read()
        self.has_started = True

    # ---- what is compiled ----

    def update(
        self,
        state: State,
        constants: Any,
        payload: tuple[Array, ...],
        *,
        numbers: Array,
        factors: Array,
    ) -> tuple[State, dict[str, Array]]:
        """One update on a batch of B images; returns the next state, and the batch's sums.

        `factors` (2,) are the learning rate, and the share of the new weights in their average.
        """
        weights, others, slots, averages = state
        rate, share = factors
        feed_constants, of_teacher = constants
        images, labels = self.pictures.take(feed_constants, payload, numbers)
        scale = self.optimizer.loss_scale(slots)

        gradients, others, sums = in_parts(
            partial(
                self._gradients,
                weights=weights,
                total=len(images),
                scale=scale,
                of_teacher=of_teacher,
            ),
            others,
            images,
            labels=labels,
            parts=parts_of(self.recipe, len(images), self.devices.replicas),
        )
        gradients = self.penalty.add_gradients(gradients, weights, scale)
        gradients = self._clip(gradients, scale)
        # update
        l2 = self.penalty.value(weights)
        weights, slots = self.optimizer.apply(slots, gradients, weights, rate=rate)
        averages = [
            average + (weight - average) * share
            for average, weight in zip(averages, weights, strict=False)  # there may be none
        ]
        # bookkeeping
        sums = {"images": jnp.float32(len(images)), **sums, "l2": l2 * len(images)}
        return (weights, others, slots, averages), sums

    def _gradients(
        self,
        others: list[Array],
        images: Array,
        labels: Array | MixedLabels,
        *,
        weights: list[Array],
        total: int,
        scale: Array | float,
        of_teacher: Any,
    ) -> tuple[list[Array], list[Array], dict[str, Array]]:
        """The gradients of what images (b, H, W, C) add to the loss, and the sums over them.

        Between them the other variables, after these images.
        """

        targets = self.teacher and self.teacher.targets(of_teacher, images)

        def loss(weights: list[Array]) -> tuple[Array, Any]:
            # forward pass: (b, classes), or (b, 1) of one sigmoid
            outputs, changed = self.forward(weights, others, images, training=True)
            # loss: the mean over the batch, (b,) summed
            losses = loss_of(self.cross_entropy, labels, outputs)
            if self.teacher is not None:
                losses = self.teacher.distil(
                    self.cross_entropy, losses, outputs=outputs, targets=targets
                )
            return losses.sum() / total * scale, (outputs, changed, losses)

        # gradient
        (_, aside), gradients = jax.value_and_grad(loss, has_aux=True)(weights)
        outputs, changed, losses = aside
        hits = self.cross_entropy.hits(main_labels(labels), outputs)
        return (
            gradients,
            list(changed),
            {"cross_entropy": losses.astype(jnp.float32).sum(), "correct": hits.sum()},
        )

    def _clip(self, gradients: list[Array], scale: Array | float) -> list[Array]:
        """Gradients whose common norm is at most the recipe's."""
        clip = self.recipe.clip_norm
        if clip is None:
            return gradients
        norm = jnp.sqrt(sum(jnp.square(gradient).sum() for gradient in gradients))
        factor = clip * scale / jnp.maximum(norm, clip * scale)
        return [gradient * factor for gradient in gradients]

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
        self.sums.read()
        return means_of(self.sums.totals)

    def bad_step(self) -> int | None:
        """The first step whose loss was not finite, None where all were."""
        self.sums.read()
        return None if self.sums.first_bad_step < 0 else self.sums.first_bad_step

    def tensors(self) -> dict[str, np.ndarray]:
        """Copies of all variables by the name they have in a checkpoint."""
        values = self.layout.values(self.state) | self.sums.tensors()
        return {name: saved_value(value) for name, value in values.items()}

    def average_tensors(self, images: int) -> dict[str, np.ndarray]:
        """The model's tensors with averaged weights, and statistics of norms that fit them."""
        return average_tensors(self, images)

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Gives variables the values of these tensors; those not named keep theirs."""
        values = self.layout.values(self.state)
        self.state = self.layout.place(
            {name: tensors.get(name, value).astype(value.dtype) for name, value in values.items()}
        )
        self.sums.load(tensors)

    def sum_over_processes(self, values: Sequence[float]) -> list[float]:
        """The sums of numbers over all processes, which must all call this at the same step."""
        if self.devices.workers == 1:
            return list(values)
        # as pairs of 32 bits, since JAX has no float64
        words = np.array(values, np.float64).view(np.uint32)
        gathered = np.asarray(multihost_utils.process_allgather(words))
        return [float(value) for value in gathered.view(np.float64).sum(axis=0)]

    def is_lost_process(self, error: Exception) -> bool:
        """Whether another process of the training is gone."""
        return self.is_of_framework(error) and means_lost(error)

    def is_of_framework(self, error: Exception) -> bool:
        """Whether JAX has raised this error, while it computed."""
        return isinstance(error, jax.errors.JaxRuntimeError) or is_status(error)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a device has too little memory."""
        return self.is_of_framework(error) and means_full(error)

    def draw_as(self, draws: Draws) -> None:
        """Raises UsageError for a run whose random numbers TensorFlow has drawn."""
        if draws != "host":
            raise UsageError(
                "the run was begun by an earlier version, whose random numbers only TensorFlow "
                "draws",
                hint="resume it with --engine tensorflow",
            )

    def evaluator(self) -> Evaluator:
        """What scores the model in training, with the weights that it has then."""

        def weights() -> Weights:
            trainable, others, *_ = self.state
            return self.devices.local_copies(trainable), self.devices.local_copies(others)

        return Evaluator(
            self.model,
            weights,
            self.recipe,
            forward=self.forward,
            penalty=self.penalty,
            cross_entropy=CrossEntropy(self.output, self.last),
            statistics=self.statistics,
            devices=self.devices.local(),
        )
