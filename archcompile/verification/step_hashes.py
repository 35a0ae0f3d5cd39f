"""Hashes of the steps of a view: equal for steps that stand in the same place of two graphs."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass

from archcompile.verification.compared_steps import View

UNORDERED = -1  # the port of an input whose order does not count


@dataclass(frozen=True, slots=True)
class Hashes:
    """For each step: a hash of what leads to it (`up`), and one of its whole place in the graph."""

    up: tuple[str, ...]
    place: tuple[str, ...]


def hashes(view: View, settings: bool = True, labels: bool = False) -> Hashes:
    """With `labels` outputs count by their labels, else by place."""
    up: list[str] = []
    readers: list[list[tuple[int, int]]] = [[] for _ in view.steps]  # (step, port)
    for number, step in enumerate(view.steps):
        inputs = [(up[ref.call], ref.output) for ref in step.inputs]
        counts = (view.net.uses[layer] for layer in view.layers(step))
        uses = sorted(count for count in counts if count > 1)
        up.append(
            _digest(step.signature(settings), uses, inputs if step.is_ordered else sorted(inputs))
        )
        for port, ref in enumerate(step.inputs):
            readers[ref.call].append((number, port if step.is_ordered else UNORDERED))
    ends = defaultdict(list)
    for position, ref in enumerate(view.outputs):
        ends[ref.call].append((view.net.keys[position] if labels else position, ref.output))
    place = [""] * len(up)
    for number in reversed(range(len(up))):
        followed = sorted((place[reader], port) for reader, port in readers[number])
        place[number] = _digest(up[number], followed, sorted(ends[number]))
    return Hashes(tuple(up), tuple(place))


def view_hash(view: View, labels: bool = False) -> str:
    """64 hex digits that name a view: layers, settings and wiring; equal for views that match.

    `labels` says that outputs are known by theirs, as where both of two views have them.
    """
    return _digest(sorted(hashes(view, labels=labels).place))


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
