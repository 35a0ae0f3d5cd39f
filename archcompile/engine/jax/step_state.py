"""What a step changes, as arrays on the devices, and by the names that a checkpoint has."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import jax
import numpy as np

from archcompile.engine import average_name
from archcompile.engine.jax.devices import Devices
from archcompile.engine.jax.optimizer import Optimizer
from archcompile.engine.jax.stacks import Stacks
from archcompile.keras_model import variables_of

Array = Any
# weights, other variables, optimizer's, averages of weights
State = tuple[list[Array], list[Array], list[Array], list[Array]]


@dataclass(frozen=True, kw_only=True)
class StateLayout:
    """For each part of a state, the names of its variables, and which of them are one array."""

    names: tuple[Sequence[str], ...]
    stacks: tuple[Stacks, ...]
    devices: Devices

    def place(self, values: Mapping[str, np.ndarray]) -> State:
        """The state with these values of all variables."""
        parts = []
        for names, stacks in zip(self.names, self.stacks, strict=True):
            arrays = stacks.stack([values[name] for name in names])
            parts.append(list(map(self.devices.place, arrays)))
        weights, others, slots, averages = parts
        return weights, others, slots, averages

    def values(self, state: State) -> dict[str, np.ndarray]:
        """Copies of all variables by their names."""
        values: dict[str, np.ndarray] = {}
        arrays = jax.device_get(state)
        for names, stacks, part in zip(self.names, self.stacks, arrays, strict=True):
            values |= zip(names, stacks.split(part), strict=True)
        return values

    def others(self, arrays: list[Array]) -> dict[str, np.ndarray]:
        """Copies of the other variables by their names."""
        _, names, *_ = self.names
        _, stacks, *_ = self.stacks
        return dict(zip(names, stacks.split(jax.device_get(arrays)), strict=True))

    @classmethod
    def of(
        cls,
        model: Any,
        optimizer: Optimizer,
        stacks: tuple[Stacks, Stacks],
        *,
        has_averages: bool,
        devices: Devices,
    ) -> tuple[Self, State]:
        """That of a model and its optimizer, and the state before the first step.

        `stacks` are those of weights and of other variables. Averages begin as the weights.
        """
        names = {id(variable): name for name, variable in variables_of(model).items()}
        slots = {f"optimizer/{i:04d}/{v.name}": v for i, v in enumerate(optimizer.variables)}
        weights = {names[id(variable)]: variable for variable in model.trainable_variables}
        others = {names[id(variable)]: variable for variable in model.non_trainable_variables}
        averages = {average_name(name): weights[name] for name in weights if has_averages}
        parts = (weights, others, slots, averages)
        layout = cls(
            names=tuple(list(part) for part in parts),
            stacks=(
                *stacks,
                optimizer.stacks_of_slots,
                stacks[0] if has_averages else Stacks.of([], 0),
            ),
            devices=devices,
        )
        # copies: what the step replaces is gone
        variables = itertools.chain.from_iterable(part.items() for part in parts)
        return layout, layout.place({name: np.array(variable) for name, variable in variables})
