"""Are two views the same graph? If so: which step is which. If not: the first difference from the
inputs onwards.

Every step is hashed with all that leads to it, then with all that follows from it; in networks
these hashes are all but unique, so that one walk from the outputs pairs the steps, in linear time.
Where hashes tie and the walk contradicts itself, networkx's matcher decides.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archcompile.keras_config import Ref
from archcompile.verification.ends import ModelsDiffer, aligned
from archcompile.verification.view import Step, View

Where = Callable[[str], str]  # a layer's name -> where it is written, or nothing


@dataclass(frozen=True, slots=True)
class Pairing:
    """`mapping[n]` is the step of the candidate that stands in the place of the reference's step
    n.
    """

    reference: View
    candidate: View
    mapping: tuple[int, ...]

    @property
    def pairs(self) -> list[tuple[Step, Step]]:
        """In the reference's order."""
        return [
            (self.reference.steps[n], self.candidate.steps[m]) for n, m in enumerate(self.mapping)
        ]


@dataclass(frozen=True, slots=True)
class Hashes:
    """For each step: a hash of what leads to it (`up`), and one of its whole place in the graph."""

    up: tuple[str, ...]
    place: tuple[str, ...]


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def hashes(view: View, settings: bool = True, labels: bool = False) -> Hashes:
    """With `labels` outputs count by their labels, else by place."""
    up: list[str] = []
    # (step, port), -1 where order does not count
    readers: list[list[tuple[int, int]]] = [[] for _ in view.steps]
    for number, step in enumerate(view.steps):
        inputs = [(up[ref.call], ref.output) for ref in step.inputs]
        uses = sorted(
            view.net.uses[layer] for layer in view.layers(step) if view.net.uses[layer] > 1
        )
        up.append(
            _digest(step.signature(settings), uses, inputs if step.ordered else sorted(inputs))
        )
        for port, ref in enumerate(step.inputs):
            readers[ref.call].append((number, port if step.ordered else -1))
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


def match(
    reference: View, candidate: View, *, settings: bool = True, where: Where = lambda _: ""
) -> Pairing:
    """Which step is which.

    `where` tells the place of a layer of the candidate. With `settings=False` only classes and
    wiring count. The views of the pairing have their outputs in one order. Raises ModelsDiffer.
    """
    reference, candidate = aligned(reference, candidate)
    left, right = hashes(reference, settings), hashes(candidate, settings)
    if Counter(left.up) != Counter(right.up):
        raise ModelsDiffer(
            _first_difference(
                reference, candidate, left, right=right, settings=settings, where=where
            )
        )
    _same_ends(reference, candidate, left, right=right, where=where)
    found = None
    if Counter(left.place) == Counter(right.place):
        found = _walk(reference, candidate, left, right=right) or _search(
            reference, candidate, left, right=right
        )
    if found is None:
        ties = Counter(left.place) - Counter(right.place)
        odd = next(
            (
                step
                for step, place in zip(reference.steps, left.place, strict=True)
                if place in ties
            ),
            reference.steps[-1],
        )
        raise ModelsDiffer(
            "both consist of the same layers, but they are wired otherwise: what "
            f"{reference.label(odd)} "
            "feeds, or shares its weights with, is another layer in the candidate"
        )
    return Pairing(
        reference, candidate, tuple(found[number] for number in range(len(reference.steps)))
    )


def _same_ends(
    reference: View, candidate: View, left: Hashes, *, right: Hashes, where: Where
) -> None:
    """Raises ModelsDiffer for the first output that another layer makes."""
    for place, (a, b) in enumerate(zip(reference.outputs, candidate.outputs, strict=True)):
        if (left.up[a.call], a.output) != (right.up[b.call], b.output):
            label = f"`{reference.net.keys[place]}`" if reference.net.keys else f"number {place}"
            there = where(candidate.name(candidate.steps[b.call]))
            raise ModelsDiffer(
                f"the output {label} is that of {_source(reference, a)} in the reference and of "
                f"{_source(candidate, b)}{there} in the candidate"
            )


