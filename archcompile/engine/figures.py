"""The figures of training and evaluation, from sums over images."""

from collections.abc import Mapping

SUMS = ("images", "cross_entropy", "l2", "correct")


def means_of(sums: Mapping[str, float]) -> dict[str, float]:
    """Per image: `loss` (cross-entropy + L2 and L1, as in Keras), and the figures it is made of."""
    count = sums["images"] or 1.0
    cross_entropy, l2 = sums["cross_entropy"] / count, sums["l2"] / count
    return {
        "loss": cross_entropy + l2,
        "cross_entropy": cross_entropy,
        "l2": l2,
        "accuracy": sums["correct"] / count,
    }
