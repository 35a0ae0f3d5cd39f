"""A comparison as a table, and as JSON."""

from dataclasses import asdict
from typing import Any

from archcompile.report.formatting import best, duration, figure
from archcompile.report.groups import Comparison, Difference, Group
from archcompile.report.summary import Summary

HEAD = (
    "run",
    "",
    "parameters",
    "seed",
    "epochs",
    "test loss",
    "cross-entropy",
    "test accuracy",
    "best (chosen on)",
    "time",
)
RIGHT = frozenset((2, 3, 4, 5, 6, 7, 9))
APART = "the runs were scored on different pictures: their figures do not compare"


def comparison_rows(found: Comparison) -> list[tuple[str, ...]]:
    """The first row is the header; after the runs of a group with several seeds comes its mean and
    deviation.
    """
    lines = dict(zip(map(id, found.runs), found.lines, strict=True))
    table: list[tuple[str, ...]] = [HEAD]
    for group in found.groups:
        table += [_run(lines[id(run)], f"{group.mark}  {group.label}") for run in group.runs]
        if group.figures:
            table.append(_mean(group))
    return table


def _run(one: Summary, label: str) -> tuple[str, ...]:
    return (
        one.run,
        label,
        "" if one.params is None else f"{one.params:,}",
        str(one.seed),
        f"{one.epochs}/{one.of}",
        figure(one.test_loss),
        figure(one.test_cross_entropy),
        figure(one.test_accuracy),
        best(one),
        duration(one.seconds or 0),
    )


def _mean(group: Group) -> tuple[str, ...]:
    figures = [
        str(group.figures[name]) for name in ("test_loss", "test_cross_entropy", "test_accuracy")
    ]
    return (
        f"mean ± std of {len(group.runs)}",
        f"{group.mark}  {group.label}",
        "",
        "",
        "",
        *figures,
        "",
        "",
    )


def difference(one: Difference, found: Comparison) -> str:
    """`recipe batch_size: 64 in a, b; 128 in c`; a run that differs from others of its group by its
    seed.
    """
    holders: dict[str, list[str]] = {}
    value_of = dict(zip(map(id, found.runs), one.values, strict=True))
    for group in found.groups:
        values = [value_of[id(run)] for run in group.runs]
        if len(set(values)) == 1:
            holders.setdefault(values[0], []).append(group.mark)
        else:
            for value, run in zip(values, group.runs, strict=True):
                seed = run.environment.identity.seed
                name = f"seed {seed}" if group.seeds.count(seed) == 1 else run.path.name
                holders.setdefault(value, []).append(f"{group.mark} {name}")
    return f"{one.what}: " + "; ".join(
        f"{value} in {', '.join(marks)}" for value, marks in holders.items()
    )


def notes(found: Comparison) -> list[str]:
    """What the reader must know before any figure is compared."""
    told = [] if found.same_pictures else [APART]
    for group in found.groups:
        twice = sorted({seed for seed in group.seeds if group.seeds.count(seed) > 1})
        if twice:
            told.append(
                f"{group.label}: seed {', '.join(map(str, twice))} is in there more than once"
            )
    return told


def as_record(found: Comparison) -> dict[str, Any]:
    """`runs` as `archc runs --json` has them, with their labels; `groups` of seeds; `differences`,
    with a value for each run.
    """
    runs = [
        {"label": label, **asdict(line)}
        for label, line in zip(found.labels, found.lines, strict=True)
    ]
    groups = [
        {
            "label": group.label,
            "runs": [str(run.path) for run in group.runs],
            "seeds": group.seeds,
            **{
                name: {"mean": spread.mean, "std": spread.std}
                for name, spread in group.figures.items()
            },
        }
        for group in found.groups
    ]
    differences = [{"what": one.what, "values": list(one.values)} for one in found.differences]
    return {"runs": runs, "groups": groups, "differences": differences, "notes": notes(found)}
