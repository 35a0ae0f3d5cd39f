"""Several steps in one go, as accelerators do them, without the host in between."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from archcompile.engine import SUMS
from archcompile.engine.jax.step_state import State

if TYPE_CHECKING:
    from archcompile.engine.jax.trainer import Trainer

Array = Any


class SeveralSteps:
    """The steps of a trainer, one compiled loop for all batches of a size."""

    def __init__(self, trainer: "Trainer") -> None:
        self.trainer = trainer
        self.compiled = jax.jit(self.update, donate_argnums=0)

    def run(self, step: int, factors: np.ndarray) -> int:
        """Does steps from number `step` on, to the end of its epoch; says how many.

        `factors` are (steps, …) of `Trainer.update`.
        """
        trainer = self.trainer
        inputs = list(trainer.inputs.take(step, len(factors)))
        done = 0
        for _, group in groupby(inputs, key=lambda item: len(item[1])):
            some = list(group)
            room, payloads = trainer.steps_at_once - len(some), [payload for payload, _ in some]
            stacked = [_stack(part, room) for part in zip(*payloads, strict=True)]
            numbers = _stack([numbers for _, numbers in some], room)
            part = factors[done : done + len(some)]
            # compiled once for a size of batch: the number of steps is an argument
            with trainer.compiling():
                trainer.state, sums = self.compiled(
                    trainer.state,
                    trainer.constants,
                    tuple(stacked),
                    numbers=numbers,
                    factors=_stack(part, room),
                    count=np.int32(len(some)),
                )
            # no more than one go is in flight, so that the clock on the host means something
            trainer.sums.read()
            trainer.sums.add(step + done, len(some), sums)
            done += len(some)
        return done

    def update(
        self,
        state: State,
        constants: Any,
        payloads: tuple[Array, ...],
        *,
        numbers: Array,
        factors: Array,
        count: Array,
    ) -> tuple[State, dict[str, Array]]:
        """The first `count` updates of K, with the sums (K,) of each; all inputs are (K, …)."""

        def update_at(index: Array, before: tuple[State, dict[str, Array]]) -> Any:
            state, sums = before
            payload = tuple(part[index] for part in payloads)
            state, values = self.trainer.update(
                state, constants, payload, numbers=numbers[index], factors=factors[index]
            )
            return state, {name: sums[name].at[index].set(value) for name, value in values.items()}

        sums = {name: jnp.zeros(len(factors), jnp.float32) for name in SUMS}
        after: tuple[State, dict[str, Array]] = jax.lax.fori_loop(
            0, count, update_at, (state, sums)
        )
        return after


def _stack(parts: Sequence[Array] | np.ndarray, room: int) -> np.ndarray:
    """Arrays (…) as one (K, …), with room for so many more."""
    stacked = np.stack(list(parts))
    return np.concatenate([stacked, np.zeros((room, *stacked.shape[1:]), stacked.dtype)])
