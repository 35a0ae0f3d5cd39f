"""What was measured, in figures: pictures a second, and how many times as fast ours is, turn by
turn.
"""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median, quantiles
from typing import Any

from archcompile.bench.task import TYPES, Outcome

NAMES = {
    "archc": "archc train",
    "keras": "Keras fit, tf.data",
    "torch": "PyTorch, channels_last",
    "article": "the article's way",
    "convolutions": "convolutions alone",
}
WORDS = {
    "keras": "",
    "torch": "",
    "article": "ours in {}",
    "convolutions": "the part of our step that they would take alone",
}
RIGHT = frozenset((2, 3, 4, 5))


def ratios(ours: Outcome, other: Outcome) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile of how many times as fast ours was, over the turns
    that both had.
    """
    each = [theirs / own for own, theirs in zip(ours.seconds, other.seconds, strict=True)]
    if len(each) < 2:
        return each[0], each[0], each[0]
    low, middle, high = quantiles(each, n=4, method="inclusive")
    return low, middle, high


def beside(
    outcomes: Sequence[Outcome], other: Outcome
) -> list[tuple[Outcome, tuple[float, float, float]]]:
    """Ours with the ratios to another: of the same precision, and of every precision beside the
    article's way.
    """
    ours = [found for found in outcomes if found.task.contender == "archc" and found.seconds]
    same = [
        found
        for found in ours
        if other.task.contender == "article" or found.task.precision == other.task.precision
    ]
    return (
        [(found, ratios(found, other)) for found in same]
        if other.seconds and other.task.contender != "archc"
        else []
    )


def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """The table; what is missing says why in the last column."""
    found: list[tuple[str, ...]] = [
        ("", "precision", "batch", "images/s", "archc is, times", "quartiles", "")
    ]
    for outcome in outcomes:
        task = outcome.task
        start = (NAMES[task.contender], TYPES[task.precision], str(task.batch))
        if not outcome.seconds:
            found.append((*start, "", "", "", outcome.missing or ""))
            continue
        speed = f"{1 / median(outcome.seconds):,.0f}"
        compared = beside(outcomes, outcome)
        if not compared:
            found.append((*start, speed, "", "", outcome.built))
        for number, (ours, (low, middle, high)) in enumerate(compared):
            first = (*start, speed) if number == 0 else ("",) * 4
            words = [
                WORDS[task.contender].format(TYPES[ours.task.precision]),
                *([outcome.built] if number == 0 else []),
            ]
            found.append(
                (*first, f"{middle:.2f}", f"{low:.2f} … {high:.2f}", "; ".join(filter(None, words)))
            )
    return found


def as_record(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The same for `--json`, with the seconds of every turn."""
    return [
        {
            **asdict(found.task),
            "built": found.built,
            "missing": found.missing,
            "seconds_per_image": list(found.seconds),
            "images_per_second": 1 / median(found.seconds) if found.seconds else None,
            "archc_is": [
                {
                    "precision": ours.task.precision,
                    "lower_quartile": low,
                    "median": middle,
                    "upper_quartile": high,
                }
                for ours, (low, middle, high) in beside(outcomes, found)
            ],
        }
        for found in outcomes
    ]
