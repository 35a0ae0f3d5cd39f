"""The training loop under JAX, from the order of the images to the updated weights.

`Trainer.epoch` runs in Python: the order of the images, their batches, random numbers, the learning
rate. Each of its steps is one compiled function from a state to the next, `_update`, in which
things stand below each other in the order in which they happen. The state is a tuple of three
lists, always: with another kind of container the step would be compiled again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from archcompile.analyses import HeadOutput
from archcompile.data import Split
from archcompile.engine import (
    SUMS,
    Augmentation,
    Draws,
    EpochBatches,
    Statistics,
    draw_augmentation,
    means_of,
    order,
)
from archcompile.engine.jax.devices import Devices
from archcompile.engine.jax.evaluator import Evaluator, Weights
from archcompile.engine.jax.feed import feed
from archcompile.engine.jax.losses import CrossEntropy, Penalty
from archcompile.engine.jax.lowering import Lowered
from archcompile.engine.jax.optimizer import Optimizer
from archcompile.errors import UsageError
from archcompile.keras_model import recursion_for, saved_value, variables_of
from archcompile.recipe import Recipe

Array = Any
State = tuple[list[Array], list[Array], list[Array]]  # weights, other variables, optimizer's
MOST_WAITING = 64  # steps whose sums are still on the device


class Trainer:
    """A model with all that training it needs; see `archcompile.engine.Trainer`."""

    lost_process: tuple[type[Exception], ...] = ()

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
    ) -> None:
        self.graph, self.model, self.last = lowered.graph, lowered.model, lowered.last
        self.recipe, self.devices = recipe, devices
        self.statistics, self.output = statistics, output
        self.batches = EpochBatches(
            seed=seed,
            images=len(train),
            size=recipe.batch_size,
            has_alternating_flips=recipe.augment.flip == "alternating",
        )
        size: tuple[int, int] = self.model.input_shape[1:3]
        self.augmentation = Augmentation(recipe.augment, size, take_rows)
        self.feed = feed(train, devices)
        self.prepare = partial(statistics.prepare, scale=recipe.preprocessing.scale)
        self.cross_entropy = CrossEntropy(output, lowered.last, recipe.label_smoothing)
        self.penalty = Penalty(self.model.trainable_variables, recipe)
        self.optimizer = Optimizer(recipe, self.model.trainable_variables)
        self.variables = _variables(self.model, self.optimizer)
        # copies: what the step replaces is gone
        self.state = self._place([_copies(part) for part in self.variables])
        self.sums = dict.fromkeys(SUMS, 0.0)
        self.first_bad_step = -1
        self.waiting: list[tuple[int, dict[str, Array]]] = []
        self._update_compiled = jax.jit(self._update, donate_argnums=0)

    # ---- the loop ----

    def epoch(self, number: int, rate: Callable[[int], float], first: int = 0) -> Iterator[int]:
        """Does the steps of an epoch from its step `first` on, and yields the number of each."""
        if not first:
            self._read_sums()
            self.sums = dict.fromkeys(SUMS, 0.0)
        rows = order(self.batches.seed, number, self.batches.images)
        payloads = self.feed.payloads(rows, self.batches.size, first)
        steps = self.batches.numbers(rows, number, first=first, draw=draw_augmentation)
        for payload, (step, numbers) in zip(payloads, steps, strict=True):
            self._step(payload, numbers, step, rate=rate(step))
            yield step

    def _step(
        self, payload: tuple[Array, ...], numbers: np.ndarray, step: int, *, rate: float
    ) -> None:
        """One update of the weights, compiled the first time."""
        with recursion_for(self.graph):
            self.state, sums = self._update_compiled(
                self.state, self.feed.constants, payload, numbers=numbers, rate=np.float32(rate)
            )
        self.waiting.append((step, sums))
        if len(self.waiting) > MOST_WAITING:
            self._read_sums()

    # ---- what is compiled ----

    def _update(
        self,
        state: State,
        constants: Any,
        payload: tuple[Array, ...],
        *,
        numbers: Array,
        rate: Array,
    ) -> tuple[State, dict[str, Array]]:
        """One update on a batch of B images; returns the next state, and the batch's sums."""
        weights, others, slots = state
        # batch: (B, H', W', C) uint8, labels (B,)
        images, labels = map(self.devices.spread, self.feed.take(constants, payload))
        numbers = self.devices.spread(numbers)
        # augmentation: (B, H, W, C) float32
        images = self.augmentation.cut(images, numbers)
        images = self.augmentation.move(self.prepare(images), numbers)
        scale = self.optimizer.loss_scale(slots)

        def loss(weights: list[Array]) -> tuple[Array, Any]:
            # forward pass: (B, classes), or (B, 1) of one sigmoid
            outputs, changed = self.model.stateless_call(weights, others, images, training=True)
            # loss: the mean over the batch, (B,) summed
            losses = self.cross_entropy(labels, outputs)
            return losses.sum() / len(labels) * scale, (outputs, changed, losses)

        # gradient
        (_, aside), gradients = jax.value_and_grad(loss, has_aux=True)(weights)
        outputs, changed, losses = aside
        gradients = self.penalty.add_gradients(gradients, weights, scale)
        gradients = self._clip(gradients, scale)
        # update
        l2 = self.penalty.value(weights)
        weights, slots = self.optimizer.apply(slots, gradients, weights, rate=rate)
        # bookkeeping
        hits = self.cross_entropy.probabilities(outputs).argmax(axis=-1) == labels
        return (weights, list(changed), slots), {
            "images": jnp.float32(len(labels)),
            "cross_entropy": losses.astype(jnp.float32).sum(),
            "correct": hits.sum(),
            "l2": l2 * len(labels),
        }

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
        self._read_sums()
        return means_of(self.sums)

    def bad_step(self) -> int | None:
        """The first step whose loss was not finite, None where all were."""
        self._read_sums()
        return None if self.first_bad_step < 0 else self.first_bad_step

    def _read_sums(self) -> None:
        """Adds the sums of steps that have been done; the host adds in float64."""
        for step, values in self.waiting:
            sums = {name: float(value) for name, value in values.items()}
            if self.first_bad_step < 0 and not np.isfinite(sums["cross_entropy"] + sums["l2"]):
                self.first_bad_step = step
            for name, value in sums.items():
                self.sums[name] += value
        self.waiting.clear()

    def tensors(self) -> dict[str, np.ndarray]:
        """Copies of all variables by the name they have in a checkpoint."""
        self._read_sums()
        values: dict[str, Any] = {}
        for part, arrays in zip(self.variables, self.state, strict=True):
            values |= zip(part, jax.device_get(arrays), strict=True)
        values |= {f"metrics/{name}": np.float64(value) for name, value in self.sums.items()}
        values["metrics/first_bad_step"] = self.first_bad_step
        return {name: saved_value(value) for name, value in values.items()}

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Gives variables the values of these tensors; those not named keep theirs."""
        self._read_sums()
        parts = []
        for part, arrays in zip(self.variables, self.state, strict=True):
            pairs = zip(part, jax.device_get(arrays), strict=True)
            parts.append([tensors.get(name, value).astype(value.dtype) for name, value in pairs])
        self.state = self._place(parts)
        for name in self.sums:
            self.sums[name] = float(tensors.get(f"metrics/{name}", self.sums[name]))
        self.first_bad_step = int(tensors.get("metrics/first_bad_step", self.first_bad_step))

    def _place(self, parts: Sequence[Sequence[np.ndarray]]) -> State:
        weights, others, slots = (list(part) for part in parts)
        placed: State = jax.device_put((weights, others, slots), self.devices.everywhere())
        return placed

    def sum_over_processes(self, values: Sequence[float]) -> list[float]:
        """The numbers themselves: there is one process."""
        return list(values)

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
            return self.state[0], self.state[1]

        return Evaluator(
            self.model,
            weights,
            self.recipe,
            cross_entropy=CrossEntropy(self.output, self.last),
            statistics=self.statistics,
            devices=self.devices,
        )


def take_rows(images: Array, places: Array) -> Array:
    """Of each image (B, H, W, C) the rows at `places` (B, N)."""
    return jnp.take_along_axis(images, places[:, :, None, None], axis=1)


def _copies(variables: Mapping[str, Any]) -> list[np.ndarray]:
    return [np.array(variable) for variable in variables.values()]


def _variables(model: Any, optimizer: Optimizer) -> list[dict[str, Any]]:
    """The variables of the state's three parts, by their names in a checkpoint."""
    names = {id(variable): name for name, variable in variables_of(model).items()}
    slots = {f"optimizer/{i:04d}/{v.name}": v for i, v in enumerate(optimizer.variables)}
    return [
        {names[id(variable)]: variable for variable in model.trainable_variables},
        {names[id(variable)]: variable for variable in model.non_trainable_variables},
        slots,
    ]
