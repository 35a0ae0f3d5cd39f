"""The loss in its two parts: cross-entropy of a batch, and what the sizes of weights cost."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from archcompile.analyses import HeadOutput
from archcompile.engine import PLAIN, LossTerms, WeightFactors
from archcompile.keras_defaults import EPSILON
from archcompile.quiet import load_keras

Tensor = Any


class CrossEntropy:
    """The cross-entropy of labels and a head's outputs, as `terms` varies it.

    Outputs are (B, classes), or (B, 1) of one sigmoid, the probability of class 1. Labels are (B,),
    or with several for an image (B, classes). Keras takes the logits in front of a softmax or
    sigmoid where these stand last, and else limits probabilities to 1e-7.
    """

    def __init__(self, model: Any, output: HeadOutput, terms: LossTerms = PLAIN) -> None:
        self.ops = load_keras().ops
        self.terms = terms
        self.outputs = model.output_shape[-1]
        self.output = output

    def __call__(self, labels: Tensor, outputs: Tensor) -> Tensor:
        """One number per image, (B,)."""
        if self.output == "sigmoids" or not self.terms.is_plain:
            return self._terms(labels, outputs)
        if self.output == "sigmoid":
            return self._binary(labels, outputs)
        from_logits = self.output == "logits"
        smoothing = self.terms.smoothing
        if not smoothing:
            return self.ops.sparse_categorical_crossentropy(
                labels, outputs, from_logits=from_logits
            )
        rest = smoothing / self.outputs
        targets = tf.one_hot(labels, self.outputs) * (1.0 - smoothing) + rest
        return self.ops.categorical_crossentropy(targets, outputs, from_logits=from_logits)

    def _binary(self, labels: Tensor, outputs: Tensor) -> Tensor:
        smoothing = self.terms.smoothing
        targets = tf.cast(labels, outputs.dtype)[:, None] * (1.0 - smoothing) + smoothing / 2
        return self.ops.binary_crossentropy(targets, outputs)[:, 0]

    def _terms(self, labels: Tensor, outputs: Tensor) -> Tensor:
        if self.has_sigmoids:
            return self.terms.binary(labels, self.binary_logarithms(outputs))
        return self.terms.categorical(labels, self.logarithms(outputs))

    @property
    def has_sigmoids(self) -> bool:
        return self.output in ("sigmoid", "sigmoids")

    def logarithms(self, outputs: Tensor, temperature: float = 1.0) -> Tensor:
        """log p (B, classes), of logits that are divided by a temperature."""
        logits = outputs if self.output == "logits" else _before(outputs, "Softmax")
        if logits is None:
            logits = tf.math.log(tf.clip_by_value(outputs, EPSILON, 1.0 - EPSILON))
        return tf.nn.log_softmax(logits / temperature)

    def binary_logarithms(self, outputs: Tensor, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
        """log p and log(1 - p), (B, units) each."""
        logits = _before(outputs, "Sigmoid")
        if logits is None:
            shares = tf.clip_by_value(outputs, EPSILON, 1.0 - EPSILON)
            logits = tf.math.log(shares) - tf.math.log1p(-shares)
        logits = logits / temperature
        return tf.math.log_sigmoid(logits), tf.math.log_sigmoid(-logits)

    def scores(self, outputs: Tensor) -> Tensor:
        """(B, classes), the largest for the class that an image is taken for."""
        return tf.concat([1.0 - outputs, outputs], axis=-1) if self.output == "sigmoid" else outputs

    def probabilities(self, outputs: Tensor) -> Tensor:
        """(B, classes)."""
        return tf.nn.softmax(outputs) if self.output == "logits" else self.scores(outputs)


def _before(outputs: Tensor, kind: str) -> Tensor | None:
    """What goes into the softmax or sigmoid that stands last; None where it does not.

    Keras notes it on its activations' outputs, and looks for their operation, too.
    """
    logits = getattr(outputs, "_keras_logits", None)
    if logits is None and tf.is_symbolic_tensor(outputs) and outputs.op.type == kind:
        (logits,) = outputs.op.inputs
    return logits


class Penalty:
    """The sum of l1 * |w| + l2 * w**2 over weights, and its gradient l1 * sign(w) + 2 * l2 * w.

    That needs no tape.
    """

    def __init__(self, variables: Sequence[Any], factors: Sequence[WeightFactors]) -> None:
        self.variables, self.factors = list(variables), list(factors)

    def value(self) -> Tensor:
        pairs = list(zip(self.variables, self.factors, strict=True))
        parts = [2.0 * each.l2 * tf.nn.l2_loss(weight) for weight, each in pairs if each.l2]
        parts += [each.l1 * tf.reduce_sum(tf.abs(weight)) for weight, each in pairs if each.l1]
        return tf.add_n(parts) if parts else tf.zeros([])

    def add_gradients(
        self, gradients: Sequence[Tensor], scale: Tensor | float = 1.0
    ) -> list[Tensor]:
        """The gradients of cross-entropy, None for zero, with this one's added, `scale` times."""
        triples = zip(gradients, self.variables, self.factors, strict=True)
        return [
            self._add_pull(gradient, variable, factors, scale=scale)
            for gradient, variable, factors in triples
        ]

    @staticmethod
    def _add_pull(
        gradient: Tensor | None, variable: Any, factors: WeightFactors, *, scale: Tensor | float
    ) -> Tensor:
        parts = [] if gradient is None else [gradient]
        if factors.l2:
            parts.append((2.0 * factors.l2 * scale) * tf.convert_to_tensor(variable))
        if factors.l1:
            parts.append((factors.l1 * scale) * tf.sign(tf.convert_to_tensor(variable)))
        return sum(parts[1:], start=parts[0]) if parts else tf.zeros(variable.shape)
