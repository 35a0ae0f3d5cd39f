"""Distillation (Hinton et al. 2015): a network learns what a trained one says of each image."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from archcompile.engine.contract import Tensors
from archcompile.engine.image_statistics import Statistics
from archcompile.graph import LayerGraph
from archcompile.quiet import load_keras
from archcompile.recipe import Distill

Tensor = Any


class Logarithms(Protocol):
    """Of a head's outputs the logarithms of probabilities, at a temperature."""

    @property
    def has_sigmoids(self) -> bool:
        """Whether each output is a probability by itself."""

    def logarithms(self, outputs: Tensor, temperature: float = 1.0) -> Tensor:
        """log p (B, classes)."""

    def binary_logarithms(self, outputs: Tensor, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
        """log p and log(1 - p), (B, units) each."""


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """A trained network that stays as it is.

    `tensors` are those of its model, `statistics` and `scale` what its images are prepared with.
    """

    graph: LayerGraph
    tensors: Tensors
    statistics: Statistics
    scale: float

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) of all that its answers follow from, but for its graph."""
        digest = hashlib.sha256(repr(float(self.scale)).encode())
        arrays = {**self.tensors, **self.statistics.tensors()}
        for name in sorted(arrays):
            array = np.ascontiguousarray(arrays[name])
            digest.update(repr((name, array.dtype.str, array.shape)).encode())
            digest.update(array.tobytes())
        return digest.hexdigest()

    def bridge(self, statistics: Statistics, scale: float) -> tuple[np.ndarray, np.ndarray] | None:
        """Factor and offset, float32, that make images prepared with these into its own.

        None where both are prepared alike.
        """
        (mean, std), (mean_after, std_after) = map(_moments, (statistics, self.statistics))
        if (
            scale == self.scale
            and np.array_equal(mean, mean_after)
            and np.array_equal(std, std_after)
        ):
            return None
        ratio = scale / self.scale
        factor, offset = std * ratio / std_after, (mean * ratio - mean_after) / std_after
        return factor.astype(np.float32), offset.astype(np.float32)


def _moments(statistics: Statistics) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation, float64; 0 and 1 where there are none."""
    mean = np.zeros(1) if statistics.mean is None else statistics.mean.astype(np.float64)
    std = np.ones(1) if statistics.std is None else statistics.std.astype(np.float64)
    return mean, std


def soft_targets(rule: Distill, teacher: Logarithms, outputs: Tensor) -> Tensor:
    """The teacher's probabilities at the rule's temperature, (B, classes) or (B, units)."""
    ops = load_keras().ops
    if teacher.has_sigmoids:
        return ops.exp(teacher.binary_logarithms(outputs, rule.temperature)[0])
    return ops.exp(teacher.logarithms(outputs, rule.temperature))


def distil(
    rule: Distill, student: Logarithms, losses: Tensor, *, outputs: Tensor, targets: Tensor
) -> Tensor:
    """The losses (B,) of labels and, with the rule's weight, of soft targets.

    The latter are cross-entropies at the temperature T, times its square, since gradients shrink
    with it (section 2); of sigmoids the mean over units.
    """
    ops = load_keras().ops
    if student.has_sigmoids:
        ones, zeros = student.binary_logarithms(outputs, rule.temperature)
        soft = ops.mean(-(targets * ones + (1.0 - targets) * zeros), axis=-1)
    else:
        soft = ops.sum(-targets * student.logarithms(outputs, rule.temperature), axis=-1)
    return (1.0 - rule.weight) * losses + rule.weight * rule.temperature**2 * soft
