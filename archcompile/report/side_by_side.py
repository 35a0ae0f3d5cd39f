"""A comparison as a table, and as JSON."""

from dataclasses import asdict
from typing import Any

from archcompile.recipe import metric_words
from archcompile.report.contrasts import CONFIDENCE, Contrast, contrasts
from archcompile.report.formatting import best, duration, figure
from archcompile.report.groups import Comparison, RunDifference, SeedGroup, draw_words
from archcompile.report.records import FIGURES
from archcompile.report.summary import Summary

HEAD = (
    "run",
    "",
    "network",
    "parameters",
    "seed",
    "epochs",
    "test loss",
    "cross-entropy",
    "test accuracy",
    "best (chosen on)",
    "time",
)
RIGHT = frozenset((3, 4, 5, 6, 7, 8, 10))
# columns that a narrow terminal does without, the first first
LEAST = (10, 6, 9, 7, 3, 4, 5, 2)
APART = "the runs were scored on different images: their figures are not comparable"


def comparison_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """A header, the runs of each group and, for several seeds, their mean and deviation."""
    lines = dict(zip(map(id, comparison.runs), comparison.lines, strict=True))
    table: list[tuple[str, ...]] = [HEAD]
    for group in comparison.groups:
        table += [_run_row(lines[id(run)], group) for run in group.runs]
        if group.figures:
            table.append(_mean_row(group))
    return table


def _run_row(summary: Summary, group: SeedGroup) -> tuple[str, ...]:
    return (
        summary.run,
        group.mark,
        group.name,
        "" if summary.params is None else f"{summary.params:,}",
        str(summary.seed),
        f"{summary.epochs}/{summary.of}",
        figure(summary.test_loss),
        figure(summary.test_cross_entropy),
        figure(summary.test_accuracy),
        best(summary),
        duration(summary.seconds or 0),
    )


def _mean_row(group: SeedGroup) -> tuple[str, ...]:
    figures = [str(group.figures[name]) for name in FIGURES]
    return (
        f"mean ± std of {len(group.runs)}",
        group.mark,
        group.name,
        "",
        "",
        "",
        *figures,
        "",
        "",
    )


def metric_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """A header, and the metrics of each run that has any; of several seeds also mean and deviation.

    Empty where no run has any.
    """
    lines = dict(zip(map(id, comparison.runs), comparison.lines, strict=True))
    names = list(
        dict.fromkeys(name for line in comparison.lines for name in line.test_metrics or ())
    )
    rows: list[tuple[str, ...]] = []
    for group in comparison.groups:
        for line in (lines[id(run)] for run in group.runs):
            metrics = line.test_metrics or {}
            if metrics:
                rows.append((line.run, group.mark, *(figure(metrics.get(name)) for name in names)))
        if group.metrics:
            spreads = [str(group.metrics.get(name, "")) for name in names]
            rows.append((f"mean ± std of {len(group.runs)}", group.mark, *spreads))
    return [("run", "", *map(metric_words, names)), *rows] if rows else []


def order_words(comparison: Comparison) -> list[str]:
    """Why a run may stand below others whose accuracy is lower, where some have no result."""
    # runs of a group are in one state
    marks = [group.mark for group in comparison.groups if group.runs[0].result is None]
    if not marks or len(marks) == len(comparison.groups):
        return []
    return [f"{', '.join(marks)}: not finished, so below all that are"]


def contrast_words(comparison: Comparison) -> list[str]:
    """A heading, and a line for each group of seeds beside the best of them."""
    compared = contrasts(comparison)
    if not compared:
        return []
    head = f"test accuracy compared with {compared[0].baseline.mark}"
    lines = [
        f"  {contrast.group.mark}  {contrast.difference:+.4f}, {CONFIDENCE:.0%} interval "
        f"{contrast.low:+.4f} to {contrast.high:+.4f}"
        for contrast in compared
    ]
    return [head, *lines]


def difference_words(difference: RunDifference, comparison: Comparison) -> str:
    """`recipe batch_size: 64 in a, b | 128 in c`; runs that differ within a group by their seed."""
    holders: dict[str, list[str]] = {}
    value_of = dict(zip(map(id, comparison.runs), difference.values, strict=True))
    for group in comparison.groups:
        values = [value_of[id(run)] for run in group.runs]
        if len(set(values)) == 1:
            holders.setdefault(values[0], []).append(group.mark)
        else:
            for value, run in zip(values, group.runs, strict=True):
                words = draw_words(run)
                name = words if group.draws.count(words) == 1 else run.path.name
                holders.setdefault(value, []).append(f"{group.mark} {name}")
    return f"{difference.what}: " + " | ".join(
        f"{value} in {', '.join(marks)}" for value, marks in holders.items()
    )


def notes(comparison: Comparison) -> list[str]:
    """What the reader must know before any figure is compared."""
    warnings = [] if comparison.has_same_images else [APART]
    for group in comparison.groups:
        twice = {words: None for words in group.draws if group.draws.count(words) > 1}
        warnings += [f"{group.label}: {words} is included more than once" for words in twice]
    return warnings


def as_record(comparison: Comparison) -> dict[str, Any]:
    """`runs` as in `archc runs --json`, with labels; `groups` of seeds, the best first.

    `differences` by run; `contrasts`: how much a group's test accuracy differs from the best.
    """
    runs = [
        {"label": label, **asdict(line)}
        for label, line in zip(comparison.labels, comparison.lines, strict=True)
    ]
    groups = [_group_record(group) for group in comparison.groups]
    differences = [
        {"what": difference.what, "values": list(difference.values)}
        for difference in comparison.differences
    ]
    return {
        "runs": runs,
        "groups": groups,
        "contrasts": [_contrast_record(contrast) for contrast in contrasts(comparison)],
        "differences": differences,
        "notes": notes(comparison),
    }


def _contrast_record(contrast: Contrast) -> dict[str, Any]:
    return {
        "group": contrast.group.label,
        "baseline": contrast.baseline.label,
        "test_accuracy": contrast.difference,
        "confidence": CONFIDENCE,
        "low": contrast.low,
        "high": contrast.high,
    }


def _group_record(group: SeedGroup) -> dict[str, Any]:
    figures = {
        name: {"mean": spread.mean, "std": spread.std} for name, spread in group.figures.items()
    }
    runs = [str(run.path) for run in group.runs]
    metrics = {
        name: {"mean": spread.mean, "std": spread.std} for name, spread in group.metrics.items()
    }
    return {
        "label": group.label,
        "runs": runs,
        "seeds": group.seeds,
        **figures,
        **({"test_metrics": metrics} if metrics else {}),
    }
