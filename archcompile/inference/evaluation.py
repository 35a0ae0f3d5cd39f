"""Runs scored again from disk, each on its own or averaged as an ensemble."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.data import Dataset, Split
from archcompile.engine import open_for_scoring
from archcompile.errors import DataError
from archcompile.inference.metrics import HALF, measure_all
from archcompile.inference.run_checkpoint import RunCheckpoint, checkpoint_of
from archcompile.messages import Say, to_stderr
from archcompile.report import ConfusionMatrix, LabelCount, LabelCounts, Scores
from archcompile.run_folder import Saved, load_dataset, read_run


@dataclass(frozen=True, kw_only=True)
class ScoredModel:
    """A run and the images it is scored on; `dataset` is the label that every figure bears."""

    saved: Saved
    test: Split
    dataset: str
    fit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How a checkpoint does on the test images of `dataset`, made to fit by `fit`.

    `head_output` is what the network outputs.
    """

    checkpoint: RunCheckpoint
    dataset: str
    fit: str | None
    head_output: str
    scores: Scores

    def record(self) -> dict[str, Any]:
        return {
            **self.checkpoint.record(),
            "dataset": self.dataset,
            "fit": self.fit,
            "head_output": self.head_output,
            **self.scores.record(),
        }


def evaluate(
    path: str | Path,
    *,
    which: str = "last",
    data: str | None = None,
    data_dir: str | Path | None = None,
    say: Say = to_stderr,
) -> Evaluation:
    """How a run's `last` or `best` checkpoint does on its test set.

    Without `data` the run's own data is found again, and must be the same to the last pixel.
    Raises UsageError, DataError, MissingError.
    """
    return score(load_subject(path, which, data, data_dir=data_dir, say=say))[0]


def confusion_matrix(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> ConfusionMatrix:
    """What images with these labels (N,) are taken for, by their probabilities (N, classes)."""
    counts = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(counts, (labels, probabilities.argmax(axis=1)), 1)
    return ConfusionMatrix(tuple(classes), tuple(map(tuple, counts.tolist())))


def count_answers(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> ConfusionMatrix | LabelCounts:
    """What images are taken for, by class or, of labels (N, classes), by label."""
    if labels.ndim == 1:
        return confusion_matrix(labels, probabilities, classes)
    truth, taken = labels == 1, probabilities >= HALF
    counts = [
        (truth & taken).sum(axis=0),
        (~truth & taken).sum(axis=0),
        (truth & ~taken).sum(axis=0),
    ]
    rows = zip(classes, *(count.tolist() for count in counts), strict=True)
    return LabelCounts(
        tuple(LabelCount(name=n, hits=h, alarms=a, misses=m) for n, h, a, m in rows), len(labels)
    )


def class_differences(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """How two lists of classes differ, in a sentence; nothing where they do not."""
    if len(first) != len(second):
        return [f"they have {len(first)} and {len(second)} classes"]
    for place, (a, b) in enumerate(zip(first, second, strict=True)):
        if a != b:
            return [f"class {place} is `{a}` in the one and `{b}` in the other"]
    return []


def load_subject(
    path: str | Path, which: str, data: str | None, *, data_dir: str | Path | None, say: Say
) -> ScoredModel:
    """A run with the images it is to be scored on. Raises UsageError, DataError, MissingError."""
    saved = read_run(path, which, say)
    dataset = load_dataset(saved, data, None if data_dir is None else Path(data_dir))
    test = _in_order(saved, dataset)
    return ScoredModel(saved=saved, test=test, dataset=dataset.label, fit=dataset.fit)


def _in_order(saved: Saved, dataset: Dataset) -> Split:
    """The test images, with labels in the order of the run's classes.

    Raises DataError where the classes are others.
    """
    if dataset.classes == saved.classes:
        return dataset.test
    if set(dataset.classes) != set(saved.classes):
        unlike = class_differences(saved.classes, dataset.classes)
        raise DataError(
            f"{dataset.label} has other classes than {saved.run.path}: {'; '.join(unlike)}",
            hint="classes are identified by name",
        )
    labels = dataset.test.labels
    if labels.ndim == 2:
        columns = [dataset.classes.index(name) for name in saved.classes]
        return replace(dataset.test, labels=labels[:, columns])
    places = np.array([saved.classes.index(name) for name in dataset.classes])
    return replace(dataset.test, labels=places[labels])


def score(subject: ScoredModel) -> tuple[Evaluation, np.ndarray]:
    """The evaluation, and the probabilities (N, classes) of the test images."""
    saved = subject.saved
    means, probabilities = means_and_probabilities(saved, subject.test)
    evaluation = Evaluation(
        checkpoint=checkpoint_of(saved),
        dataset=subject.dataset,
        fit=subject.fit,
        head_output=saved.head.output,
        scores=Scores(
            loss=means["loss"],
            accuracy=means["accuracy"],
            cross_entropy=means["cross_entropy"],
            confusion=count_answers(subject.test.labels, probabilities, saved.classes),
            metrics=measure_all(subject.test.labels, probabilities, saved.recipe.metrics),
        ),
    )
    return evaluation, probabilities


def means_and_probabilities(saved: Saved, images: Split) -> tuple[Mapping[str, float], np.ndarray]:
    """The figures of a run on images, and the probabilities (N, classes) that it gives them."""
    engine, model = open_for_scoring(saved.run.engine()), saved.model()
    evaluator = engine.make_evaluator(saved.graph, model, saved.recipe, statistics=saved.statistics)
    probabilities = np.concatenate(list(evaluator.predict(images)))
    return evaluator.means(), probabilities
