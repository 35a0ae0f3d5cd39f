"""A batch in parts, one after the other, so that a device holds what belongs to one of them."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from archcompile.engine import MixedLabels
from archcompile.engine.tensorflow.kernels import Share

Tensor = Any
Labels = Tensor | MixedLabels
Gradients = list[Tensor | None]
Sums = dict[str, Tensor]


def in_parts(
    work: Callable[[Tensor, Labels], tuple[Gradients, Sums]],
    images: Tensor,
    labels: Labels,
    *,
    share: Share,
    parts: int,
) -> tuple[Gradients, Sums]:
    """The gradients and sums that `work` has for all images, added up over so many parts."""
    if parts == 1:
        return work(images, labels)
    gradients: Gradients = []
    sums: Sums = {}
    for part in range(parts):
        share.parts = (part, parts)
        done = [gradient for gradient in gradients if gradient is not None]
        with tf.control_dependencies(done):  # or all parts would be in memory at once
            some = tf.nest.map_structure(
                lambda rows: tf.identity(share.part(rows)), (images, labels)
            )
        new_gradients, new_sums = work(*some)
        gradients = list(map(_add, gradients, new_gradients)) if gradients else new_gradients
        sums = {name: sums[name] + new_sums[name] for name in sums} or new_sums
    share.parts = (0, 1)
    return gradients, sums


def _add(first: Tensor | None, second: Tensor | None) -> Tensor | None:
    """The sum of gradients, of which None is zero."""
    if first is None or second is None:
        return second if first is None else first
    return first + second
