"""Runs scored again from disk, each on its own or averaged as an ensemble."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.analyses import HeadOutput
from archcompile.choices import TestViews
from archcompile.data import Dataset, Split
from archcompile.engine import VIEWS, WHOLE, Evaluator, View, open_for_scoring
from archcompile.errors import DataError
from archcompile.inference.metrics import HALF, exact_match, measure_all
from archcompile.inference.run_checkpoint import RunCheckpoint, checkpoint_of
from archcompile.keras_defaults import EPSILON
from archcompile.messages import Say, to_stderr
from archcompile.report import ConfusionMatrix, LabelCount, LabelCounts, Scores
from archcompile.run_folder import Saved, load_dataset, read_run

# the least that a probability is taken for, as in Keras' cross-entropy: so an image costs at most
# 16.1 nats
LEAST = EPSILON


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
    averaged: "AveragedScores | None" = None

    def record(self) -> dict[str, Any]:
        averaged = {} if self.averaged is None else {"tta": self.averaged.record()}
        return {
            **self.checkpoint.record(),
            "dataset": self.dataset,
            "fit": self.fit,
            "head_output": self.head_output,
            **self.scores.record(),
            **averaged,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragedScores:
    """The scores of the mean of the probabilities that several `views` of each image get."""

    views: TestViews
    scores: Scores

    @property
    def count(self) -> int:
        """The views of an image, the whole one included."""
        return len(VIEWS[self.views])

    def record(self) -> dict[str, Any]:
        return {
            "views": self.views,
            "count": self.count,
            "mean_of": "probabilities",
            **self.scores.record(),
        }


def evaluate(
    path: str | Path,
    *,
    which: str = "last",
    data: str | None = None,
    data_dir: str | Path | None = None,
    tta: TestViews | None = None,
    say: Say = to_stderr,
) -> Evaluation:
    """How a run's `last` or `best` checkpoint does on its test set.

    With `tta` also the mean of what it predicts for several views of each image. Without `data`
    the run's own data is found again, and must be the same to the last pixel. Raises UsageError,
    DataError, MissingError.
    """
    return score(load_subject(path, which, data, data_dir=data_dir, say=say), tta)[0]


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


def score(subject: ScoredModel, tta: TestViews | None = None) -> tuple[Evaluation, np.ndarray]:
    """The evaluation, and the probabilities (N, classes), their mean where `tta` asks for one."""
    saved, test = subject.saved, subject.test
    engine, model = open_for_scoring(saved.run.engine()), saved.model()
    evaluator = engine.make_evaluator(saved.graph, model, saved.recipe, statistics=saved.statistics)
    probabilities = np.concatenate(list(evaluator.predict(test)))
    means = evaluator.means()
    scores = Scores(
        loss=means["loss"],
        accuracy=means["accuracy"],
        cross_entropy=means["cross_entropy"],
        confusion=count_answers(test.labels, probabilities, saved.classes),
        metrics=measure_all(test.labels, probabilities, saved.recipe.metrics),
    )
    averaged = None
    if tta is not None:
        others = [_predict(evaluator, test, view) for view in VIEWS[tta][1:]]
        total = sum(others, start=probabilities.astype(np.float64))
        probabilities = total / len(VIEWS[tta])
        penalty = means["loss"] - means["cross_entropy"]
        of_mean = scores_of(subject, probabilities, penalty=penalty)
        averaged = AveragedScores(views=tta, scores=of_mean)
    evaluation = Evaluation(
        checkpoint=checkpoint_of(saved),
        dataset=subject.dataset,
        fit=subject.fit,
        head_output=saved.head.output,
        scores=scores,
        averaged=averaged,
    )
    return evaluation, probabilities


def _predict(evaluator: Evaluator, images: Split, view: View) -> np.ndarray:
    return np.concatenate(list(evaluator.predict(images, view)))


def scores_of(subject: ScoredModel, probabilities: np.ndarray, *, penalty: float = 0.0) -> Scores:
    """The scores of probabilities (N, classes) that are a mean, each at least LEAST.

    The loss is their cross-entropy and the `penalty` of the weights.
    """
    labels, saved = subject.test.labels, subject.saved
    cross_entropy = _cross_entropy(labels, probabilities, saved.head.output)
    return Scores(
        loss=cross_entropy + penalty,
        accuracy=_accuracy(labels, probabilities),
        cross_entropy=cross_entropy,
        confusion=count_answers(labels, probabilities, saved.classes),
        metrics=measure_all(labels, probabilities, saved.recipe.metrics),
    )


def _accuracy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    if labels.ndim == 2:
        return exact_match(labels, probabilities)
    return float((probabilities.argmax(axis=1) == labels).mean())


def _cross_entropy(labels: np.ndarray, probabilities: np.ndarray, output: HeadOutput) -> float:
    """The mean over images; of sigmoids also over classes, each by itself."""
    if output != "sigmoids":
        of_truth = probabilities[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(of_truth, LEAST)).mean())
    is_there = (
        labels == 1 if labels.ndim == 2 else np.arange(probabilities.shape[1]) == labels[:, None]
    )
    of_truth = np.where(is_there, probabilities, 1.0 - probabilities)
    return float(-np.log(np.maximum(of_truth, LEAST)).mean())


def means_and_probabilities(saved: Saved, images: Split) -> tuple[Mapping[str, float], np.ndarray]:
    """The figures of a run on images, and the probabilities (N, classes) that it gives them."""
    engine, model = open_for_scoring(saved.run.engine()), saved.model()
    evaluator = engine.make_evaluator(saved.graph, model, saved.recipe, statistics=saved.statistics)
    probabilities = _predict(evaluator, images, WHOLE)
    return evaluator.means(), probabilities
