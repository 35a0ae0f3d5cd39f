"""Runs side by side: which are the same training but for the seed, and in what the others
differ.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product
from statistics import mean, stdev
from string import ascii_lowercase
from typing import Any

from archcompile.recipe import NAMES, leaves
from archcompile.report.reading import Record
from archcompile.report.summary import FIGURES, Summary, summary

DOT = " · "
UNTOLD = ("epochs", "steps", "data.source", "data.stream", "checkpoint.steps", "checkpoint.minutes")


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation (n - 1)."""

    mean: float
    std: float

    def __str__(self) -> str:
        return f"{self.mean:.4f} ± {self.std:.4f}"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Runs of one training with several seeds, or a run of its own. `figures` are spreads over two
    seeds or more, each once.
    """

    mark: str  # a, b, c …
    label: str
    runs: tuple[Record, ...]
    figures: Mapping[str, Spread]

    @property
    def seeds(self) -> list[int]:
        return sorted(run.environment.identity.seed for run in self.runs)


@dataclass(frozen=True)
class Difference:
    """Something that not all runs have alike, with the value of each run, in their order."""

    what: str
    values: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`labels` and `lines` belong to `runs`, each in the order they were named."""

    runs: Sequence[Record]
    labels: Sequence[str]
    lines: Sequence[Summary]
    groups: Sequence[Group]
    differences: Sequence[Difference]

    @property
    def same_pictures(self) -> bool:
        return len({run.environment.identity.data for run in self.runs}) == 1


def compared(runs: Sequence[Record]) -> Comparison:
    """Raises DataError or SpecError where a file that it takes is damaged."""
    labels, groups = _labels(runs), _groups(runs)
    return Comparison(
        runs=runs,
        labels=labels,
        lines=[summary(run) for run in runs],
        groups=groups,
        differences=_differences(runs),
    )


# ---- what they are called ------------------------------------------------------------------------


def _labels(runs: Sequence[Record]) -> list[str]:
    """Short names that tell the runs apart: network and seed, and what else is not the same in all;
    else the folder.
    """
    names = [
        f"{name}{DOT}seed {run.environment.identity.seed}"
        for run, name in zip(runs, _stems(runs), strict=True)
    ]
    return [
        f"{name} ({run.path.name})" if names.count(name) > 1 else name
        for run, name in zip(runs, names, strict=True)
    ]


def _stems(runs: Sequence[Record]) -> list[str]:
    parts = [(run.name, _recipe_name(run), run.environment.dataset.label) for run in runs]
    shown = [i == 0 or len({part[i] for part in parts}) > 1 for i in range(3)]
    return [
        DOT.join(word for word, show in zip(part, shown, strict=True) if show) for part in parts
    ]


def _recipe_name(run: Record) -> str:
    return run.result.recipe if run.result else run.recipe.name


# ---- which belong together -----------------------------------------------------------------------


def _groups(runs: Sequence[Record]) -> list[Group]:
    labels, stems = _labels(runs), _stems(runs)
    members: dict[str, list[int]] = {}
    for i, run in enumerate(runs):
        members.setdefault(_training(run), []).append(i)
    several = [stems[rows[0]] for rows in members.values() if len(rows) > 1]
    found = []
    for mark, rows in zip(_marks(), members.values(), strict=False):
        these, stem = tuple(runs[i] for i in rows), stems[rows[0]]
        if len(these) == 1:
            label = labels[rows[0]]
        else:
            label = f"{stem}{DOT}{_seeds_words(these)}" + (
                f" ({these[0].path.name}, …)" if several.count(stem) > 1 else ""
            )
        found.append(Group(mark=mark, label=label, runs=these, figures=_figures(these)))
    return found


def _seeds_words(runs: Sequence[Record]) -> str:
    seeds = {run.environment.identity.seed for run in runs}
    if len(seeds) == len(runs):
        return f"{len(runs)} seeds"
    return f"{len(runs)} runs of {len(seeds)} seed{'s' if len(seeds) > 1 else ''}"


def _marks() -> Iterator[str]:
    """a to z, then aa, ab and so on."""
    for length in count(1):
        yield from map("".join, product(ascii_lowercase, repeat=length))


def _training(run: Record) -> str:
    """Equal for runs that are the same training, as far, but for the seed.

    Where the run was fitted to a limit on time, how many steps that were is chance.
    """
    identity = run.environment.identity.model_dump(exclude={"seed"})
    length = (
        None
        if run.recipe.fit_time and run.state == "finished"
        else [run.of, len(run.history["epoch"])]
    )
    return json.dumps([identity, length, run.state], sort_keys=True)


def _figures(runs: Sequence[Record]) -> dict[str, Spread]:
    results = [run.result for run in runs if run.result]
    seeds = {run.environment.identity.seed for run in runs}
    if (
        len(runs) < 2 or len(results) < len(runs) or len(seeds) < len(runs)
    ):  # a seed that counts twice is no deviation
        return {}
    columns = {name: [float(getattr(result, name)) for result in results] for name in FIGURES}
    return {name: Spread(mean(values), stdev(values)) for name, values in columns.items()}


# ---- in what they differ -------------------------------------------------------------------------


def _differences(runs: Sequence[Record]) -> list[Difference]:
    facts = [_facts(run) for run in runs]
    found = [
        Difference(what, [fact.get(what, "none") for fact in facts])
        for what in dict.fromkeys(name for fact in facts for name in fact)
    ]
    return [one for one in found if len(set(one.values)) > 1]


def _facts(run: Record) -> dict[str, str]:
    """Everything but the seed that may make two runs come out otherwise, in words."""
    environment, now = run.environment, run.environment.sessions[-1]
    identity, data, options = environment.identity, environment.dataset, environment.options
    facts = {
        "network": f"{run.name} ({identity.spec[:12]})",
        "data": f"{data.label} ({data.train:,} + {data.test:,} pictures, {identity.data[:12]})",
        "epochs": f"{run.of}"
        if run.state == "finished"
        else f"{len(run.history['epoch'])} of {run.of}, {run.state}",
        **{
            f"recipe {path}": _word(value)
            for path, value in leaves(run.recipe.model_dump(mode="json", exclude=NAMES))
            if value is not None and path not in UNTOLD
        },
        "first weights": str(options.get("init") or "by the seed"),
        "not trained": ", ".join(options.get("freeze") or ()) or "nothing",
        "kernels": now.kernels,
        "devices": f"{now.replicas} x {now.devices[-1] if now.devices else '?'}",
    }
    return facts | {
        f"{name} version": now.versions.get(name, "?")
        for name in ("archcompile", "tensorflow", "keras")
    }


def _word(value: Any) -> str:
    return (
        f"{value:g}"
        if isinstance(value, float)
        else json.dumps(value)
        if isinstance(value, list)
        else str(value)
    )