def _walk(
    reference: View, candidate: View, left: Hashes, *, right: Hashes
) -> dict[int, int] | None:
    """A pairing by one walk from the outputs; None where it contradicts itself."""
    there: dict[int, int] = {}
    back: dict[int, int] = {}
    layers: dict[int, int] = {}
    layers_back: dict[int, int] = {}
    stack = [(a.call, b.call) for a, b in zip(reference.outputs, candidate.outputs, strict=True)]
    inputs = [
        [n for n, step in enumerate(view.steps) if not step.inputs]
        for view in (reference, candidate)
    ]
    stack = [*stack[::-1], *zip(*inputs, strict=True)]  # inputs first: their order is the model's
    while stack:
        ours, theirs = stack.pop()
        if (ours in there or theirs in back) and there.get(ours) == theirs:
            continue
        if ours in there or theirs in back or left.place[ours] != right.place[theirs]:
            return None
        there[ours], back[theirs] = theirs, ours
        one, other = reference.steps[ours], candidate.steps[theirs]
        if reference.shared(one) or candidate.shared(other):
            for a, b in zip(reference.layers(one), candidate.layers(other), strict=True):
                if layers.setdefault(a, b) != b or layers_back.setdefault(b, a) != a:
                    return None
        stack += _paired_inputs(one, other, left, right=right, there=there)
    return there if len(there) == len(reference.steps) else None


def _paired_inputs(
    one: Step, other: Step, left: Hashes, *, right: Hashes, there: dict[int, int]
) -> list[tuple[int, int]]:
    if one.ordered:
        return [(a.call, b.call) for a, b in zip(one.inputs, other.inputs, strict=True)]
    rest = list(other.inputs)
    pairs = []
    # Those paired before find each other again; the others go by their hashes.
    for a in sorted(one.inputs, key=lambda ref: ref.call not in there):
        alike = [
            b for b in rest if (left.place[a.call], a.output) == (right.place[b.call], b.output)
        ]
        if not alike:
            return [(a.call, rest[0].call)]  # a contradiction, which the caller sees
        chosen = next((b for b in alike if there.get(a.call) == b.call), alike[0])
        rest.remove(chosen)
        pairs.append((a.call, chosen.call))
    return pairs


def _search(
    reference: View, candidate: View, left: Hashes, *, right: Hashes
) -> dict[int, int] | None:
    """A pairing by networkx's matcher, hashes as colours; None where there is none."""
    from networkx.algorithms.isomorphism import DiGraphMatcher

    matcher = DiGraphMatcher(
        as_nx(reference, left.place),
        as_nx(candidate, right.place),
        node_match=lambda a, b: a["colour"] == b["colour"],
        edge_match=lambda a, b: a["ports"] == b["ports"],
    )
    if not matcher.is_isomorphic():
        return None
    return {ours: theirs for ours, theirs in matcher.mapping.items() if isinstance(ours, int)}


def as_nx(view: View, colours: "tuple[str, ...] | list[str]") -> Any:
    """The view for networkx: steps as numbers, shared layers as nodes of their own that their steps
    point to.
    """
    import networkx

    graph: Any = networkx.DiGraph()
    ports: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for number, step in enumerate(view.steps):
        graph.add_node(number, colour=colours[number])
        for port, ref in enumerate(step.inputs):
            ports[ref.call, number].append((port if step.ordered else -1, ref.output))
        if view.shared(step):
            for layer in view.layers(step):
                graph.add_node(f"layer {layer}", colour="shared layer")
                graph.add_edge(number, f"layer {layer}", ports=())
    for position, ref in enumerate(view.outputs):
        graph.add_node(f"output {position}", colour=f"output {position}")
        graph.add_edge(ref.call, f"output {position}", ports=((0, ref.output),))
    for (source, target), found in ports.items():
        graph.add_edge(source, target, ports=tuple(sorted(found)))
    return graph


# ---- the first difference ------------------------------------------------------------------------


