"""The forward pass of a network in segments, most of which are units.

Where memory is short, what a segment computes inside is computed again for its gradient: a step
holds the maps between segments, and those of one, where it otherwise holds all. The arithmetic is
the same, and takes about a third longer (Chen et al. 2016, section 4). Where a network is very
deep, equal segments in a row become one loop over their weights, so that XLA compiles one of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp

from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall, calls
from archcompile.quiet import load_keras

Array = Any
Places = Sequence[Sequence[int]]  # for each segment those of its variables


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part of a network from one map to another.

    `likeness` says what its calls compute, from which of the calls before them. `weights` and
    `others` are their variables, call by call.
    """

    start: Any
    end: Any
    likeness: Sequence[tuple[Any, ...]]
    weights: Sequence[Any]
    others: Sequence[Any]

    def is_followed_by_its_like(self, after: "Segment") -> bool:
        is_ring = all(
            (s.start.shape, s.start.dtype) == (s.end.shape, s.end.dtype) for s in (self, after)
        )
        return is_ring and self.likeness == after.likeness


@dataclass(frozen=True, kw_only=True)
class Loop:
    """Equal segments in a row, each with the variables for `model`, which is the first of them.

    Variables are given by their places among those of the network.
    """

    model: Any
    weights: Places
    others: Places


class Segmented:
    """The forward pass of a model; called like `model.stateless_call` with `training=True`."""

    def __init__(
        self, graph: LayerGraph, model: Any, *, is_recomputed: bool, is_looped: bool
    ) -> None:
        weights = _places(model.trainable_variables)
        others = _places(model.non_trainable_variables)
        rows: list[list[Segment]] = []
        for segment in segments(graph, model):
            if is_looped and rows and rows[-1][-1].is_followed_by_its_like(segment):
                rows[-1].append(segment)
            else:
                rows.append([segment])
        self.loops = [_loop(row, weights, others) for row in rows]
        self.is_recomputed = is_recomputed

    def __call__(
        self, weights: Sequence[Array], others: Sequence[Array], images: Array
    ) -> tuple[Array, list[Array]]:
        """The outputs for a batch of images, and the new values of `others`."""
        changed, value = list(others), images
        for loop in self.loops:
            forward: Any = partial(_forward, loop.model)
            if self.is_recomputed:
                forward = jax.checkpoint(forward)
            values = _stack(weights, loop.weights), _stack(changed, loop.others)
            value, after = _repeat(forward, value, values, times=len(loop.weights))
            for number, places in enumerate(loop.others):
                for place, arrays in zip(places, after, strict=True):
                    changed[place] = arrays[number]
        return value, changed


def segments(graph: LayerGraph, model: Any) -> Iterator[Segment]:
    """The segments of a model, in order."""
    start, members = model.inputs[0], []
    ends = set(cuts(graph))
    for call in list(calls(graph))[1:]:
        members.append(call)
        if call.name in ends:
            end = model.get_layer(call.name).output
            yield _segment(model, members, start, end=end)
            start, members = end, []
    yield _segment(model, members, start, end=model.outputs[0])


def cuts(graph: LayerGraph) -> Iterator[str]:
    """The calls at which units end, and nothing else from before is needed after them."""
    listed = list(calls(graph))
    last_use = {source: place for place, call in enumerate(listed) for source in call.sources}
    needed = 0  # the last place that anything so far is needed at, but for the call itself
    for place, (call, after) in enumerate(pairwise(listed)):
        ends_unit = call.node.origin.place != after.node.origin.place
        if place and ends_unit and needed <= place and not call.is_function:
            yield call.name
        needed = max(needed, last_use.get(call.name, place))


def _segment(model: Any, members: Sequence[NamedCall], start: Any, *, end: Any) -> Segment:
    numbers = {call.name: number for number, call in enumerate(members)}
    likeness: list[tuple[Any, ...]] = []
    layers = []
    for call in members:
        kind: tuple[Any, ...] = ()
        if not call.is_function:
            layers.append(model.get_layer(call.name))
            kind = (layers[-1].dtype_policy.name, layers[-1].trainable)
        sources = tuple(numbers.get(source) for source in call.sources)
        likeness.append((call.call.path, call.call.kwargs, sources, *kind))
    return Segment(
        start=start,
        end=end,
        likeness=likeness,
        weights=[variable for layer in layers for variable in layer.trainable_variables],
        others=[variable for layer in layers for variable in layer.non_trainable_variables],
    )


def _loop(row: Sequence[Segment], weights: Mapping[int, int], others: Mapping[int, int]) -> Loop:
    first = row[0]
    model = load_keras().Model(first.start, first.end)

    def places(kind: str, of: Mapping[int, int], order: Sequence[Any]) -> Places:
        """In the order of the model's variables, which the segments' own may differ from."""
        number = _places(getattr(first, kind))
        chosen = [number[id(variable)] for variable in order]
        return [_choose(getattr(segment, kind), chosen, of) for segment in row]

    return Loop(
        model=model,
        weights=places("weights", weights, model.trainable_variables),
        others=places("others", others, model.non_trainable_variables),
    )


def _choose(variables: Sequence[Any], numbers: Sequence[int], of: Mapping[int, int]) -> list[int]:
    """The places of these variables, chosen by their numbers."""
    return [of[id(variables[number])] for number in numbers]


def _forward(
    model: Any, value: Array, variables: tuple[list[Array], list[Array]]
) -> tuple[Array, list[Array]]:
    weights, others = variables
    outputs, after = model.stateless_call(weights, others, value, training=True)
    return outputs, list(after)


def _repeat(forward: Any, value: Array, variables: Any, *, times: int) -> tuple[Array, list[Array]]:
    """The map behind so many segments, with the new values (times, …) of their other variables."""
    if times > 1:
        return jax.lax.scan(forward, value, variables)
    value, after = forward(value, jax.tree.map(lambda arrays: arrays[0], variables))
    return value, [array[None] for array in after]


def _stack(arrays: Sequence[Array], places: Places) -> list[Array]:
    """Each of the variables of segments as one array (segments, …)."""
    by_variable = zip(*places, strict=True)
    return [jnp.stack(list(map(arrays.__getitem__, each))) for each in by_variable]


def _places(variables: Sequence[Any]) -> dict[int, int]:
    return {id(variable): place for place, variable in enumerate(variables)}
