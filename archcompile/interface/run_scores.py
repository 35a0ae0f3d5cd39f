"""What scoring and prediction return."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archcompile.errors import UsageError
from archcompile.interface.cells import score_cells
from archcompile.interface.display_table import DisplayTable
from archcompile.interface.result import RowResult

if TYPE_CHECKING:
    from archcompile.inference import (
        EnsembleEvaluation,
        Evaluation,
        ImagePrediction,
        Predictions,
    )
    from archcompile.report import ConfusionMatrix, LabelCounts, Scores


@dataclass(frozen=True, repr=False)
class Evaluations(RowResult):
    """How runs do on their test sets, and how they do together; a row is a run.

    `scores`, `accuracy` and `loss` are those of the single run, or of the ensemble.
    """

    evaluations: "tuple[Evaluation, ...]"
    ensemble: "EnsembleEvaluation | None" = None

    @property
    def scores(self) -> "Scores":
        """Raises UsageError where several runs were scored one by one."""
        if self.ensemble:
            return self.ensemble.scores
        if len(self.evaluations) > 1:
            raise UsageError(
                f"{len(self.evaluations)} runs were scored, each by itself",
                hint="take the scores of one of `.evaluations`",
            )
        return self.evaluations[0].scores

    @property
    def accuracy(self) -> float:
        return self.scores.accuracy

    @property
    def loss(self) -> float:
        return self.scores.loss

    @property
    def metrics(self) -> "Mapping[str, float | None]":
        """`top_5`, `macro_f1`, `auc` and others; None for what the images do not determine."""
        return self.scores.metrics

    @property
    def confusion(self) -> "ConfusionMatrix | LabelCounts":
        return self.scores.confusion

    def __iter__(self) -> "Iterator[Evaluation]":
        return iter(self.evaluations)

    def __len__(self) -> int:
        return len(self.evaluations)

    def __getitem__(self, place: int) -> "Evaluation":
        return self.evaluations[place]

    def to_dict(self) -> dict[str, Any]:
        """The record of a single run; of several, `runs` and `ensemble`."""
        records = [evaluation.record() for evaluation in self.evaluations]
        if len(records) == 1 and self.ensemble is None:
            return records[0]
        return {"runs": records, "ensemble": self.ensemble and self.ensemble.record()}

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [_row(evaluation) for evaluation in self.evaluations]

    def table(self) -> DisplayTable:
        rows: list[tuple[str, ...]] = []
        for evaluation in self.evaluations:
            checkpoint = evaluation.checkpoint
            start = (checkpoint.run, checkpoint.name, str(checkpoint.epoch))
            rows.append((*start, *score_cells(evaluation.scores), evaluation.dataset))
            if averaged := evaluation.averaged:
                views = f"{averaged.count} views of each image ({averaged.views})"
                rows.append(("", "", "", *score_cells(averaged.scores), views))
        if self.ensemble:
            start = (f"ensemble of {len(self.evaluations)}", "", "")
            rows.append((*start, *score_cells(self.ensemble.scores), self.ensemble.dataset))
        return DisplayTable(
            title="",
            head=("run", "network", "epoch", "loss", "cross-entropy", "accuracy", "test set"),
            rows=tuple(rows),
            right=frozenset((2, 3, 4, 5)),
            least=("cross-entropy", "network", "epoch"),
        )


def _row(evaluation: "Evaluation") -> Mapping[str, Any]:
    columns = ("run", "name", "epoch", "dataset", "test_loss", "test_cross_entropy")
    record = evaluation.record()
    metrics = {f"test_{name}": value for name, value in record["test_metrics"].items()}
    return {**{key: record[key] for key in (*columns, "test_accuracy")}, **metrics}


@dataclass(frozen=True, repr=False)
class PredictionList(RowResult):
    """What a run takes images for, in the order they were given; a row is a class of an image."""

    predictions: "Predictions"

    def __iter__(self) -> "Iterator[ImagePrediction]":
        return iter(self.predictions.images)

    def __len__(self) -> int:
        return len(self.predictions.images)

    def __getitem__(self, place: int) -> "ImagePrediction":
        return self.predictions.images[place]

    def to_dict(self) -> dict[str, Any]:
        return self.predictions.record()

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"image": image.image, **likely.record()}
            for image in self.predictions.images
            for likely in image.classes
        ]

    def table(self) -> DisplayTable:
        rows = list(map(_likely_words, self.predictions.images))
        columns = max((len(row) for row in rows), default=1) - 1
        return DisplayTable(title="", head=("image", *("",) * columns), rows=tuple(rows))


def _likely_words(image: "ImagePrediction") -> tuple[str, ...]:
    words = (f"{likely.name} {100 * likely.probability:.1f} %" for likely in image.classes)
    return image.image, *words
