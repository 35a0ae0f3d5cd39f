"""The forward pass of a network in segments, most of which are units.

Where memory is short, what a segment computes inside is computed again for its gradient: a step
holds the maps between segments, and those of one, where it otherwise holds all. The arithmetic is
the same, and takes about a third longer (Chen et al. 2016, section 4). Where a network is very
deep, equal segments in a row become one loop over their weights, so that XLA compiles one of them.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import jax

from archcompile.analyses import depth
from archcompile.engine import rate_of
from archcompile.engine.jax.stacks import Stacks
from archcompile.graph import LayerGraph
from archcompile.keras_model import NamedCall, calls
from archcompile.quiet import load_keras

Array = Any
Groups = Sequence[tuple[int, ...]]  # of variables, by their places

# Layers with weights, above which equal units are compiled as one; below it, a loop costs speed
# and saves seconds.
VERY_DEEP = 200


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
    """Equal segments in a row, `times` of them, with the variables for `model`, the first of them.

    Variables are given as groups of places among those of the network: for each variable of the
    model, its own and those of its like.
    """

    model: Any
    times: int
    weights: Groups
    others: Groups


class Whole:
    """The forward pass of a model as it is, each of whose variables is an array."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.weights = Stacks.of([], len(model.trainable_variables))
        self.others = Stacks.of([], len(model.non_trainable_variables))

    def __call__(
        self, weights: Sequence[Array], others: Sequence[Array], images: Array, *, training: bool
    ) -> tuple[Array, list[Array]]:
        """The outputs for a batch of images, and the new values of `others`."""
        return _forward(self.model, images, (weights, others), training=training)


class Segmented:
    """The forward pass of a model; called like `model.stateless_call`.

    What it is called with are arrays as `weights` and `others` have them: the variables of equal
    segments as one.
    """

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
        self.weights = _stacks([loop.weights for loop in self.loops], len(weights))
        self.others = _stacks([loop.others for loop in self.loops], len(others))
        self.is_recomputed = is_recomputed

    def __call__(
        self, weights: Sequence[Array], others: Sequence[Array], images: Array, *, training: bool
    ) -> tuple[Array, list[Array]]:
        """The outputs for a batch of images, and the new values of `others`."""
        weight_of = dict(zip(self.weights.groups, weights, strict=True))
        other_of = dict(zip(self.others.groups, others, strict=True))
        value = images
        for loop in self.loops:
            forward: Any = partial(_forward, loop.model, training=training)
            if self.is_recomputed:
                forward = jax.checkpoint(forward)
            chosen = [weight_of[group] for group in loop.weights]
            beside = [other_of[group] for group in loop.others]
            repeat = partial(jax.lax.scan, forward) if loop.times > 1 else forward
            value, changed = repeat(value, (chosen, beside))
            other_of |= zip(loop.others, changed, strict=True)
        return value, list(other_of.values())


ForwardPass = Whole | Segmented


def forward_pass(
    graph: LayerGraph, model: Any, *, is_recomputed: bool = False, is_looped: bool = False
) -> ForwardPass:
    """That of a model of the graph, in segments where they serve."""
    if is_recomputed or is_looped:
        return Segmented(graph, model, is_recomputed=is_recomputed, is_looped=is_looped)
    return Whole(model)


def is_very_deep(graph: LayerGraph) -> bool:
    """Whether XLA takes so long for the units of a network that a loop of equal ones serves."""
    return depth(graph) > VERY_DEEP


def segments(graph: LayerGraph, model: Any) -> Iterator[Segment]:
    """The segments of a model, in order."""
    layers = {layer.name: layer for layer in model.layers}  # `get_layer` searches all of them
    start, members = model.inputs[0], []
    ends = set(cuts(graph))
    for call in list(calls(graph))[1:]:
        members.append(call)
        if call.name in ends:
            end = layers[call.name].output
            yield _segment(layers, members, start, end=end)
            start, members = end, []
    yield _segment(layers, members, start, end=model.outputs[0])


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


def _segment(
    layers: Mapping[str, Any], members: Sequence[NamedCall], start: Any, *, end: Any
) -> Segment:
    numbers = {call.name: number for number, call in enumerate(members)}
    likeness: list[tuple[Any, ...]] = []
    used = []
    for call in members:
        kind: tuple[Any, ...] = ()
        if not call.is_function:
            used.append(layers[call.name])
            rates = tuple(map(rate_of, used[-1].trainable_variables))
            kind = (used[-1].dtype_policy.name, used[-1].trainable, rates)
        sources = tuple(numbers.get(source) for source in call.sources)
        likeness.append((call.call.path, call.call.kwargs, sources, *kind))
    return Segment(
        start=start,
        end=end,
        likeness=likeness,
        weights=[variable for layer in used for variable in layer.trainable_variables],
        others=[variable for layer in used for variable in layer.non_trainable_variables],
    )


def _loop(row: Sequence[Segment], weights: Mapping[int, int], others: Mapping[int, int]) -> Loop:
    first = row[0]
    model = load_keras().Model(first.start, first.end)

    def groups(kind: str, of: Mapping[int, int], order: Sequence[Any]) -> Groups:
        """In the order of the model's variables, which the segments' own may differ from."""
        number = _places(getattr(first, kind))
        chosen = [number[id(variable)] for variable in order]
        rows = [_choose(getattr(segment, kind), chosen, of) for segment in row]
        return list(zip(*rows, strict=True))

    return Loop(
        model=model,
        times=len(row),
        weights=groups("weights", weights, model.trainable_variables),
        others=groups("others", others, model.non_trainable_variables),
    )


def _choose(variables: Sequence[Any], numbers: Sequence[int], of: Mapping[int, int]) -> list[int]:
    """The places of these variables, chosen by their numbers."""
    return [of[id(variables[number])] for number in numbers]


def _stacks(parts: Sequence[Groups], count: int) -> Stacks:
    return Stacks.of(itertools.chain.from_iterable(parts), count)


def _forward(
    model: Any, value: Array, variables: tuple[Sequence[Array], Sequence[Array]], *, training: bool
) -> tuple[Array, list[Array]]:
    weights, others = variables
    outputs, after = model.stateless_call(weights, others, value, training=training)
    return outputs, list(after)


def _places(variables: Sequence[Any]) -> dict[int, int]:
    return {id(variable): place for place, variable in enumerate(variables)}
