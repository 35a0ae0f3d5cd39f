"""A model with averaged weights, and with statistics of norms that fit them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from archcompile.engine import (
    average_name,
    mean_statistics,
    model_tensors,
    moving_statistics,
    whole_batches,
)
from archcompile.engine.jax.step_state import State
from archcompile.keras_model import saved_value

if TYPE_CHECKING:
    from archcompile.engine.jax.trainer import Trainer

Array = Any


def average_tensors(trainer: "Trainer", images: int) -> dict[str, np.ndarray]:
    """The tensors of a model in training, as `archcompile.engine.Trainer` says."""
    before, momentum = trainer.layout.values(trainer.state), moving_statistics(trainer.model)
    weights = {name: before[average_name(name)] for name in trainer.layout.names[0]}
    zeros = {name: np.zeros_like(before[name]) for name in momentum}
    state = trainer.layout.place({**before, **weights, **zeros})
    means = mean_statistics(_passes(trainer, images, state), momentum)
    values = {**model_tensors(before), **weights, **means}
    return {name: saved_value(value) for name, value in values.items()}


def _passes(trainer: "Trainer", images: int, state: State) -> Iterator[dict[str, np.ndarray]]:
    """What each batch of so many images makes of the other variables of a state."""

    def forward(state: State, constants: Any, payload: tuple[Array, ...], *, numbers: Array) -> Any:
        weights, others, *_ = state
        batch, _ = trainer.pictures.take(constants, payload, numbers)
        _, changed = trainer.forward(weights, others, batch, training=True)
        return list(changed)

    compiled = jax.jit(forward)
    count = whole_batches(images, trainer.batches.size, trainer.steps)
    for payload, numbers in trainer.inputs.take(0, count):
        with trainer.compiling():
            others = compiled(state, trainer.feed.constants, payload, numbers=numbers)
        yield trainer.layout.others(others)
