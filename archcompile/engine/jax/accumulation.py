"""A batch in parts, one after the other, so that a device holds what belongs to one of them."""

from collections.abc import Callable
from typing import Any

import jax

from archcompile.engine import MixedLabels

Array = Any
Labels = Array | MixedLabels
barrier: Any = jax.lax.optimization_barrier  # which has no types
Gradients = list[Array]
Sums = dict[str, Array]
# of other variables, images and labels: the gradients, those variables as they are then, and sums
Work = Callable[[list[Array], Array, Labels], tuple[Gradients, list[Array], Sums]]


def in_parts(
    work: Work, others: list[Array], images: Array, *, labels: Labels, parts: int
) -> tuple[Gradients, list[Array], Sums]:
    """What `work` has for all images, gradients and sums added up over so many parts.

    Part k has each image whose number leaves k.
    """
    if parts == 1:
        return work(others, images, labels)
    gradients, others, sums = work(others, images[::parts], _part(labels, 0, parts))
    for part in range(1, parts):
        # a barrier, or all parts would be in memory at once
        some, gradients = barrier((images[part::parts], gradients))
        new_gradients, others, new_sums = work(others, some, _part(labels, part, parts))
        gradients = [a + b for a, b in zip(gradients, new_gradients, strict=True)]
        sums = {name: sums[name] + new_sums[name] for name in sums}
    return gradients, others, sums


def _part(labels: Labels, first: int, parts: int) -> Labels:
    part: Labels = jax.tree.map(lambda rows: rows[first::parts], labels)
    return part
