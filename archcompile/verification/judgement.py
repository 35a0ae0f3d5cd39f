"""Judges one compared tensor."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from archcompile.verification.report import ROUNDED, ZERO_BESIDE, Quantity, Verdict

SATURATED = 1e-6  # a probability this close to 0 or 1 no longer tells what produced it


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """When two tensors are the same, and when they say nothing.

    `tolerance` is a fraction of the reference's largest entry. At most `floor` in size is rounding.
    `saturates` says that the tensors are probabilities, `is_zero` that the settings of both models
    make them zero: then two zeros are what was to be shown.
    """

    tolerance: float
    floor: float = 0.0
    saturates: bool = False
    is_zero: bool = False


def quantity(
    kind: str, mode: str, name: str, *, reference: Any, candidate: Any, bounds: Bounds
) -> Quantity:
    """The judgement of two tensors, with what they are."""
    left, right = as_array(reference), as_array(candidate)
    return judge_arrays(kind, mode, name, reference=left, candidate=right, bounds=bounds)


def judge_arrays(
    kind: str,
    mode: str,
    name: str,
    *,
    reference: np.ndarray,
    candidate: np.ndarray,
    bounds: Bounds,
) -> Quantity:
    """The judgement of two arrays, with what they are."""
    left, right = (values.astype("float64") for values in (reference, candidate))
    verdict, difference, reason = _judge(left, right, bounds)
    return Quantity(
        kind=kind, mode=mode, name=name, difference=difference, verdict=verdict, reason=reason
    )


def _judge(
    reference: np.ndarray, candidate: np.ndarray, bounds: Bounds
) -> tuple[Verdict, float, str]:
    """Verdict, difference and reason.

    Two zeros, two overflows or two saturated outputs are no evidence that models agree.
    """
    if reference.shape != candidate.shape:
        reason = f"shapes {reference.shape} and {candidate.shape}"
        return Verdict.DIFFERENT, float("inf"), reason
    finite = [bool(np.isfinite(values).all()) for values in (reference, candidate)]
    if not all(finite):
        verdict = Verdict.DIFFERENT if any(finite) else Verdict.CANNOT_TELL
        return verdict, float("inf"), "not finite"
    scale, gap = largest(reference), largest(candidate - reference)
    if bounds.is_zero and scale == gap == 0:
        return Verdict.EQUAL, 0.0, "zero by construction"
    if max(scale, largest(candidate)) <= bounds.floor:
        if scale:
            return Verdict.CANNOT_TELL, gap / scale, ROUNDED
        return Verdict.CANNOT_TELL, 0.0, ZERO_BESIDE if bounds.floor else "zero"
    difference = gap / scale if scale else float("inf")
    if difference > bounds.tolerance:
        return Verdict.DIFFERENT, difference, ""
    if bounds.saturates and _is_saturated(reference):
        return Verdict.CANNOT_TELL, difference, "saturated"
    return Verdict.EQUAL, difference, ""


def _is_saturated(probabilities: np.ndarray) -> bool:
    """Whether most are 0 or 1."""
    distance = np.minimum(np.abs(probabilities), np.abs(1 - probabilities))
    return bool(np.mean(distance < SATURATED) > 0.5)


def as_array(value: Any) -> np.ndarray:
    """A tensor, a variable or the absent gradient of an unused variable, as float64."""
    return np.asarray(0.0 if value is None else value.numpy(), "float64")


def largest(values: np.ndarray) -> float:
    return float(np.max(np.abs(values), initial=0.0))
