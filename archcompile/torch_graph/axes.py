"""Axes turned, split and merged: what `permute` and `view` need of a tensor that Keras holds."""

from dataclasses import replace
from math import prod

from archcompile.torch_graph.net_builder import NetBuilder, Unfit
from archcompile.torch_graph.stored import Flattened, Sizes, Stored, natural_order


def in_order(builder: NetBuilder, value: Stored, order: Sizes) -> Stored:
    """The tensor held in this order; a Permute where it is held otherwise."""
    if value.flattened is not None:
        raise Unfit("reads a flattened map that no dense layer has read")
    moved = tuple(value.order.index(axis) for axis in order)
    if moved == tuple(range(value.rank)):
        return value
    if moved[0] != 0:
        raise Unfit("moves the batch to another axis")
    real = [place for place in moved if value.shape[value.order[place]] != 1]
    if real == sorted(real):  # only axes of size 1 move
        shape = [value.shape[axis] for axis in order[1:]]
        result = builder.apply("Reshape", {"target_shape": shape}, value, order=order)
    else:
        result = builder.apply("Permute", {"dims": list(moved[1:])}, value, order=order)
    return replace(result, is_positive=value.is_positive)


def change_shape(builder: NetBuilder, value: Stored, shape: Sizes) -> Stored:
    """The tensor in another shape of PyTorch: axes split and merged, as `view` does it."""
    if value.flattened is not None:
        if shape == value.shape:
            return value
        raise Unfit("gives a flattened map another shape")
    groups = _groups(value.shape, shape)
    if groups is None or groups[0][1] != (0,) or groups[0][0] != (0,):
        raise Unfit(f"turns {value.shape} into {shape}, across the batch")
    if len(shape) == 2 and value.rank > 2:
        return _flatten_axes(builder, value, shape)
    # Groups in the order in which they are held, each by the first of its axes that counts.
    groups.sort(key=lambda group: _first_place(value, group[0]))
    arranged = tuple(axis for before, _ in groups for axis in before)
    value = in_order(builder, value, arranged)
    order = _natural_if_alike(tuple(axis for _, after in groups for axis in after), shape)
    held = [shape[axis] for axis in order[1:]]
    if tuple(held) == value.held:
        return Stored(ref=value.ref, shape=shape, order=order, is_positive=value.is_positive)
    result = builder.apply("Reshape", {"target_shape": held}, value, shape=shape, order=order)
    return replace(result, is_positive=value.is_positive)


def _natural_if_alike(order: Sizes, shape: Sizes) -> Sizes:
    """The order that layers take, where only axes of size 1 stand otherwise."""
    natural = natural_order(len(shape))

    def real(axes: Sizes) -> list[int]:
        return [axis for axis in axes if shape[axis] != 1]

    return natural if real(order) == real(natural) else order


def _first_place(value: Stored, axes: Sizes) -> int:
    places = [value.place(axis) for axis in axes if value.shape[axis] != 1]
    return min(places or [value.place(axis) for axis in axes])


def _flatten_axes(builder: NetBuilder, value: Stored, shape: Sizes) -> Stored:
    """A vector of all axes but the batch's; the next dense layer is told the order."""
    result = builder.apply("Flatten", {}, value, shape=shape, order=(0, 1))
    result = replace(result, is_positive=value.is_positive)
    held = [axis - 1 for axis in value.order[1:] if value.shape[axis] != 1]
    if held == sorted(held):
        return result
    order = tuple(axis - 1 for axis in value.order[1:])
    return replace(result, flattened=Flattened(value.shape[1:], order))


def _groups(before: Sizes, after: Sizes) -> list[tuple[Sizes, Sizes]] | None:
    """The axes of two shapes in groups of equal size, in order; None where the sizes differ."""
    if prod(before) != prod(after):
        return None
    groups: list[tuple[Sizes, Sizes]] = []
    i = j = 0
    while i < len(before) and j < len(after):
        first, second = i, j
        left, right = before[i], after[j]
        i, j = i + 1, j + 1
        while left != right:
            if left < right:
                left *= before[i]
                i += 1
            else:
                right *= after[j]
                j += 1
        groups.append((tuple(range(first, i)), tuple(range(second, j))))
    if i < len(before) or j < len(after):  # axes of size 1 at the end
        last = groups.pop()
        groups.append(
            (last[0] + tuple(range(i, len(before))), last[1] + tuple(range(j, len(after))))
        )
    return groups
