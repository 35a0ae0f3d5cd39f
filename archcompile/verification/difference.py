"""The first difference between two views, in words."""

from collections import Counter
from collections.abc import Callable, Sequence

from archcompile.keras_config import Ref
from archcompile.verification.compared_steps import ComparedStep, View
from archcompile.verification.output_order import ModelsDiffer
from archcompile.verification.step_hashes import Hashes

Where = Callable[[str], str]  # a layer's name -> where it is written, or nothing


def first_difference(
    reference: View, candidate: View, left: Hashes, *, right: Hashes, settings: bool, where: Where
) -> str:
    """The first step of the reference without counterpart, and what the candidate has instead."""
    unpaired = _frontier(reference, left.up, right.up)
    rivals = _frontier(candidate, right.up, left.up)
    if not rivals:
        return _without_counterpart("reference", reference, unpaired[0])
    if not unpaired:
        place = where(candidate.name(rivals[0]))
        return _without_counterpart("candidate", candidate, rivals[0], place=place)
    step = unpaired[0]
    likeness = _Likeness(step, settings, [(left.up[ref.call], ref.output) for ref in step.inputs])
    counterpart = max(rivals, key=lambda rival: likeness.to(rival, right.up))
    place = where(candidate.name(counterpart))
    if step.kind != counterpart.kind:
        return (
            f"the reference has {_position(reference, step)} where the candidate has "
            f"{_position(candidate, counterpart)}{place}"
        )
    both = (
        f"the reference's {reference.label(step)} and the candidate's "
        f"{candidate.label(counterpart)}{place}"
    )
    differing = _differing_settings(step, counterpart) if settings else []
    if differing:
        return f"{both} differ in {', '.join(differing)}"
    if len(step.inputs) != len(counterpart.inputs):
        return f"{both} have {len(step.inputs)} and {len(counterpart.inputs)} inputs"
    for number, (a, b) in enumerate(zip(step.inputs, counterpart.inputs, strict=True)):
        if (left.up[a.call], a.output) != (right.up[b.call], b.output):
            return (
                f"input {number} of the reference's {reference.label(step)} comes from "
                f"{_source(reference, a)}, that of "
                f"the candidate's {candidate.label(counterpart)}{place} from "
                f"{_source(candidate, b)}"
            )
    return f"{both} share their weights with different layers"


def check_same_outputs(
    reference: View, candidate: View, left: Hashes, *, right: Hashes, where: Where
) -> None:
    """Raises ModelsDiffer for the first output that another layer computes."""
    for place, (a, b) in enumerate(zip(reference.outputs, candidate.outputs, strict=True)):
        if (left.up[a.call], a.output) != (right.up[b.call], b.output):
            label = f"`{reference.net.keys[place]}`" if reference.net.keys else f"number {place}"
            location = where(candidate.name(candidate.steps[b.call]))
            raise ModelsDiffer(
                f"the output {label} is that of {_source(reference, a)} in the reference and of "
                f"{_source(candidate, b)}{location} in the candidate"
            )


def wiring_difference(reference: View, left: Hashes, right: Hashes) -> str:
    """What differs where both views have the same steps, by all that leads to them."""
    surplus = Counter(left.place) - Counter(right.place)
    pairs = zip(reference.steps, left.place, strict=True)
    odd = next((step for step, place in pairs if place in surplus), reference.steps[-1])
    return (
        "both consist of the same layers, but they are wired differently: what "
        f"{reference.label(odd)} "
        "feeds, or shares its weights with, is another layer in the candidate"
    )


def compare_layers(reference: View, candidate: View) -> tuple[int, list[str], list[str]]:
    """How many layers are alike, those only in the reference, those only in the candidate.

    Wiring is left aside.
    """
    steps = [*reference.steps, *candidate.steps]
    kinds = {step.signature(): step for step in steps}
    signatures = Counter(step.signature() for step in reference.steps)
    rivals = Counter(step.signature() for step in candidate.steps)

    def words(extra: "Counter[str]") -> list[str]:
        lines = []
        for signature, count in sorted(extra.items()):
            step = kinds[signature]
            lines.append(f"{count} {step.kind} {dict(step.settings)}")
        return lines

    return (signatures & rivals).total(), words(signatures - rivals), words(rivals - signatures)


def _frontier(view: View, up: Sequence[str], rival_up: Sequence[str]) -> list[ComparedStep]:
    """The steps without counterpart all of whose inputs have one, in order."""
    spare = Counter(rival_up)
    is_paired = []
    for digest in up:
        is_paired.append(spare[digest] > 0)
        spare[digest] -= 1
    unpaired = [step for step, paired in zip(view.steps, is_paired, strict=True) if not paired]
    return [step for step in unpaired if _has_paired_inputs(step, is_paired)]


def _has_paired_inputs(step: ComparedStep, is_paired: Sequence[bool]) -> bool:
    return all(is_paired[ref.call] for ref in step.inputs)


class _Likeness:
    """How probably a step of the candidate is meant to be a given step of the reference."""

    def __init__(
        self, step: ComparedStep, settings: bool, inputs: Sequence[tuple[str, int]]
    ) -> None:
        self.step, self.settings, self.inputs = step, settings, Counter(inputs)

    def to(self, rival: ComparedStep, up: Sequence[str]) -> tuple[int, ...]:
        inputs = Counter((up[ref.call], ref.output) for ref in rival.inputs)
        is_same_kind, has_same_inputs = self.step.kind == rival.kind, self.inputs == inputs
        is_alike = is_same_kind and (
            self.step.signature(self.settings) == rival.signature(self.settings)
        )
        shares_input = bool(self.inputs & inputs)
        return is_same_kind and has_same_inputs, is_alike, shares_input, is_same_kind


def _differing_settings(step: ComparedStep, counterpart: ComparedStep) -> list[str]:
    words = []
    for key in sorted(step.settings.keys() | counterpart.settings.keys()):
        a, b = step.settings.get(key, "absent"), counterpart.settings.get(key, "absent")
        if a != b:
            words.append(f"{key} ({a!r} and {b!r})")
    if step.arguments != counterpart.arguments:
        words.append(f"arguments ({step.arguments} and {counterpart.arguments})")
    return words


def _without_counterpart(side: str, view: View, step: ComparedStep, *, place: str = "") -> str:
    return f"the {side} has {_position(view, step)}{place}, which has no counterpart"


def _position(view: View, step: ComparedStep) -> str:
    """A step, and what it stands behind."""
    before = " and ".join(f"`{view.name(view.steps[ref.call])}`" for ref in step.inputs[:2])
    return f"{view.label(step)} after {before}" if before else view.label(step)


def _source(view: View, ref: Ref) -> str:
    return view.label(view.steps[ref.call]) + (f", output {ref.output}" if ref.output else "")
