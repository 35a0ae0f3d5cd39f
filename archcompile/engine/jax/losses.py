"""The loss in its two parts: cross-entropy of a batch, and what the sizes of weights cost."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from archcompile.analyses import HeadOutput
from archcompile.engine import PLAIN, LossTerms, WeightFactors, weight_factors
from archcompile.engine.jax.lowering import Last
from archcompile.keras_defaults import EPSILON
from archcompile.recipe import Recipe

Array = Any


class CrossEntropy:
    """The cross-entropy of labels and a head's outputs, as `terms` varies it.

    In the head's precision. Outputs are (B, classes), or (B, 1) of one sigmoid, in front of the
    activation `last`; without one they are probabilities, which are limited to EPSILON. Labels are
    (B,), or with several for an image (B, classes).
    """

    def __init__(self, output: HeadOutput, last: Last, terms: LossTerms = PLAIN) -> None:
        self.output, self.last, self.terms = output, last, terms

    def __call__(self, labels: Array, outputs: Array) -> Array:
        """One number per image, (B,)."""
        if self.has_sigmoids:
            return self.terms.binary(labels, self.binary_logarithms(outputs))
        if not self.terms.is_plain:
            return self.terms.categorical(labels, self.logarithms(outputs))
        classes, smoothing = outputs.shape[-1], self.terms.smoothing
        targets = jax.nn.one_hot(labels, classes, dtype=outputs.dtype)
        if smoothing:
            targets = targets * (1.0 - smoothing) + smoothing / classes
        return -(targets * self.logarithms(outputs)).sum(axis=-1)

    @property
    def has_sigmoids(self) -> bool:
        return self.output in ("sigmoid", "sigmoids")

    def logarithms(self, outputs: Array, temperature: float = 1.0) -> Array:
        """log p (B, classes), of logits that are divided by a temperature."""
        if self.last == "softmax":
            return jax.nn.log_softmax(outputs / temperature)
        shares = outputs / outputs.sum(axis=-1, keepdims=True)
        logs = jnp.log(jnp.clip(shares, EPSILON, 1.0 - EPSILON))
        return logs if temperature == 1.0 else jax.nn.log_softmax(logs / temperature)

    def binary_logarithms(self, outputs: Array, temperature: float = 1.0) -> tuple[Array, Array]:
        """log p and log(1 - p), (B, units) each."""
        if self.last != "sigmoid":
            shares = jnp.clip(outputs, EPSILON, 1.0 - EPSILON)
            if temperature == 1.0:
                return jnp.log(shares), jnp.log1p(-shares)
            outputs = jnp.log(shares) - jnp.log1p(-shares)
        logits = outputs / temperature
        return jax.nn.log_sigmoid(logits), jax.nn.log_sigmoid(-logits)

    def probabilities(self, outputs: Array) -> Array:
        """(B, classes), the largest for the class that an image is taken for."""
        if self.has_sigmoids:
            ones = jax.nn.sigmoid(outputs) if self.last == "sigmoid" else outputs
            several = self.output == "sigmoids"
            return ones if several else jnp.concatenate([1.0 - ones, ones], axis=-1)
        return jax.nn.softmax(outputs) if self.last == "softmax" else outputs

    def hits(self, labels: Array, outputs: Array) -> Array:
        """Whether each image is taken for what it is, (B,): of several labels, for all of them."""
        probabilities = self.probabilities(outputs)
        if labels.ndim == 2:
            return ((probabilities >= 0.5) == (labels == 1)).all(axis=-1)
        return probabilities.argmax(axis=-1) == labels


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
