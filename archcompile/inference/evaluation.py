"""Runs scored again from disk, each on its own or averaged as an ensemble."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.data import Dataset, Split
from archcompile.engine.tensorflow import Devices
from archcompile.errors import DataError, UsageError
from archcompile.keras_defaults import EPSILON
from archcompile.messages import Say, to_stderr
from archcompile.run_folder import Saved
from archcompile.run_folder import saved as runs

# the least that a probability is taken for, as in Keras' cross-entropy: so an image costs at most
# 16.1 nats
LEAST = EPSILON
BATCH = 1024  # images compared at a time

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ScoredModel:
    """A run and the images it is scored on; `dataset` is the label that every figure bears."""

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
    return score(load_subject(path, which, data, data_dir=data_dir, say=say))[0]


def evaluate_ensemble(
    paths: Sequence[str | Path],
    *,
    which: str = "last",
    data: str | None = None,
    data_dir: str | Path | None = None,
    say: Say = to_stderr,
) -> tuple[list[Record], Record]:
    """The records of several runs, as from `evaluate`, and that of their ensemble.

    An ensemble predicts the mean of the probabilities. The networks may differ; the classes, their
    order and the test images may not. The loss of the
    ensemble is its cross-entropy: it has no weights of its own to penalise. Raises UsageError,
    DataError, MissingError.
    """
    folders = [Path(path).resolve() for path in paths]
    if len(folders) < 2:
        raise UsageError(
            "an ensemble takes at least two runs",
            hint="without --ensemble, a single run is scored",
        )
    for path, folder in zip(paths, folders, strict=True):
        if folders.count(folder) > 1:
            raise UsageError(f"{path} is given twice, and would count twice in the mean")
    first = load_subject(paths[0], which, data, data_dir=data_dir, say=say)
    subjects = [first]
    for path in paths[1:]:
        subject = load_subject(path, which, data, data_dir=data_dir, say=say)
        subjects.append(_sharing_images(first, subject))
    records: list[Record] = []
    total: Any = 0.0  # float64 (N, classes)
    for subject in subjects:  # one model at a time
        record, probabilities = score(subject)
        records.append(record)
        total = total + probabilities.astype(np.float64)
    return records, _ensemble_record(subjects, total / len(subjects))


def _ensemble_record(subjects: Sequence[ScoredModel], probabilities: np.ndarray) -> Record:
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
    """The confusion matrix (true class, predicted class), and the accuracy of each class.

    The accuracy is None where a class has no images.
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


def _sharing_images(first: ScoredModel, second: ScoredModel) -> ScoredModel:
    """`second` with the test images of `first`. Raises DataError where they cannot be averaged."""
    paths = first.saved.run.path, second.saved.run.path
    unlike = [
        *_class_differences(first.saved.classes, second.saved.classes),
        *_image_differences(first.test, second.test),
    ]
    if unlike:
        raise DataError(
            f"{paths[0]} and {paths[1]} cannot be averaged: {'; '.join(unlike)}",
            hint="all runs need the same classes in the same order, and the same test images",
        )
    return replace(second, test=first.test)


def _class_differences(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """How two lists of classes differ, in a sentence; nothing where they do not."""
    if len(first) != len(second):
        return [f"they have {len(first)} and {len(second)} classes"]
    for place, (a, b) in enumerate(zip(first, second, strict=True)):
        if a != b:
            return [f"class {place} is `{a}` in the one and `{b}` in the other"]
    return []


def _image_differences(first: Split, second: Split) -> list[str]:
    """How the images and labels of two splits differ, in a sentence; nothing where they do not."""
    if first.store.shape != second.store.shape:
        shapes = ["{} of {}x{}x{}".format(*split.store.shape) for split in (first, second)]
        return [f"their test images are {' and '.join(shapes)}"]
    differ = 0
    batches = zip(first.batches(BATCH), second.batches(BATCH), strict=True)
    for (images, labels), (second_images, second_labels) in batches:
        differ += int(
            ((images != second_images).any(axis=(1, 2, 3)) | (labels != second_labels)).sum()
        )
    return [f"{differ} of their {len(first)} test images differ"] if differ else []


def load_subject(
    path: str | Path, which: str, data: str | None, *, data_dir: str | Path | None, say: Say
) -> ScoredModel:
    """A run with the images it is to be scored on. Raises UsageError, DataError, MissingError."""
    saved = runs.read(path, which, say)
    dataset = runs.load_dataset(saved, data, None if data_dir is None else Path(data_dir))
    test = _in_order(saved, dataset)
    return ScoredModel(saved=saved, test=test, dataset=dataset.label, fit=dataset.fit)


def _in_order(saved: Saved, dataset: Dataset) -> Split:
    """The test images, with labels in the order of the run's classes.

    Raises DataError where the classes are others.
    """
    if dataset.classes == saved.classes:
        return dataset.test
    if set(dataset.classes) != set(saved.classes):
        unlike = _class_differences(saved.classes, dataset.classes)
        raise DataError(
            f"{dataset.label} has other classes than {saved.run.path}: {'; '.join(unlike)}",
            hint="classes are identified by name",
        )
    places = np.array([saved.classes.index(name) for name in dataset.classes])
    return replace(dataset.test, labels=places[dataset.test.labels])


def score(subject: ScoredModel) -> tuple[Record, np.ndarray]:
    """The record, and the probabilities (N, classes) of the test images."""
    means, probabilities = scores(subject.saved, subject.test)
    classes = by_class(subject.test.labels, probabilities.argmax(axis=1), subject.saved.classes)
    figures = {
        "test_loss": means["loss"],
        "test_accuracy": means["accuracy"],
        "test_cross_entropy": means["cross_entropy"],
    }
    return {**subject.record(), **figures, **classes}, probabilities


def scores(saved: Saved, images: Split) -> tuple[Mapping[str, float], np.ndarray]:
    """The figures of a run on images, and the probabilities (N, classes) that it gives them."""
    model = saved.model()
    from archcompile.engine.tensorflow import Evaluator

    evaluator = Evaluator(
        model, saved.recipe, saved.statistics, output=saved.head.output, devices=Devices.single()
    )
    probabilities = np.concatenate(list(evaluator.predict(images)))
    return evaluator.means(), probabilities
