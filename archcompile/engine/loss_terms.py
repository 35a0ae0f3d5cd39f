"""The cross-entropy of a batch as recipes vary it: smoothed, focal, weighted by class.

In Keras' operations, so that each engine has the same: it brings the logarithms, as exact as it has
them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from archcompile.keras_defaults import EPSILON
from archcompile.quiet import load_keras
from archcompile.recipe import Focal, Recipe

Tensor = Any


@dataclass(frozen=True, kw_only=True)
class LossTerms:
    """What becomes of the logarithms of probabilities; plain, it is the cross-entropy of labels.

    `weights` (classes,) is what a class counts.
    """

    smoothing: float = 0.0
    focal: Focal | None = None
    weights: np.ndarray | None = None

    @classmethod
    def of(cls, recipe: Recipe, weights: np.ndarray | None = None) -> "LossTerms":
        """Those of a recipe, whose class weights are `weights`."""
        return cls(smoothing=recipe.label_smoothing, focal=recipe.loss.focal, weights=weights)

    @property
    def is_plain(self) -> bool:
        """Whether it is the cross-entropy of labels that may be smoothed."""
        return self.focal is None and self.weights is None

    def categorical(self, labels: Tensor, logs: Tensor) -> Tensor:
        """One number per image, (B,), of labels (B,) and log p (B, classes).

        Focal, as Keras' CategoricalFocalCrossentropy with `alpha` 1.
        """
        ops, classes = load_keras().ops, logs.shape[-1]
        terms = -self._spread(ops.one_hot(labels, classes, dtype=logs.dtype), classes) * logs
        if self.focal is not None:
            terms = terms * _rest(-ops.expm1(logs), self.focal)
        return self._weigh(ops.sum(terms, axis=-1), labels)

    def binary(self, labels: Tensor, logs: tuple[Tensor, Tensor]) -> Tensor:
        """One number per image, (B,): the mean over units, of log p and log(1 - p), (B, units).

        Labels (B,) are numbers of classes: of one unit 0 or 1, of several the one that is there,
        whose label is smoothed over all classes. Labels (B, units) are 1 where a class is there,
        and each is smoothed by itself, as in Keras. Focal, as Keras' BinaryFocalCrossentropy.
        """
        ops, (ones, zeros) = load_keras().ops, logs
        units, has_several = ones.shape[-1], len(labels.shape) == 2
        if has_several:
            targets = self._spread(ops.cast(labels, ones.dtype), 2)
        elif units == 1:
            targets = self._spread(ops.cast(labels, ones.dtype)[:, None], 2)
        else:
            targets = self._spread(ops.one_hot(labels, units, dtype=ones.dtype), units)
        present = targets * ones
        if has_several and self.weights is not None:
            present = present * self.weights
        terms = -(present + (1.0 - targets) * zeros)
        if self.focal is not None:
            missed = -ops.expm1(ones) * targets - ops.expm1(zeros) * (1.0 - targets)
            terms = terms * _rest(missed, self.focal)
            if self.focal.alpha is not None:
                alpha = self.focal.alpha
                terms = terms * (targets * alpha + (1.0 - targets) * (1.0 - alpha))
        means = ops.mean(terms, axis=-1)
        return means if has_several else self._weigh(means, labels)

    def _spread(self, targets: Tensor, classes: int) -> Tensor:
        """Targets of which `smoothing` is spread over so many classes."""
        return targets * (1.0 - self.smoothing) + self.smoothing / classes

    def _weigh(self, losses: Tensor, labels: Tensor) -> Tensor:
        """Losses (B,) times the weights of the classes of labels (B,)."""
        if self.weights is None:
            return losses
        ops = load_keras().ops
        return losses * ops.take(ops.convert_to_tensor(self.weights), labels, axis=0)


PLAIN = LossTerms()


def _rest(missed: Tensor, focal: Focal) -> Tensor:
    """The power of what is missing to 1, which is limited as Keras limits probabilities."""
    ops = load_keras().ops
    return ops.power(ops.clip(missed, EPSILON, 1.0 - EPSILON), focal.gamma)


def class_weights(recipe: Recipe, labels: np.ndarray, classes: Sequence[str]) -> np.ndarray | None:
    """What each class counts, float32 (classes,); None where all count alike.

    `labels` are those of the training images. Balanced, a class counts N / (classes * its images),
    as in scikit-learn; with labels (N, classes) the images without it / those with it.
    """
    given = recipe.loss.class_weights
    if given is None:
        return None
    if isinstance(given, Mapping):
        return _float32(np.array([given.get(name, 1.0) for name in classes]))
    if labels.ndim == 2:
        counts = labels.sum(axis=0)
        return _float32((len(labels) - counts) / np.maximum(counts, 1))
    counts = np.bincount(labels, minlength=len(classes))
    return _float32(len(labels) / (len(classes) * np.maximum(counts, 1)))


def _float32(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)
