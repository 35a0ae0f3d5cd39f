"""A model's variables, by the names they have in a checkpoint."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from archcompile.keras_model.weights import settle

SEED_STATE = "seed_generator_state"
MODEL_PREFIX = "model/"  # what the names of a model's variables begin with


def variables_of(model: Any) -> dict[str, Any]:
    """A model's variables as `model/LAYER/NAME`, the states of seed generators among them.

    A layer may hold layers: then NAME is that of one of them and of the variable within it.
    """
    named = {
        f"{MODEL_PREFIX}{layer.name}/{inner_name(layer, variable)}": variable
        for layer in model.layers
        for variable in layer.variables
    }
    if len(named) != len(model.variables):
        raise RuntimeError(f"{len(model.variables)} variables have {len(named)} names")
    return named


def inner_name(layer: Any, variable: Any) -> str:
    """What a variable is called within its layer: `kernel`, or `query/kernel` of a layer in it.

    Not by its `path` alone: that of a seed generator has a number in it, which counts the
    generators of the process.
    """
    names = variable.path.split("/")
    if variable.name == SEED_STATE or layer.name not in names:
        return str(variable.name)
    return "/".join(names[names.index(layer.name) + 1 :])


def values_of(variables: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The values of variables, as a checkpoint has them."""
    return {name: saved_value(variable.numpy()) for name, variable in variables.items()}


def saved_value(value: Any) -> np.ndarray:
    """A value as a checkpoint has it: counters and seeds in 64 bits, whatever the framework."""
    array = np.asarray(value)
    return array.astype(np.int64) if np.issubdtype(array.dtype, np.integer) else array


def assign(variables: Mapping[str, Any], values: Mapping[str, np.ndarray]) -> None:
    """Gives variables their values; `values` may hold others too."""
    for name, variable in variables.items():
        variable.assign(values[name])


def load_values(model: Any, values: Mapping[str, np.ndarray]) -> None:
    """Gives a model the values of its variables."""
    assign(variables_of(model), values)
    settle(model)
