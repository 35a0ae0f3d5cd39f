"""What was measured, in figures: images per second, and how many times as fast ours is."""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median, quantiles
from typing import Any

from archcompile.bench.contenders import OURS
from archcompile.bench.task import TYPES, Outcome

RIGHT = frozenset((2, 3, 4, 5))
LEAST = (5, 2, 1)  # columns that a narrow terminal does without, the first first
INFERENCE_RIGHT = frozenset((1, 2, 3, 4))
INFERENCE_LEAST = (3,)


def ratios(ours: Outcome, contender: Outcome) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile of how many times as fast ours was, over turns."""
    pairs = zip(ours.seconds, contender.seconds, strict=True)
    times = [contender_seconds / our_seconds for our_seconds, contender_seconds in pairs]
    if len(times) < 2:
        return times[0], times[0], times[0]
    low, middle, high = quantiles(times, n=4, method="inclusive")
    return low, middle, high


def beside(
    outcomes: Sequence[Outcome], contender: Outcome
) -> list[tuple[Outcome, tuple[float, float, float]]]:
    """Ours with the ratios to a contender: in its precision, or in each where it has a batch of
    its own.
    """
    if not contender.seconds or contender.task.contender == OURS:
        return []
    has_fixed_batch = contender.task.row.fixed_batch is not None
    return [
        (outcome, ratios(outcome, contender))
        for outcome in outcomes
        if outcome.task.contender == OURS
        and outcome.seconds
        and (has_fixed_batch or outcome.task.precision == contender.task.precision)
    ]


def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """The table; what is missing says why in the last column."""
    table: list[tuple[str, ...]] = [
        ("", "precision", "batch", "images/s", "speed-up by archc", "quartiles", "")
    ]
    for outcome in outcomes:
        task, contender = outcome.task, outcome.task.row
        start = (contender.label, TYPES[task.precision], str(task.batch))
        if not outcome.seconds:
            table.append((*start, "", "", "", outcome.missing or ""))
            continue
        speed = f"{1 / median(outcome.seconds):,.0f}"
        compared = beside(outcomes, outcome)
        if not compared:
            table.append((*start, speed, "", "", outcome.built))
        for number, (ours, (low, middle, high)) in enumerate(compared):
            first = (*start, speed) if number == 0 else ("",) * 4
            words = [contender.remark.format(TYPES[ours.task.precision])]
            if number == 0:
                words.append(outcome.built)
            remarks = "; ".join(filter(None, words))
            table.append((*first, f"{middle:.2f}", f"{low:.2f} … {high:.2f}", remarks))
    return table


def as_record(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The same for `--json`, with the seconds of every turn."""
    return [
        {
            **asdict(outcome.task),
            "built": outcome.built,
            "missing": outcome.missing,
            "seconds_per_image": list(outcome.seconds),
            "images_per_second": 1 / median(outcome.seconds) if outcome.seconds else None,
            "archc_is": _ratios_record(outcomes, outcome),
        }
        for outcome in outcomes
    ]


def _ratios_record(outcomes: Sequence[Outcome], contender: Outcome) -> list[dict[str, Any]]:
    return [
        {
            "precision": ours.task.precision,
            "lower_quartile": low,
            "median": middle,
            "upper_quartile": high,
        }
        for ours, (low, middle, high) in beside(outcomes, contender)
    ]


# ---- inference -----------------------------------------------------------------------------------


def inference_rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """The table of networks that are run: how long a batch takes, and how it compares with Keras.

    The ratio is that of the medians.
    """
    plain = {
        outcome.task.batch: median(outcome.seconds)
        for outcome in outcomes
        if outcome.task.contender == "keras" and outcome.seconds
    }
    table: list[tuple[str, ...]] = [("", "batch", "ms", "images/s", "as fast as Keras", "")]
    for outcome in outcomes:
        start = (outcome.task.row.label, str(outcome.task.batch))
        if not outcome.seconds:
            table.append((*start, "", "", "", outcome.missing or ""))
            continue
        seconds = median(outcome.seconds)
        keras = plain.get(outcome.task.batch)
        ratio = "" if keras is None else f"{keras / seconds:.2f}"
        latency = f"{1000 * seconds * outcome.task.batch:.2f}"
        table.append((*start, latency, f"{1 / seconds:,.0f}", ratio, outcome.built))
    return table


def as_inference_record(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The same for `--json`, with the seconds of every turn."""
    return [
        {
            "contender": outcome.task.contender,
            "batch": outcome.task.batch,
            "built": outcome.built,
            "missing": outcome.missing,
            "seconds_per_image": list(outcome.seconds),
            "milliseconds": 1000 * median(outcome.seconds) * outcome.task.batch
            if outcome.seconds
            else None,
            "images_per_second": 1 / median(outcome.seconds) if outcome.seconds else None,
        }
        for outcome in outcomes
    ]
