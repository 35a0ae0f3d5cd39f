"""Runs in a line each."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archcompile.errors import ArchError, UsageError
from archcompile.report.formatting import best, duration, figure, minute
from archcompile.report.reading import Record, find, read
from archcompile.report.records import Result
from archcompile.run_files import holds_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One line about a run; figures may be None, `problem` says why a run is damaged."""

    run: str
    state: str
    problem: str | None = None
    name: str | None = None
    hash: str | None = None
    params: int | None = None
    recipe: str | None = None
    dataset: str | None = None
    seed: int | None = None
    epochs: int | None = None
    of: int | None = None
    test_loss: float | None = None
    test_cross_entropy: float | None = None
    test_accuracy: float | None = None
    test_metrics: Mapping[str, float | None] | None = None
    best_epoch: int | None = None
    best_accuracy: float | None = None
    best_chosen_on: str | None = None
    seconds: float | None = None
    started: str | None = None


def summary(record: Record) -> Summary:
    """Raises DataError or SpecError where a file that it takes is damaged."""
    environment = record.environment
    line = Summary(
        run=str(record.path),
        state=record.state,
        name=record.name,
        hash=environment.identity.spec,
        dataset=environment.dataset.label,
        seed=environment.identity.seed,
        of=record.of,
        started=environment.started,
    )
    return _with_result(line, record.result) if record.result else _so_far(line, record)


def _with_result(line: Summary, result: Result) -> Summary:
    best = result.best
    return replace(
        line,
        params=result.params,
        recipe=result.recipe,
        epochs=result.epochs,
        test_loss=result.test_loss,
        test_cross_entropy=result.test_cross_entropy,
        test_accuracy=result.test_accuracy,
        test_metrics=result.test_metrics or None,
        best_epoch=best.epoch if best else None,
        best_accuracy=best.test_accuracy if best else None,
        best_chosen_on=best.chosen_on if best else None,
        seconds=result.seconds,
    )


def _so_far(line: Summary, record: Record) -> Summary:
    """What an open run has reached, with its last epoch's figures if on the test set."""
    history, progress = record.history, record.progress
    line = replace(
        line,
        recipe=record.recipe.name,
        epochs=len(history["epoch"]),
        seconds=progress.seconds if progress else 0.0,
    )
    if record.measured != "test" or not history["epoch"]:
        return line
    return replace(
        line,
        test_loss=history["val_loss"][-1],
        test_cross_entropy=history["val_cross_entropy"][-1],
        test_accuracy=history["val_accuracy"][-1],
    )


def list_runs(
    root: Path, is_running: Callable[[Path], bool], check: Callable[[Path], None]
) -> list[Summary]:
    """All runs below a folder, by path; `is_running` tells whether a run is being trained.

    `check` raises DataError where a run that is not has missing or changed files. Raises
    UsageError.
    """
    return [_summary_or_problem(path, is_running(path), check) for path in find(root)]


def _summary_or_problem(path: Path, is_running: bool, check: Callable[[Path], None]) -> Summary:
    """What can be read of a damaged run stays in its line."""
    line = Summary(run=str(path), state="damaged")
    try:
        line = summary(read(path, is_running))
        if not is_running:
            check(path)
        return line
    except ArchError as error:
        return replace(line, state="damaged", problem=error.message)


def sort_runs(summaries: Iterable[Summary], by: str) -> list[Summary]:
    """By `date` (newest first), `accuracy` (best first) or `name`; damaged runs come last."""
    runs = sorted(summaries, key=lambda summary: summary.run)
    if by == "date":
        runs.sort(key=lambda summary: summary.started or "", reverse=True)
    elif by == "accuracy":
        runs.sort(
            key=lambda summary: -1.0 if summary.test_accuracy is None else summary.test_accuracy,
            reverse=True,
        )
    return sorted(runs, key=lambda summary: summary.problem is not None)


SUMMARY_RIGHT = frozenset((4, 5, 7, 8, 10))  # columns of figures


def summary_rows(summaries: Sequence[Summary]) -> list[tuple[str, ...]]:
    """A table, the first row its header."""
    return [
        (
            "run",
            "network",
            "recipe",
            "data",
            "seed",
            "epochs",
            "state",
            "test accuracy",
            "test loss",
            "best (chosen on)",
            "time",
            "started",
        ),
        *map(_row, summaries),
    ]


def _row(summary: Summary) -> tuple[str, ...]:
    if summary.name is None:
        return (summary.run, "", "", "", "", "", summary.state, "", "", "", "", "")
    return (
        summary.run,
        summary.name or "",
        summary.recipe or "",
        summary.dataset or "",
        str(summary.seed),
        f"{summary.epochs}/{summary.of}",
        summary.state,
        figure(summary.test_accuracy),
        figure(summary.test_loss),
        best(summary),
        duration(summary.seconds or 0),
        minute(summary.started or ""),
    )


def runs_of_network(summaries: Sequence[Summary], network: str) -> list[Summary]:
    """The runs of one network, which is given by the beginning of its hash or by a run's folder.

    Raises UsageError where it is neither.
    """
    if re.fullmatch("[0-9a-f]{4,64}", network):
        return [
            summary
            for summary in summaries
            if summary.hash is not None and summary.hash.startswith(network)
        ]
    if not holds_run(Path(network)):
        raise UsageError(
            "--same-arch: expected a hash of 4 to 64 digits or the folder of a run, got "
            f"`{network}`",
            hint="archc runs --json shows the hashes",
        )
    return [
        summary
        for summary in summaries
        if summary.hash == read(Path(network)).environment.identity.spec
    ]
