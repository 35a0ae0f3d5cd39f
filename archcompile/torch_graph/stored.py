"""A tensor of PyTorch as the Keras layers hold it: the same values, the axes in another order.

PyTorch's maps are (N, C, H, W), Keras' (N, H, W, C). A permutation in PyTorch changes only what
the axes are called here; layers that move values are added where one order is needed.
"""

from dataclasses import dataclass

from archcompile.keras_config import Ref

Sizes = tuple[int, ...]
MAP = (0, 2, 3, 1)  # (N, C, H, W) held as (N, H, W, C)


@dataclass(frozen=True, slots=True)
class Flattened:
    """The axes (without the batch) that were held when a map became a vector, in PyTorch's numbers.

    `shape` is PyTorch's (C, H, W); `order` how these were held.
    """

    shape: Sizes
    order: Sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """`shape` is PyTorch's, the batch included; axis `order[n]` of it is held as axis n.

    `flattened` says that a vector's entries are in another order than PyTorch's. `is_positive`
    says that no entry is below 0.
    """

    ref: Ref
    shape: Sizes
    order: Sizes
    flattened: Flattened | None = None
    is_positive: bool = False

    @property
    def held(self) -> Sizes:
        """The shape as it is held, without the batch."""
        return tuple(self.shape[axis] for axis in self.order[1:])

    @property
    def rank(self) -> int:
        return len(self.shape)

    def place(self, axis: int) -> int:
        """Where an axis of PyTorch is held."""
        return self.order.index(axis % self.rank)


def natural_order(rank: int) -> Sizes:
    """How an output of this rank is held: maps with their channels last, others as they are."""
    return MAP if rank == 4 else tuple(range(rank))
