"""Runs in a line each."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archcompile.errors import ArchError, UsageError
from archcompile.report.formatting import best, duration, figure, minute
from archcompile.report.reading import Record, find, read
from archcompile.report.records import Result
from archcompile.run_files import holds_run

FIGURES = ("test_loss", "test_cross_entropy", "test_accuracy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One line about a run. Figures on the test set are None where none were taken; `problem` is
    why a run is damaged.
    """

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
    best_epoch: int | None = None
    best_accuracy: float | None = None
    best_chosen_on: str | None = None
    seconds: float | None = None
    started: str | None = None


def summary(record: Record) -> Summary:
    """Raises DataError or SpecError where a file that it takes is damaged."""
    environment, result = record.environment, record.result
    return Summary(
        run=str(record.path),
        state=record.state,
        name=record.name,
        hash=environment.identity.spec,
        dataset=environment.dataset.label,
        seed=environment.identity.seed,
        of=record.of,
        started=environment.started,
        **(_outcome(result) if result else _so_far(record)),
    )


def _outcome(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: getattr(result, name) for name in ("params", "recipe", "epochs", *FIGURES, "seconds")
    }
    best = result.best
    if best:
        found |= {
            "best_epoch": best.epoch,
            "best_accuracy": best.test_accuracy,
            "best_chosen_on": best.chosen_on,
        }
    return found


def _so_far(record: Record) -> dict[str, Any]:
    """What an open run has reached, with the figures of its last epoch where these were taken on
    the test set.
    """
    history, progress = record.history, record.progress
    found = {
        "recipe": record.recipe.name,
        "epochs": len(history["epoch"]),
        "seconds": progress.seconds if progress else 0.0,
    }
    if record.measured == "test" and history["epoch"]:
        found |= {name: history[name.replace("test", "val")][-1] for name in FIGURES}
    return found


def listed(root: Path, running: Callable[[Path], bool]) -> list[Summary]:
    """All runs below a folder, by path; `running` says whether somebody trains in a folder now.
    Raises UsageError.
    """
    return [_or_damaged(path, running) for path in find(root)]


def _or_damaged(path: Path, running: Callable[[Path], bool]) -> Summary:
    try:
        return summary(read(path, running(path)))
    except ArchError as error:
        return Summary(run=str(path), state="damaged", problem=error.message)


def ordered(found: Iterable[Summary], by: str) -> list[Summary]:
    """By `date` (newest first), `accuracy` (best first) or `name` (of the folder); damaged runs
    come last.
    """
    runs = sorted(found, key=lambda one: one.run)
    if by == "date":
        runs.sort(key=lambda one: one.started or "", reverse=True)
    elif by == "accuracy":
        runs.sort(
            key=lambda one: -1.0 if one.test_accuracy is None else one.test_accuracy, reverse=True
        )
    return sorted(runs, key=lambda one: one.problem is not None)


def summary_rows(found: Sequence[Summary]) -> list[tuple[str, ...]]:
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
        *map(_row, found),
    ]


def _row(one: Summary) -> tuple[str, ...]:
    if one.problem is not None:
        return (one.run, "", "", "", "", "", one.state, "", "", "", "", "")
    return (
        one.run,
        one.name or "",
        one.recipe or "",
        one.dataset or "",
        str(one.seed),
        f"{one.epochs}/{one.of}",
        one.state,
        figure(one.test_accuracy),
        figure(one.test_loss),
        best(one),
        duration(one.seconds or 0),
        minute(one.started or ""),
    )


def alike(found: Sequence[Summary], wanted: str) -> list[Summary]:
    """The runs whose network has the hash that `wanted` begins, or that of the run in the folder
    `wanted`.

    Raises UsageError where it is neither.
    """
    if re.fullmatch("[0-9a-f]{4,64}", wanted):
        return [one for one in found if one.hash is not None and one.hash.startswith(wanted)]
    if not holds_run(Path(wanted)):
        raise UsageError(
            "--same-arch: expected a hash of 4 to 64 digits or the folder of a run, received "
            f"`{wanted}`",
            hint="archc runs --json shows the hashes",
        )
    return [one for one in found if one.hash == read(Path(wanted)).environment.identity.spec]