def _first_difference(
    reference: View, candidate: View, left: Hashes, *, right: Hashes, settings: bool, where: Where
) -> str:
    """In words: the first step of the reference without counterpart, and what the candidate has in
    its place.
    """
    ours = _frontier(reference, left.up, right.up)
    theirs = _frontier(candidate, right.up, left.up)
    if not ours or not theirs:
        which, view, one = (
            ("reference", reference, ours[0]) if ours else ("candidate", candidate, theirs[0])
        )
        place = where(view.name(one)) if not ours else ""
        return f"the {which} has {_standing(view, one)}{place}, which has no counterpart"
    one = ours[0]
    other = max(
        theirs,
        key=lambda step: _likeness(
            reference, candidate, left.up, right=right.up, one=one, other=step, settings=settings
        ),
    )
    there = where(candidate.name(other))
    if one.kind != other.kind:
        return (
            f"the reference has {_standing(reference, one)} where the candidate has "
            f"{_standing(candidate, other)}{there}"
        )
    both = (
        f"the reference's {reference.label(one)} and the candidate's "
        f"{candidate.label(other)}{there}"
    )
    found = _settings(one, other) if settings else []
    if found:
        return f"{both} differ in {', '.join(found)}"
    if len(one.inputs) != len(other.inputs):
        return f"{both} have {len(one.inputs)} and {len(other.inputs)} inputs"
    for number, (a, b) in enumerate(zip(one.inputs, other.inputs, strict=True)):
        if (left.up[a.call], a.output) != (right.up[b.call], b.output):
            return (
                f"input {number} of the reference's {reference.label(one)} comes from "
                f"{_source(reference, a)}, that of "
                f"the candidate's {candidate.label(other)}{there} from {_source(candidate, b)}"
            )
    return f"{both} share their weights with different layers"


def _frontier(view: View, own: tuple[str, ...], others: tuple[str, ...]) -> list[Step]:
    """The steps without counterpart all of whose inputs have one, in order."""
    spare = Counter(others)
    known = []
    for hash_ in own:
        known.append(spare[hash_] > 0)
        spare[hash_] -= 1
    return [
        step
        for number, step in enumerate(view.steps)
        if not known[number] and all(known[ref.call] for ref in step.inputs)
    ]


def _likeness(
    reference: View,
    candidate: View,
    left: tuple[str, ...],
    *,
    right: tuple[str, ...],
    one: Step,
    other: Step,
    settings: bool,
) -> tuple[int, ...]:
    """How probably two steps are meant to be the same."""
    ours, theirs = (
        Counter((up[r.call], r.output) for r in step.inputs)
        for step, up in ((one, left), (other, right))
    )
    same_kind, same_inputs = one.kind == other.kind, ours == theirs
    alike = same_kind and one.signature(settings) == other.signature(settings)
    return same_kind and same_inputs, alike, bool(ours & theirs), same_kind


def _settings(one: Step, other: Step) -> list[str]:
    """Each differing setting, in words."""
    words = []
    for key in sorted(one.settings.keys() | other.settings.keys()):
        a, b = one.settings.get(key, "absent"), other.settings.get(key, "absent")
        if a != b:
            words.append(f"{key} ({a!r} and {b!r})")
    if one.arguments != other.arguments:
        words.append(f"arguments ({one.arguments} and {other.arguments})")
    return words


def _standing(view: View, step: Step) -> str:
    behind = " and ".join(f"`{view.name(view.steps[ref.call])}`" for ref in step.inputs[:2])
    return f"{view.label(step)}{f' behind {behind}' if behind else ''}"


def _source(view: View, ref: Ref) -> str:
    return view.label(view.steps[ref.call]) + (f", output {ref.output}" if ref.output else "")


def multiset(reference: View, candidate: View) -> tuple[int, list[str], list[str]]:
    """(layers alike, those only in the reference, those only in the candidate), wiring left
    aside.
    """
    ours, theirs = (
        Counter(step.signature() for step in view.steps) for view in (reference, candidate)
    )
    kinds = {step.signature(): step for view in (reference, candidate) for step in view.steps}

    def words(extra: "Counter[str]") -> list[str]:
        return [
            f"{count} {kinds[s].kind} {dict(kinds[s].settings)}"
            for s, count in sorted(extra.items())
        ]

    return (ours & theirs).total(), words(ours - theirs), words(theirs - ours)
