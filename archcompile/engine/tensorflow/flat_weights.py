"""Weights side by side in a few long vectors, which one operation each updates."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from archcompile.keras_model import saved_value

Tensor = Any
Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Weights by their places, and the vector of all their numbers.

    A weight alone is its own vector, whatever its shape.
    """

    places: tuple[int, ...]
    vector: Any
    sizes: tuple[int, ...]

    @property
    def is_shared(self) -> bool:
        return len(self.places) > 1


class FlatWeights:
    """The weights of a model in groups of one key each; those whose key is None stay alone.

    A step updates `vectors`, which hold the numbers that the optimizer works on. The model computes
    with its own variables: `scatter` brings them up to date, `gather_weights` the vectors.
    """

    def __init__(self, weights: Sequence[Any], keys: Sequence[Hashable]) -> None:
        self.weights = list(weights)
        places: dict[Hashable, list[int]] = {}
        for place, key in enumerate(keys):
            places.setdefault(("alone", place) if key is None else ("shared", key), []).append(
                place
            )
        self.groups = [self._group(members) for members in places.values()]
        self.vectors = [group.vector for group in self.groups]

    def _group(self, places: Sequence[int]) -> Group:
        members = [self.weights[place] for place in places]
        vector = members[0]
        if len(members) > 1:
            vector = keras.Variable(_concatenate(members), name=f"vector_{places[0]}")
        sizes = tuple(math.prod(weight.shape) for weight in members)
        return Group(places=tuple(places), vector=vector, sizes=sizes)

    @property
    def is_shared(self) -> bool:
        """Whether any vector holds several weights."""
        return any(group.is_shared for group in self.groups)

    def first_of(self, values: Sequence[Any]) -> list[Any]:
        """Of values of all weights those of each group's first."""
        return [values[group.places[0]] for group in self.groups]

    def gather(self, gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        """Gradients of the weights, None for zero, as gradients of the vectors."""
        gathered = []
        for group in self.groups:
            parts = [gradients[place] for place in group.places]
            if group.is_shared:
                pairs = zip(parts, group.places, strict=True)
                zeros = [
                    tf.zeros(self.weights[place].shape) if part is None else part
                    for part, place in pairs
                ]
                parts = [_concatenate(zeros)]
            gathered += parts
        return gathered

    def scatter(self) -> None:
        """Gives the weights the numbers of the vectors."""
        for group in self.groups:
            if group.is_shared:
                parts = tf.split(tf.convert_to_tensor(group.vector), group.sizes)
                for place, part in zip(group.places, parts, strict=True):
                    weight = self.weights[place]
                    weight.assign(tf.reshape(part, weight.shape))

    def gather_weights(self) -> None:
        """Gives the vectors the numbers of the weights."""
        for group in self.groups:
            if group.is_shared:
                group.vector.assign(_concatenate([self.weights[place] for place in group.places]))


# variables, each with the names and shapes of the parts that it holds side by side
Parts = Sequence[tuple[Any, Mapping[str, Shape]]]


class Slots:
    """The variables of an optimizer of the vectors, as those of one that has the weights.

    `names` are those of the latter's variables, in its order: first what all weights share, then
    one variable of each kind for each weight.
    """

    def __init__(self, optimizer: Any, flat: FlatWeights, names: Sequence[str]) -> None:
        variables = list(optimizer.variables)
        kinds = (len(names) - len(variables)) // max(len(flat.weights) - len(flat.groups), 1)
        common = len(variables) - kinds * len(flat.groups)
        numbered = [f"optimizer/{number:04d}/{name}" for number, name in enumerate(names)]
        self.parts: list[tuple[Any, dict[str, Shape]]] = [
            (variable, {name: tuple(variable.shape)})
            for variable, name in zip(variables[:common], numbered, strict=False)
        ]
        for number, variable in enumerate(variables[common:]):
            group, kind = flat.groups[number // kinds], number % kinds
            shapes = {
                numbered[common + place * kinds + kind]: tuple(flat.weights[place].shape)
                for place in group.places
            }
            self.parts.append((variable, shapes))

    def read(self) -> dict[str, np.ndarray]:
        """Copies of the values, by `optimizer/NUMBER/NAME`."""
        return read_parts(self.parts)

    def write(self, values: Mapping[str, np.ndarray]) -> None:
        """Gives the variables the values that they are named in."""
        write_parts(self.parts, values)


def read_parts(parts: Parts) -> dict[str, np.ndarray]:
    """Copies of the values, by name."""
    values = {}
    for variable, shapes in parts:
        numbers, start = saved_value(variable.numpy()).reshape(-1), 0
        for name, shape in shapes.items():
            size = math.prod(shape)
            values[name] = numbers[start : start + size].reshape(shape)
            start += size
    return values


def write_parts(parts: Parts, values: Mapping[str, np.ndarray]) -> None:
    """Gives variables the values that they are named in."""
    for variable, shapes in parts:
        numbers = np.concatenate([values[name].reshape(-1) for name in shapes])
        variable.assign(numbers.reshape(variable.shape))


def _concatenate(parts: Sequence[Any]) -> Tensor:
    return tf.concat([tf.reshape(tf.convert_to_tensor(part), [-1]) for part in parts], axis=0)
