"""Are two views the same graph? If so: which step is which.

If not: the first difference from the inputs onwards. Every step is hashed with all that leads to
it, then with all that follows from it; in networks these hashes are all but unique, so that one
walk from the outputs pairs the steps, in linear time. Where hashes tie and the walk contradicts
itself, networkx's matcher decides.
"""

from collections import Counter
from dataclasses import dataclass

from archcompile.verification.compared_steps import ComparedStep, View
from archcompile.verification.difference import (
    Where,
    check_same_outputs,
    first_difference,
    wiring_difference,
)
from archcompile.verification.isomorphism import search
from archcompile.verification.output_order import ModelsDiffer, align
from archcompile.verification.step_hashes import Hashes, hashes


@dataclass(frozen=True, slots=True)
class Pairing:
    """`mapping[n]` is the step of the candidate in the place of the reference's step n."""

    reference: View
    candidate: View
    mapping: tuple[int, ...]

    @property
    def pairs(self) -> list[tuple[ComparedStep, ComparedStep]]:
        """In the reference's order."""
        return [
            (self.reference.steps[n], self.candidate.steps[m]) for n, m in enumerate(self.mapping)
        ]


def match(
    reference: View, candidate: View, *, settings: bool = True, where: Where = lambda _: ""
) -> Pairing:
    """Which step is which.

    `where` tells the place of a layer of the candidate. With `settings=False` only classes and
    wiring count. The views of the pairing have their outputs in one order. Raises ModelsDiffer.
    """
    reference, candidate = align(reference, candidate)
    left, right = hashes(reference, settings), hashes(candidate, settings)
    if Counter(left.up) != Counter(right.up):
        raise ModelsDiffer(
            first_difference(
                reference, candidate, left, right=right, settings=settings, where=where
            )
        )
    check_same_outputs(reference, candidate, left, right=right, where=where)
    mapping = None
    if Counter(left.place) == Counter(right.place):
        mapping = _walk(reference, candidate, left, right=right) or search(
            reference, candidate, left, right=right
        )
    if mapping is None:
        raise ModelsDiffer(wiring_difference(reference, left, right))
    return Pairing(
        reference, candidate, tuple(mapping[number] for number in range(len(reference.steps)))
    )


def _walk(
    reference: View, candidate: View, left: Hashes, *, right: Hashes
) -> dict[int, int] | None:
    """A pairing by one walk from the outputs; None where it contradicts itself."""
    mapping: dict[int, int] = {}
    inverse: dict[int, int] = {}
    layers: dict[int, int] = {}
    layers_inverse: dict[int, int] = {}
    stack = [(a.call, b.call) for a, b in zip(reference.outputs, candidate.outputs, strict=True)]
    # Inputs first: their order is the model's.
    stack = [*stack[::-1], *zip(_inputs(reference), _inputs(candidate), strict=True)]
    while stack:
        number, target = stack.pop()
        if (number in mapping or target in inverse) and mapping.get(number) == target:
            continue
        if number in mapping or target in inverse or left.place[number] != right.place[target]:
            return None
        mapping[number], inverse[target] = target, number
        step, counterpart = reference.steps[number], candidate.steps[target]
        if reference.is_shared(step) or candidate.is_shared(counterpart):
            pairs = zip(reference.layers(step), candidate.layers(counterpart), strict=True)
            for a, b in pairs:
                if layers.setdefault(a, b) != b or layers_inverse.setdefault(b, a) != a:
                    return None
        stack += _paired_inputs(step, counterpart, left, right=right, mapping=mapping)
    return mapping if len(mapping) == len(reference.steps) else None


def _inputs(view: View) -> list[int]:
    return [number for number, step in enumerate(view.steps) if not step.inputs]


def _paired_inputs(
    step: ComparedStep,
    counterpart: ComparedStep,
    left: Hashes,
    *,
    right: Hashes,
    mapping: dict[int, int],
) -> list[tuple[int, int]]:
    """The inputs of two steps that belong together, by their order or by their hashes."""
    if step.is_ordered:
        return [(a.call, b.call) for a, b in zip(step.inputs, counterpart.inputs, strict=True)]
    rest = list(counterpart.inputs)
    pairs = []
    # Those paired before find each other again; the others go by their hashes.
    for a in sorted(step.inputs, key=lambda ref: ref.call not in mapping):
        alike = [
            b for b in rest if (left.place[a.call], a.output) == (right.place[b.call], b.output)
        ]
        if not alike:
            return [(a.call, rest[0].call)]  # a contradiction, which the caller sees
        chosen = next((b for b in alike if mapping.get(a.call) == b.call), alike[0])
        rest.remove(chosen)
        pairs.append((a.call, chosen.call))
    return pairs
