"""Is a spec what it claims to be?

Checks layers, wiring and numbers in turn, and certifies the result.
"""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from archcompile import __version__
from archcompile.errors import plural
from archcompile.keras_config import Live, Net
from archcompile.verification.canonical import canonical_view
from archcompile.verification.compared_steps import View, exact_view
from archcompile.verification.difference import compare_layers
from archcompile.verification.match import Pairing, match
from archcompile.verification.numerics import TOLERANCE, compare
from archcompile.verification.output_order import ModelsDiffer
from archcompile.verification.proof_sides import ProofSide, Witness
from archcompile.verification.random_weights import BATCH, copy_weights, randomise
from archcompile.verification.report import VANISHED, Quantity, Report, Verdict
from archcompile.verification.step_hashes import view_hash

# Forms that only the canonical level equates round differently, and depth amplifies that: up to
# 1.3e-3 of a gradient among the shipped specs. Single ops are held to TOLERANCE all the same, and a
# wrong wire shows in the first digit.
WHOLE = {"exact": TOLERANCE, "canonical": 1e-2}
LEVELS: Mapping[str, Callable[[Net], View]] = {"exact": exact_view, "canonical": canonical_view}
# random weights: under unlucky ones some layer's outputs are all zero, and tell nothing; a gradient
# that is zero under all of them is zero whatever they are
TRIALS = 3
WORDS = {Verdict.EQUAL: "same", Verdict.DIFFERENT: "different", Verdict.CANNOT_TELL: "cannot tell"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`reason` says in words what settled it; `report` is None where the structure did."""

    verdict: Verdict
    reason: str
    level: str
    seed: int
    candidate: ProofSide
    reference: ProofSide
    views: tuple[View, View]  # the candidate's and the reference's
    report: Report | None
    advice: str = ""  # where another level would hold both alike

    @property
    def _witnessed(self) -> dict[str, Any]:
        """What another framework's numbers were held to, if one computed."""
        witness = self.reference.witness
        return {} if witness is None else {"tolerance_in_pytorch": dict(witness.tolerance)}

    def certificate(self) -> dict[str, Any]:
        """Everything that was found, as plain data."""
        candidate, reference = self.views
        labels = bool(candidate.net.keys and reference.net.keys)
        alike, only_reference, only_candidate = compare_layers(reference, candidate)
        return {
            "certificate": 1,
            "verdict": WORDS[self.verdict],
            "reason": self.reason,
            "level": self.level,
            "candidate": {**self.candidate.identity, "structure": view_hash(candidate, labels)},
            "reference": {**self.reference.identity, "structure": view_hash(reference, labels)},
            "layers": {
                "alike": alike,
                "only_reference": only_reference,
                "only_candidate": only_candidate,
            },
            "numbers": None
            if self.report is None
            else {"seed": self.seed, "batch": BATCH, **_numbers(self.report), **self._witnessed},
            "versions": {
                "archcompile": __version__,
                "keras": keras.__version__,
                "tensorflow": tf.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
                **self.reference.versions,
            },
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def prove(
    candidate: ProofSide, reference: ProofSide, level: str = "exact", *, seed: int = 0
) -> Proof:
    """Hold a candidate against a reference, at a level of LEVELS.

    `seed` is the first of TRIALS that are tried where numbers cannot tell. A side that can be
    compared at one level alone is compared at that.
    """
    level = reference.level or level
    views = LEVELS[level](candidate.net), LEVELS[level](reference.net)
    try:
        pairing = match(views[1], views[0], where=candidate.where)
        views = pairing.candidate, pairing.reference
        left, right = reference.start(), candidate.start()
        models = _Models(left=left, right=right, pairing=pairing, witness=reference.witness)
        report, trial = _report(models, seed=seed, whole=WHOLE[level])
    except ModelsDiffer as error:
        advice = _advice(candidate, reference, level)
        return Proof(
            verdict=Verdict.DIFFERENT,
            reason=error.message,
            level=level,
            seed=seed,
            candidate=candidate,
            reference=reference,
            views=views,
            report=None,
            advice=advice,
        )
    reason = _reason(report, pairing, candidate)
    return Proof(
        verdict=report.verdict,
        reason=reason,
        level=level,
        seed=trial,
        candidate=candidate,
        reference=reference,
        views=views,
        report=report,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Models:
    """The reference's and the candidate's model, and another framework that computes, too."""

    left: Live
    right: Live
    pairing: Pairing
    witness: Witness | None


def _report(models: _Models, *, seed: int, whole: float) -> tuple[Report, int]:
    """The comparison with random weights; with further ones where they cannot tell.

    Some gradients are zero for every network alike, such as that of a bias whose every effect a
    later norm takes away, or of the keys' bias in attention, which a softmax does not see. A
    gradient of a layer that vanishes on both sides, whatever the weights, is equal, as its layer
    has been held to its counterpart alone, and all else in the networks agrees. The seed of the
    last weights comes with the report.
    """
    left, right, pairing = models.left, models.right, models.pairing
    only_vanishing = True
    for trial in range(seed, seed + TRIALS):
        randomise(left, trial)
        copy_weights(left, right, pairing)
        report = compare(left, right, pairing, seed=trial, whole=whole)
        if models.witness is not None and report.verdict is not Verdict.DIFFERENT:
            report = report.with_quantities(models.witness(left, right, pairing, seed=trial))
        if report.verdict is not Verdict.CANNOT_TELL:
            return report, trial
        only_vanishing &= report.has_only_vanishing_gradients
    return report.accepting(TRIALS) if only_vanishing else report, trial


def _advice(candidate: ProofSide, reference: ProofSide, level: str) -> str:
    if level == "canonical":
        return ""
    try:
        match(canonical_view(reference.net), canonical_view(candidate.net))
    except ModelsDiffer:
        return ""
    return "with --level canonical their layers and wiring are alike, so numbers can settle it"


def _reason(report: Report, pairing: Pairing, candidate: ProofSide) -> str:
    """What settled the proof, in words."""
    if report.verdict is Verdict.DIFFERENT:
        first = next(q for q in report.quantities if q.verdict is Verdict.DIFFERENT)
        alike = f"{plural(len(pairing.mapping), 'layer')} alike in settings and wiring, but "
        return f"{alike}{first}{_counterpart(first, pairing, candidate)}"
    if report.verdict is Verdict.CANNOT_TELL:
        first_three = "; ".join(map(str, report.uninformative[:3]))
        count = f"{len(report.uninformative)} of {len(report.quantities)}"
        return f"{count} quantities were uninformative: {first_three}"
    worst = report.worst
    summary = (
        f"{plural(len(pairing.mapping), 'layer')} alike in settings and wiring, "
        f"{len(report.quantities)} quantities alike"
    )
    if report.accepted:
        summary += f", {len(report.accepted)} gradients {VANISHED}"
    place = f" ({worst.kind} {worst.name})" if worst.difference else ""
    return (
        f"{summary}; the largest difference is {worst.difference:.1e} of the largest entry{place}"
    )


def _counterpart(quantity: Quantity, pairing: Pairing, candidate: ProofSide) -> str:
    """The candidate's layer that a quantity is compared with, and where it is written."""
    for step, counterpart in pairing.pairs:
        layers = pairing.reference.layers(step)
        names = [pairing.reference.net.layers[number].name for number in layers]
        if any(_belongs(quantity, name) for name in names):
            name = pairing.candidate.name(counterpart)
            return f"; its counterpart is `{name}`{candidate.where(name)}"
    return ""


def _belongs(quantity: Quantity, layer: str) -> bool:
    return quantity.name == layer or quantity.name.startswith((f"{layer}/", f"{layer}:"))


def _numbers(report: Report) -> dict[str, Any]:
    """The largest difference of each kind, and everything that was not found equal."""
    kinds: dict[str, dict[str, Any]] = {}
    accepted = {id(quantity) for quantity in report.accepted}
    for quantity in report.quantities:
        name = " ".join(filter(None, (quantity.kind, quantity.mode)))
        kind = kinds.setdefault(name, {"count": 0, "largest": 0.0, "at": None})
        kind["count"] += 1
        is_judged = quantity.verdict is not Verdict.CANNOT_TELL and id(quantity) not in accepted
        if is_judged and quantity.difference > kind["largest"]:
            kind["largest"], kind["at"] = quantity.difference, quantity.name
    different = [q for q in report.quantities if q.verdict is Verdict.DIFFERENT]
    odd = [str(q) for q in (*different, *report.uninformative)]
    return {
        "tolerance": {"each": report.tolerance, "whole": report.whole},
        "quantities": kinds,
        "not_equal": odd,
        "vanishing": sorted({quantity.name for quantity in report.accepted}),
    }
