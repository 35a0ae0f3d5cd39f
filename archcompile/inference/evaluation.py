"""Runs scored again from disk, each on its own or averaged as an ensemble."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.data import Dataset, Split
from archcompile.engine.tensorflow import Devices
from archcompile.errors import DataError, UsageError
from archcompile.run_folder import Saved
from archcompile.run_folder import saved as runs

# no probability is taken for less, as in Keras' cross-entropy, so that one picture costs at most
# 16.1
LEAST = 1e-7

Say = Callable[[str], None]
Record = dict[str, Any]


def to_stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A run and the pictures it is scored on; `dataset` is the label every figure bears."""

    saved: Saved
    test: Split
    dataset: str
    fit: str | None

    def record(self) -> Record:
        saved = self.saved
        return {
            "run": str(saved.run.path),
            "name": saved.graph.name,
            "hash": saved.graph.hash,
            "checkpoint": saved.which,
            "epoch": saved.checkpoint.state.epoch,
            "step": saved.checkpoint.state.step,
            "chosen_on": saved.chosen_on,
            "dataset": self.dataset,
            "fit": self.fit,
            "head_output": saved.head.output,
        }


def evaluate(
    path: str | Path,
    *,
    which: str = "last",
    data: str | None = None,
    data_dir: str | Path | None = None,
    say: Say = to_stderr,
) -> Record:
    """The figures of a run's `last` or `best` checkpoint on its test set, as a record.

    `confusion` has a row for each true class and a column for each predicted one; `per_class` the
    accuracy of each class by name. Without `data` the run's own data is found again, and must be
    the same to the last pixel. Raises UsageError, DataError, MissingError.
    """
    return scored(prepared(path, which, data, data_dir=data_dir, say=say))[0]


def evaluate_ensemble(
    paths: Sequence[str | Path],
    *,
    which: str = "last",
    data: str | None = None,
    data_dir: str | Path | None = None,
    say: Say = to_stderr,
) -> tuple[list[Record], Record]:
    """The records of several runs, as from `evaluate`, and that of the mean of the probabilities
    they predict.

    The networks may differ; the classes, their order and the test pictures may not. The loss of the
    ensemble is its cross-entropy: it has no weights of its own to penalise. Raises UsageError,
    DataError, MissingError.
    """
    folders = [Path(path).resolve() for path in paths]
    if len(folders) < 2:
        raise UsageError(
            "an ensemble takes at least two runs",
            hint="without --ensemble a run is scored on its own",
        )
    for path, folder in zip(paths, folders, strict=True):
        if folders.count(folder) > 1:
            raise UsageError(f"{path} is named twice, and would count twice in the mean")
    first = prepared(paths[0], which, data, data_dir=data_dir, say=say)
    subjects = [
        first,
        *(
            _alike(first, prepared(path, which, data, data_dir=data_dir, say=say))
            for path in paths[1:]
        ),
    ]
    records: list[Record] = []
    total: Any = 0.0  # float64 (N, classes)
    for subject in subjects:  # one model at a time
        record, probabilities = scored(subject)
        records.append(record)
        total = total + probabilities.astype(np.float64)
    return records, _ensemble_record(subjects, total / len(subjects))


def _ensemble_record(subjects: Sequence[Subject], probabilities: np.ndarray) -> Record:
    """`probabilities` are float64 (N, classes)."""
    first = subjects[0]
    labels = first.test.labels
    of_truth = probabilities[np.arange(len(labels)), labels]
    cross_entropy = float(-np.log(np.maximum(of_truth, LEAST)).mean())
    return {
        "runs": [str(subject.saved.run.path) for subject in subjects],
        "checkpoint": first.saved.which,
        "chosen_on": first.saved.chosen_on,
        "dataset": first.dataset,
        "fit": first.fit,
        "test_loss": cross_entropy,
        "test_accuracy": float((probabilities.argmax(axis=1) == labels).mean()),
        "test_cross_entropy": cross_entropy,
        **by_class(labels, probabilities.argmax(axis=1), first.saved.classes),
    }


