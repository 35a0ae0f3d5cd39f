"""The loss in its two parts: cross-entropy of a batch, and a sum over the squares of weights."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from archcompile.analyses import HeadOutput
from archcompile.quiet import load_keras

Tensor = Any


class CrossEntropy:
    """The cross-entropy of labels (B,) and a head's outputs.

    Outputs are (B, classes), or (B, 1) of one sigmoid, the probability of class 1. Keras takes the
    logits in front of a softmax or sigmoid where these stand last, and else limits probabilities to
    1e-7.
    """

    def __init__(self, model: Any, output: HeadOutput, smoothing: float = 0.0) -> None:
        self.ops = load_keras().ops
        self.smoothing = smoothing
        self.outputs = model.output_shape[-1]
        self.output = output

    def __call__(self, labels: Tensor, outputs: Tensor) -> Tensor:
        """One number per image, (B,)."""
        if self.output == "sigmoid":
            return self._binary(labels, outputs)
        from_logits = self.output == "logits"
        if not self.smoothing:
            return self.ops.sparse_categorical_crossentropy(
                labels, outputs, from_logits=from_logits
            )
        rest = self.smoothing / self.outputs
        targets = tf.one_hot(labels, self.outputs) * (1.0 - self.smoothing) + rest
        return self.ops.categorical_crossentropy(targets, outputs, from_logits=from_logits)

    def _binary(self, labels: Tensor, outputs: Tensor) -> Tensor:
        targets = (
            tf.cast(labels, outputs.dtype)[:, None] * (1.0 - self.smoothing) + self.smoothing / 2
        )
        return self.ops.binary_crossentropy(targets, outputs)[:, 0]

    def scores(self, outputs: Tensor) -> Tensor:
        """(B, classes), the largest for the class that an image is taken for."""
        return tf.concat([1.0 - outputs, outputs], axis=-1) if self.output == "sigmoid" else outputs

    def probabilities(self, outputs: Tensor) -> Tensor:
        """(B, classes)."""
        return tf.nn.softmax(outputs) if self.output == "logits" else self.scores(outputs)


class Penalty:
    """The sum of c * w**2 over weights, c one of `factors`, and its gradient 2 * c * w.

    That needs no tape.
    """

    def __init__(self, variables: Sequence[Any], factors: Sequence[float]) -> None:
        self.variables, self.factors = list(variables), list(factors)

    def value(self) -> Tensor:
        pairs = zip(self.variables, self.factors, strict=True)
        parts = [2.0 * factor * tf.nn.l2_loss(weight) for weight, factor in pairs if factor]
        return tf.add_n(parts) if parts else tf.zeros([])

    def add_gradients(
        self, gradients: Sequence[Tensor], scale: Tensor | float = 1.0
    ) -> list[Tensor]:
        """The gradients of cross-entropy, None for zero, with this one's added, `scale` times."""
        triples = zip(gradients, self.variables, self.factors, strict=True)
        return [
            self._add_pull(gradient, variable, factor, scale=scale)
            for gradient, variable, factor in triples
        ]

    @staticmethod
    def _add_pull(
        gradient: Tensor | None, variable: Any, factor: float, *, scale: Tensor | float
    ) -> Tensor:
        pull = (2.0 * factor * scale) * tf.convert_to_tensor(variable) if factor else None
        if gradient is None:
            return tf.zeros(variable.shape) if pull is None else pull
        return gradient if pull is None else gradient + pull
