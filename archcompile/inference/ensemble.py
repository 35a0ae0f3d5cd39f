"""Several runs scored together: an ensemble predicts the mean of their probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.choices import TestViews
from archcompile.data import Split
from archcompile.errors import DataError, UsageError
from archcompile.inference.evaluation import (
    Evaluation,
    ScoredModel,
    class_differences,
    load_subject,
    score,
    scores_of,
)
from archcompile.messages import Say, to_stderr
from archcompile.report import Scores

BATCH = 1024  # images compared at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsembleEvaluation:
    """How several runs do together, each with its `which` checkpoint."""

    runs: tuple[str, ...]
    which: str
    chosen_on: str | None
    dataset: str
    fit: str | None
    scores: Scores
    tta: TestViews | None = None

    def record(self) -> dict[str, Any]:
        return {
            "runs": list(self.runs),
            "checkpoint": self.which,
            "chosen_on": self.chosen_on,
            "dataset": self.dataset,
            "fit": self.fit,
            **({"tta": self.tta} if self.tta else {}),
            **self.scores.record(),
        }


def evaluate_ensemble(
    paths: Sequence[str | Path],
    *,
    which: str = "last",
    data: str | None = None,
    data_dir: str | Path | None = None,
    tta: TestViews | None = None,
    say: Say = to_stderr,
) -> tuple[list[Evaluation], EnsembleEvaluation]:
    """The evaluations of several runs, as from `evaluate`, and that of their ensemble.

    An ensemble predicts the mean of the probabilities, with `tta` over all views of each image.
    The networks may differ; the classes, their order and the test images may not. The loss of the
    ensemble is its cross-entropy: it has no weights of its own to penalise. Raises UsageError,
    DataError, MissingError.
    """
    _check_distinct(paths)
    first = load_subject(paths[0], which, data, data_dir=data_dir, say=say)
    subjects = [first]
    for path in paths[1:]:
        subject = load_subject(path, which, data, data_dir=data_dir, say=say)
        subjects.append(_sharing_images(first, subject))
    evaluations: list[Evaluation] = []
    total: Any = 0.0  # float64 (N, classes)
    for subject in subjects:  # one model at a time
        evaluation, probabilities = score(subject, tta)
        evaluations.append(evaluation)
        total = total + probabilities.astype(np.float64)
    return evaluations, _score_ensemble(subjects, total / len(subjects), tta)


def _check_distinct(paths: Sequence[str | Path]) -> None:
    """Raises UsageError for a single run, and for one that is given twice."""
    folders = [Path(path).resolve() for path in paths]
    if len(folders) < 2:
        raise UsageError(
            "an ensemble takes at least two runs",
            hint="without --ensemble, a single run is scored",
        )
    for path, folder in zip(paths, folders, strict=True):
        if folders.count(folder) > 1:
            raise UsageError(f"{path} is given twice, and would count twice in the mean")


def _score_ensemble(
    subjects: Sequence[ScoredModel], probabilities: np.ndarray, tta: TestViews | None
) -> EnsembleEvaluation:
    """`probabilities` are float64 (N, classes)."""
    first = subjects[0]
    return EnsembleEvaluation(
        runs=tuple(str(subject.saved.run.path) for subject in subjects),
        which=first.saved.which,
        chosen_on=first.saved.chosen_on,
        dataset=first.dataset,
        fit=first.fit,
        scores=scores_of(first, probabilities),
        tta=tta,
    )


def _sharing_images(first: ScoredModel, second: ScoredModel) -> ScoredModel:
    """`second` with the test images of `first`. Raises DataError where they cannot be averaged."""
    paths = first.saved.run.path, second.saved.run.path
    unlike = [
        *class_differences(first.saved.classes, second.saved.classes),
        *_output_differences(first, second),
        *_image_differences(first.test, second.test),
    ]
    if unlike:
        raise DataError(
            f"{paths[0]} and {paths[1]} cannot be averaged: {'; '.join(unlike)}",
            hint="all runs need the same classes in the same order, and the same test images",
        )
    return replace(second, test=first.test)


def _output_differences(first: ScoredModel, second: ScoredModel) -> list[str]:
    """That one has a sigmoid for each class and the other has not, in a sentence."""
    outputs = [subject.saved.head.output for subject in (first, second)]
    if ("sigmoids" in outputs) == (outputs[0] == outputs[1] == "sigmoids"):
        return []
    return [f"they output {outputs[0]} and {outputs[1]}"]


def _image_differences(first: Split, second: Split) -> list[str]:
    """How the images and labels of two splits differ, in a sentence; nothing where they do not."""
    if first.store.shape != second.store.shape:
        shapes = ["{} of {}x{}x{}".format(*split.store.shape) for split in (first, second)]
        return [f"their test images are {' and '.join(shapes)}"]
    differ = 0
    batches = zip(first.batches(BATCH), second.batches(BATCH), strict=True)
    for (images, labels), (second_images, second_labels) in batches:
        others = labels != second_labels
        others = others.any(axis=1) if others.ndim == 2 else others
        differ += int(((images != second_images).any(axis=(1, 2, 3)) | others).sum())
    return [f"{differ} of their {len(first)} test images differ"] if differ else []
