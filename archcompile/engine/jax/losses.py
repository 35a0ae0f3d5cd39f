"""The loss in its two parts: cross-entropy of a batch, and what the sizes of weights cost."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from archcompile.analyses import HeadOutput
from archcompile.engine import WeightFactors, weight_factors
from archcompile.engine.jax.lowering import Last
from archcompile.keras_defaults import EPSILON
from archcompile.recipe import Recipe

Array = Any


class CrossEntropy:
    """The cross-entropy of labels (B,) and a head's outputs, in the head's precision.

    Outputs are (B, classes), or (B, 1) of one sigmoid, in front of the activation `last`; without
    one they are probabilities, which are limited to EPSILON.
    """

    def __init__(self, output: HeadOutput, last: Last, smoothing: float = 0.0) -> None:
        self.output, self.last, self.smoothing = output, last, smoothing

    def __call__(self, labels: Array, outputs: Array) -> Array:
        """One number per image, (B,)."""
        if self.output == "sigmoid":
            return self._binary(labels, outputs[:, 0])
        classes = outputs.shape[-1]
        targets = jax.nn.one_hot(labels, classes, dtype=outputs.dtype)
        if self.smoothing:
            targets = targets * (1.0 - self.smoothing) + self.smoothing / classes
        return -(targets * self._logarithms(outputs)).sum(axis=-1)

    def _logarithms(self, outputs: Array) -> Array:
        if self.last == "softmax":
            return jax.nn.log_softmax(outputs)
        shares = outputs / outputs.sum(axis=-1, keepdims=True)
        return jnp.log(jnp.clip(shares, EPSILON, 1.0 - EPSILON))

    def _binary(self, labels: Array, outputs: Array) -> Array:
        """`outputs` (B,): of class 1."""
        targets = labels.astype(outputs.dtype) * (1.0 - self.smoothing) + self.smoothing / 2
        if self.last == "sigmoid":
            ones, zeros = jax.nn.log_sigmoid(outputs), jax.nn.log_sigmoid(-outputs)
        else:
            shares = jnp.clip(outputs, EPSILON, 1.0 - EPSILON)
            ones, zeros = jnp.log(shares), jnp.log1p(-shares)
        return -(targets * ones + (1.0 - targets) * zeros)

    def probabilities(self, outputs: Array) -> Array:
        """(B, classes), the largest for the class that an image is taken for."""
        if self.output == "sigmoid":
            ones = jax.nn.sigmoid(outputs) if self.last == "sigmoid" else outputs
            return jnp.concatenate([1.0 - ones, ones], axis=-1)
        return jax.nn.softmax(outputs) if self.last == "softmax" else outputs


class Penalty:
    """The sum of l1 * |w| + l2 * w**2 over weights, and its gradient l1 * sign(w) + 2 * l2 * w."""

    def __init__(self, variables: Sequence[Any], recipe: Recipe) -> None:
        self.factors = [weight_factors(variable, recipe) for variable in variables]

    def value(self, weights: Sequence[Array]) -> Array:
        pairs = list(zip(self.factors, weights, strict=True))
        parts = [each.l2 * jnp.square(weight).sum() for each, weight in pairs if each.l2]
        parts += [each.l1 * jnp.abs(weight).sum() for each, weight in pairs if each.l1]
        return sum(parts, start=jnp.zeros([]))

    def add_gradients(
        self, gradients: Sequence[Array], weights: Sequence[Array], scale: Array | float
    ) -> list[Array]:
        """The gradients of cross-entropy with this one's added, `scale` times."""
        triples = zip(gradients, self.factors, weights, strict=True)
        return [
            self._add_pull(gradient, factors, weight, scale=scale)
            for gradient, factors, weight in triples
        ]

    @staticmethod
    def _add_pull(
        gradient: Array, factors: WeightFactors, weight: Array, *, scale: Array | float
    ) -> Array:
        if factors.l2:
            gradient = gradient + (2.0 * factors.l2 * scale) * weight
        if factors.l1:
            gradient = gradient + (factors.l1 * scale) * jnp.sign(weight)
        return gradient
