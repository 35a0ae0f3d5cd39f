"""The accuracy of each class and the confusions between them, from a confusion matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LINES = 20  # classes that are listed one by one
LARGEST = 10  # confusions that are listed


@dataclass(frozen=True, slots=True)
class ClassScore:
    """`right` of `images` test images of a class were taken for it."""

    name: str
    right: int
    images: int

    @property
    def accuracy(self) -> float | None:
        return self.right / self.images if self.images else None


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """How many images of each class (row) were taken for each class (column)."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def images(self) -> int:
        return sum(map(sum, self.counts))

    @property
    def scores(self) -> list[ClassScore]:
        """How each class did, in their order."""
        rows = zip(self.classes, self.counts, strict=True)
        return [ClassScore(name, row[i], sum(row)) for i, (name, row) in enumerate(rows)]

    def record(self) -> dict[str, Any]:
        return {
            "images": self.images,
            "classes": list(self.classes),
            "per_class": {score.name: score.accuracy for score in self.scores},
            "confusion": [list(row) for row in self.counts],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """`count` of `images` test images of the class `truth` were taken for `predicted`."""

    truth: str
    predicted: str
    count: int
    images: int

    def __str__(self) -> str:
        return f"{self.truth} taken for {self.predicted}: {self.count:,} of {self.images:,}"


def worst_first(matrix: ConfusionMatrix) -> list[ClassScore]:
    """The classes; those without a test image come last."""
    return sorted(
        matrix.scores, key=lambda score: 2.0 if score.accuracy is None else score.accuracy
    )


def confusions(matrix: ConfusionMatrix, most: int = LARGEST) -> list[Confusion]:
    """The largest confusions; of equal ones, those of the class that comes first."""
    names = matrix.classes
    confusions = [
        Confusion(truth=names[i], predicted=names[j], count=count, images=sum(row))
        for i, row in enumerate(matrix.counts)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return sorted(confusions, key=lambda confusion: -confusion.count)[:most]


def class_rows(matrix: ConfusionMatrix, most: int = LINES) -> tuple[list[tuple[str, ...]], str]:
    """A table of (class, accuracy, images), worst first, and a sentence on the rest."""
    scores = worst_first(matrix)
    shown = scores if len(scores) <= most else scores[: most - 1]
    rows: list[tuple[str, ...]] = [
        (
            score.name,
            "" if score.accuracy is None else f"{score.accuracy:.4f}",
            f"{score.right:,} of {score.images:,}" if score.images else "no images",
        )
        for score in shown
    ]
    return rows, _rest_words(scores[len(shown) :])


def _rest_words(left: Sequence[ClassScore]) -> str:
    known = [score.accuracy for score in left if score.accuracy is not None]
    if not left:
        return ""
    bare = len(left) - len(known)
    extent = f"from {min(known):.4f} to {max(known):.4f}" if known else ""
    return (
        f"and {len(left)} more"
        + (f", {extent}" if extent else "")
        + (f", {bare} of them without images" if bare else "")
    )
