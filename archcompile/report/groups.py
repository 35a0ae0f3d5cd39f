"""Runs side by side: which are one training with several seeds or on several folds, and in what
the others differ.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, count, product
from operator import attrgetter
from statistics import mean, stdev
from string import ascii_lowercase
from typing import Any

from archcompile.errors import plural
from archcompile.recipe import NAMES, Recipe, leaves
from archcompile.report.reading import Record
from archcompile.report.records import FIGURES, Result
from archcompile.report.spec_words import network_words
from archcompile.report.summary import Summary, summary

DOT = " · "
FOLD = {"data": {"fold"}}
UNREPORTED = (
    "epochs",
    "steps",
    "data.source",
    "data.stream",
    "data.fold",
    "checkpoint.steps",
    "checkpoint.minutes",
    "metrics",
)


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation (n - 1)."""

    mean: float
    std: float

    def __str__(self) -> str:
        return f"{self.mean:.4f} ± {self.std:.4f}"


@dataclass(frozen=True, kw_only=True)
class SeedGroup:
    """Runs of one training with several seeds or on several folds, or a single run.

    `figures` are spreads over two of these or more, none of them twice; `metrics` those of the
    metrics that all of them have.
    """

    mark: str  # a, b, c …
    label: str
    name: str  # the label without what it says of seeds
    runs: tuple[Record, ...]
    figures: Mapping[str, Spread]
    metrics: Mapping[str, Spread] = field(default_factory=dict)

    @property
    def seeds(self) -> list[int]:
        return sorted(run.environment.identity.seed for run in self.runs)

    @property
    def draws(self) -> list[str]:
        """What tells the runs apart, in words."""
        return list(map(draw_words, self.runs))


