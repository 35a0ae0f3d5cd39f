"""Sums over the images of an epoch, which steps leave on the device; the host adds in float64."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from archcompile.engine import SUMS

Array = Any
MOST_WAITING = 64  # steps, or goes of several, whose sums are still on the device


class Sums:
    """The sums of the epoch so far, and the first step whose loss was not finite (-1: none)."""

    def __init__(self) -> None:
        self.totals = dict.fromkeys(SUMS, 0.0)
        self.first_bad_step = -1
        # the first step of a go, how many it had, and their sums
        self.waiting: list[tuple[int, int, dict[str, Array]]] = []

    def reset(self) -> None:
        """Begins an epoch."""
        self.read()
        self.totals = dict.fromkeys(SUMS, 0.0)

    def add(self, step: int, count: int, sums: dict[str, Array]) -> None:
        """Adds those of `count` steps from `step` on, each () or (K,) with K >= count."""
        self.waiting.append((step, count, sums))
        if len(self.waiting) > MOST_WAITING:
            self.read()

    def read(self) -> None:
        """Waits for the steps that are under way."""
        for step, count, arrays in self.waiting:
            values = {
                name: np.atleast_1d(np.asarray(array, np.float64))[:count]
                for name, array in arrays.items()
            }
            is_bad = ~np.isfinite(values["cross_entropy"] + values["l2"])
            if self.first_bad_step < 0 and is_bad.any():
                self.first_bad_step = step + int(is_bad.argmax())
            for name, value in values.items():
                self.totals[name] += float(value.sum())
        self.waiting.clear()

    def tensors(self) -> dict[str, Any]:
        """As a checkpoint has them."""
        self.read()
        totals = {f"metrics/{name}": np.float64(value) for name, value in self.totals.items()}
        return {**totals, "metrics/first_bad_step": self.first_bad_step}

    def load(self, tensors: Mapping[str, Any]) -> None:
        """Takes the values of a checkpoint."""
        self.read()
        for name in self.totals:
            self.totals[name] = float(tensors.get(f"metrics/{name}", self.totals[name]))
        self.first_bad_step = int(tensors.get("metrics/first_bad_step", self.first_bad_step))
