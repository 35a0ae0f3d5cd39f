"""Variables of equal units as one array each: a step on few long arrays is compiled sooner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

Array = Any


@dataclass(frozen=True)
class Stacks:
    """Which variables each array of a state holds, by their places among all.

    A group of several, which are alike, is one array (variables, …); a variable alone is its own.
    """

    groups: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, columns: Iterable[Sequence[int]], count: int) -> Self:
        """These groups, and those of `count` variables that are in none of them alone."""
        groups = [tuple(column) for column in columns]
        grouped = {place for group in groups for place in group}
        alone = [(place,) for place in range(count) if place not in grouped]
        return cls(tuple(sorted([*groups, *alone])))

    @property
    def count(self) -> int:
        """The number of variables."""
        return sum(map(len, self.groups))

    def first_of(self, values: Sequence[Any]) -> list[Any]:
        """Of values of all variables those of each group's first."""
        return [values[group[0]] for group in self.groups]

    def stack(self, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Values of variables as arrays."""
        parts = [list(map(values.__getitem__, group)) for group in self.groups]
        return [np.stack(part) if len(part) > 1 else part[0] for part in parts]

    def split(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Values of variables from arrays."""
        by_place: dict[int, np.ndarray] = {}
        for group, array in zip(self.groups, arrays, strict=True):
            by_place |= zip(group, array if len(group) > 1 else [array], strict=True)
        return [by_place[place] for place in range(self.count)]

    def stand_ins(self, variables: Sequence[Any]) -> list[Any]:
        """A Keras variable of zeros for each stack; a variable alone is itself."""
        # only now: it is a class of Keras, which must have been started
        from archcompile.engine import Stack

        return [
            Stack(np.zeros((len(group), *first.shape)), dtype=first.dtype)
            if len(group) > 1
            else first
            for group, first in zip(self.groups, self.first_of(variables), strict=True)
        ]