@dataclass(frozen=True)
class RunDifference:
    """Something that not all runs have alike, with the value of each run, in their order."""

    what: str
    values: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`labels` and `lines` belong to `runs`, each in the order they were named.

    Of the groups, that with the best test accuracy is the first.
    """

    runs: Sequence[Record]
    labels: Sequence[str]
    lines: Sequence[Summary]
    groups: Sequence[SeedGroup]
    differences: Sequence[RunDifference]

    @property
    def has_same_images(self) -> bool:
        return len({run.environment.identity.data for run in self.runs}) == 1


def compare_runs(runs: Sequence[Record]) -> Comparison:
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
    """Short names that tell the runs apart: network, seed, fold, what differs; else also the
    folder.
    """
    names = [f"{name}{DOT}{draw_words(run)}" for run, name in zip(runs, _stems(runs), strict=True)]
    return [
        f"{name} ({run.path.name})" if names.count(name) > 1 else name
        for run, name in zip(runs, names, strict=True)
    ]


def _stems(runs: Sequence[Record]) -> list[str]:
    parts = [
        (run.name, _recipe_name(run), run.environment.dataset.label, _engine(run)) for run in runs
    ]
    columns = list(zip(*parts, strict=True))
    shown = [i == 0 or len(set(column)) > 1 for i, column in enumerate(columns)]
    return [DOT.join(compress(part, shown)) for part in parts]


def _recipe_name(run: Record) -> str:
    return run.result.recipe if run.result else run.recipe.name


# ---- which belong together -----------------------------------------------------------------------


def _groups(runs: Sequence[Record]) -> list[SeedGroup]:
    labels, stems = _labels(runs), _stems(runs)
    members: dict[str, list[int]] = {}
    for i, run in enumerate(runs):
        members.setdefault(_training(run), []).append(i)
    # the best first; groups that are as good stay in the order their runs were named in
    members = dict(sorted(members.items(), key=lambda item: -_accuracy(runs, item[1])))
    several = [stems[rows[0]] for rows in members.values() if len(rows) > 1]
    groups = []
    for mark, rows in zip(_marks(), members.values(), strict=False):
        group, stem = tuple(runs[i] for i in rows), stems[rows[0]]
        if len(group) == 1:
            label = labels[rows[0]]
            name = label.replace(f"{DOT}{draw_words(group[0])}", "")
        else:
            place = f" ({group[0].path.name}, …)" if several.count(stem) > 1 else ""
            label, name = f"{stem}{DOT}{_seeds_words(group)}{place}", f"{stem}{place}"
        groups.append(
            SeedGroup(
                mark=mark,
                label=label,
                name=name,
                runs=group,
                figures=_figures(group),
                metrics=_metrics(group),
            )
        )
    return groups


def _accuracy(runs: Sequence[Record], rows: Sequence[int]) -> float:
    """The mean test accuracy of those of a group that have a result; below all others if none."""
    results = [result for row in rows if (result := runs[row].result)]
    return mean(result.test_accuracy for result in results) if results else -1.0


def _draw(run: Record) -> tuple[int, int]:
    """The seed, and the fold that is held out."""
    return run.environment.identity.seed, run.recipe.data.fold


def draw_words(run: Record) -> str:
    """`seed 0`, or `seed 0, fold 1 of 5`."""
    data, seed = run.recipe.data, f"seed {run.environment.identity.seed}"
    return f"{seed}, fold {data.fold} of {data.folds}" if data.folds else seed


def _seeds_words(runs: Sequence[Record]) -> str:
    draws = set(map(_draw, runs))
    seeds, folds = map(set, zip(*draws, strict=True))
    words = plural(len(seeds), "seed")
    if len(folds) > 1:
        words = plural(len(folds), "fold") + (f" by {words}" if len(seeds) > 1 else "")
    is_full = len(draws) == len(runs) == len(seeds) * len(folds)
    return words if is_full else f"{len(runs)} runs of {words}"


def _marks() -> Iterator[str]:
    """a to z, then aa, ab and so on."""
    for length in count(1):
        yield from map("".join, product(ascii_lowercase, repeat=length))


def _training(run: Record) -> str:
    """Equal for runs that are the same training by one engine, as far, but for seed and fold.

    Where the run was fitted to a limit on time, how many steps that were is chance.
    """
    identity = run.environment.identity.model_dump(exclude={"seed": True, "recipe": FOLD})
    is_fitted = run.recipe.fit_time and run.state == "finished"
    length = None if is_fitted else [run.of, len(run.history["epoch"])]
    return json.dumps([identity, length, run.state, _engine(run)], sort_keys=True)


def _engine(run: Record) -> str:
    """What trained it to its end."""
    return run.environment.sessions[-1].engine


def _figures(runs: Sequence[Record]) -> dict[str, Spread]:
    results = _spread_results(runs)
    names = FIGURES if results else ()
    return {name: _spread(list(map(attrgetter(name), results))) for name in names}


def _metrics(runs: Sequence[Record]) -> dict[str, Spread]:
    results = _spread_results(runs)
    spreads = {}
    for name in results[0].test_metrics if results else ():
        values = [result.test_metrics.get(name) for result in results]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            spreads[name] = _spread(known)
    return spreads


def _spread_results(runs: Sequence[Record]) -> list[Result]:
    """The results of several runs, where each has one and no draw is there twice."""
    results = [run.result for run in runs if run.result]
    draws = set(map(_draw, runs))
    # a seed that counts twice is no deviation
    if len(runs) < 2 or len(results) < len(runs) or len(draws) < len(runs):
        return []
    return results


def _spread(values: Sequence[float]) -> Spread:
    return Spread(mean(values), stdev(values))


# ---- in what they differ -------------------------------------------------------------------------


def _differences(runs: Sequence[Record]) -> list[RunDifference]:
    networks = network_words(runs)
    facts = [_facts(run, network) for run, network in zip(runs, networks, strict=True)]
    differences = []
    for what in dict.fromkeys(name for fact in facts for name in fact):
        values = [fact.get(what, "none") for fact in facts]
        if len(set(values)) > 1:
            differences.append(RunDifference(what, values))
    return differences


def _facts(run: Record, network: Mapping[str, str]) -> dict[str, str]:
    """Everything but the seed that may make two runs come out otherwise, in words.

    `network` are the words for its network, where not all have the same.
    """
    environment, session = run.environment, run.environment.sessions[-1]
    identity, data, options = environment.identity, environment.dataset, environment.options
    facts = {
        **network,
        "data": f"{data.label} ({data.train:,} + {data.test:,} images, {identity.data[:12]})",
        "epochs": _epoch_words(run),
        **_recipe_facts(run.recipe),
        "first weights": str(options.get("init") or "by the seed"),
        "not trained": ", ".join(options.get("freeze") or ()) or "nothing",
        "engine": session.engine,
        "kernels": session.kernels,
        "devices": f"{session.replicas} x {session.devices[-1] if session.devices else '?'}",
    }
    return facts | {
        f"{name} version": session.versions[name]
        for name in ("archcompile", "tensorflow", "jax", "keras")
        if name in session.versions
    }


def _epoch_words(run: Record) -> str:
    if run.state == "finished":
        return f"{run.of}"
    return f"{len(run.history['epoch'])} of {run.of}, {run.state}"


def _recipe_facts(recipe: Recipe) -> dict[str, str]:
    values = leaves(recipe.model_dump(mode="json", exclude=NAMES))
    return {
        f"recipe {path}": _word(value)
        for path, value in values
        if value is not None and path not in UNREPORTED
    }


def _word(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value) if isinstance(value, list) else str(value)