def by_class(labels: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> Record:
    """The confusion matrix (true class, predicted class), the accuracy of each class, None where it
    has no pictures.
    """
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    counts = confusion.sum(axis=1)
    accuracy = {
        name: float(confusion[i, i] / counts[i]) if counts[i] else None
        for i, name in enumerate(classes)
    }
    return {
        "images": len(labels),
        "classes": list(classes),
        "per_class": accuracy,
        "confusion": confusion.tolist(),
    }


def _alike(first: Subject, other: Subject) -> Subject:
    """`other`, sharing the test pictures of `first`. Raises DataError where the two cannot be
    averaged.
    """
    one, two = first.saved, other.saved
    unlike = [*_unlike_classes(one.classes, two.classes), *_unlike_pictures(first.test, other.test)]
    if unlike:
        raise DataError(
            f"{one.run.path} and {two.run.path} cannot be averaged: {'; '.join(unlike)}",
            hint="all need the same classes in the same order, and the same test pictures",
        )
    return replace(other, test=first.test)


def _unlike_classes(one: Sequence[str], other: Sequence[str]) -> list[str]:
    if len(one) != len(other):
        return [f"they have {len(one)} and {len(other)} classes"]
    pairs = [(place, a, b) for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return [
        f"class {place} is `{a}` in the one and `{b}` in the other" for place, a, b in pairs[:1]
    ]


def _unlike_pictures(one: Split, other: Split) -> list[str]:
    if one.images.shape != other.images.shape:
        shapes = " and ".join(
            "{} of {}x{}x{}".format(*split.images.shape) for split in (one, other)
        )
        return [f"their test pictures are {shapes}"]
    differ = sum(
        int(((a != b).any(axis=(1, 2, 3)) | (la != lb)).sum())
        for (a, la), (b, lb) in zip(one.batches(1024), other.batches(1024), strict=True)
    )
    return [f"{differ} of their {len(one)} test pictures differ"] if differ else []


def prepared(
    path: str | Path, which: str, data: str | None, *, data_dir: str | Path | None, say: Say
) -> Subject:
    """A run with the pictures it is to be scored on. Raises UsageError, DataError, MissingError."""
    saved = runs.read(path, which, say)
    found = runs.load_dataset(saved, data, None if data_dir is None else Path(data_dir))
    return Subject(saved=saved, test=_in_order(saved, found), dataset=found.label, fit=found.fit)


def _in_order(saved: Saved, found: Dataset) -> Split:
    """The test pictures, their labels in the order of the run's classes. Raises DataError where
    there are other classes.
    """
    if found.classes == saved.classes:
        return found.test
    unlike = _unlike_classes(saved.classes, found.classes)
    if set(found.classes) != set(saved.classes):
        raise DataError(
            f"{found.label} has other classes than {saved.run.path}: {'; '.join(unlike)}",
            hint="they are told apart by their names",
        )
    places = np.array([saved.classes.index(name) for name in found.classes])
    return replace(found.test, labels=places[found.test.labels])


def scored(subject: Subject) -> tuple[Record, np.ndarray]:
    """The record, and the probabilities (N, classes) of the test pictures."""
    means, probabilities = scores(subject.saved, subject.test)
    classes = by_class(subject.test.labels, probabilities.argmax(axis=1), subject.saved.classes)
    figures = {
        "test_loss": means["loss"],
        "test_accuracy": means["accuracy"],
        "test_cross_entropy": means["cross_entropy"],
    }
    return {**subject.record(), **figures, **classes}, probabilities


def scores(saved: Saved, pictures: Split) -> tuple[Mapping[str, float], np.ndarray]:
    """The figures of a run on pictures, and the probabilities (N, classes) it gives them."""
    model = saved.model()
    from archcompile.engine.tensorflow import Evaluator

    evaluator = Evaluator(
        model, saved.recipe, saved.statistics, output=saved.head.output, devices=Devices.single()
    )
    probabilities = np.concatenate([np.asarray(batch) for batch in evaluator.predict(pictures)])
    return evaluator.means(), probabilities
