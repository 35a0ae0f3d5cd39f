"""Images mixed in pairs, and what their labels are then.

An image's partner is its neighbour in the batch, whose order is random: the first two are a pair,
then the next two, and so on. An image without a neighbour is its own.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from archcompile.quiet import load_keras

Tensor = Any
# Of labels (B,) and outputs (B, N): one number per image, (B,)
Loss = Callable[[Tensor, Tensor], Tensor]


class MixedLabels(NamedTuple):
    """The labels (B,) of images that are mixed: `share` (B,) of `first`, the rest of `second`."""

    first: Tensor
    second: Tensor
    share: Tensor


def partners(count: Tensor) -> Tensor:
    """The row of each image's partner, (B,)."""
    ops = load_keras().ops
    rows = ops.arange(count, dtype="int32")
    return ops.minimum(rows + 1 - 2 * (rows % 2), count - 1)


def loss_of(loss: Loss, labels: Tensor | MixedLabels, outputs: Tensor) -> Tensor:
    """The loss of each image, (B,): of mixed labels the mean of both, weighted by their shares.

    Cross-entropy is linear in its targets, smoothed or not, so it is that of the soft label (Zhang
    et al. 2017, section 2).
    """
    if not isinstance(labels, MixedLabels):
        return loss(labels, outputs)
    share = load_keras().ops.cast(labels.share, outputs.dtype)
    return loss(labels.first, outputs) * share + loss(labels.second, outputs) * (1.0 - share)


def main_labels(labels: Tensor | MixedLabels) -> Tensor:
    """The label that each image has most of, (B,), or its labels (B, classes)."""
    if not isinstance(labels, MixedLabels):
        return labels
    ops, has_most = load_keras().ops, labels.share >= 0.5
    if len(labels.first.shape) == 2:
        has_most = has_most[:, None]
    return ops.where(has_most, labels.first, labels.second)
