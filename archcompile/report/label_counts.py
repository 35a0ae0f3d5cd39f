"""How each label does where an image may have several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCount:
    """Of a label: images that have it and got it, that only got it, and that only have it."""

    name: str
    hits: int
    alarms: int
    misses: int

    @property
    def images(self) -> int:
        """Those that have it."""
        return self.hits + self.misses

    @property
    def precision(self) -> float | None:
        """Of the images that got it, the share that have it; None where none got it."""
        return _share(self.hits, self.hits + self.alarms)

    @property
    def recall(self) -> float | None:
        """Of the images that have it, the share that got it; None where none has it."""
        return _share(self.hits, self.images)

    @property
    def f1(self) -> float | None:
        """2 hits / (2 hits + alarms + misses); None where no image has it or got it."""
        return _share(2 * self.hits, 2 * self.hits + self.alarms + self.misses)

    def record(self) -> dict[str, Any]:
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "images": self.images,
        }


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """The labels, in their order, over so many images."""

    labels: tuple[LabelCount, ...]
    images: int

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)

    def record(self) -> dict[str, Any]:
        return {
            "images": self.images,
            "classes": list(self.classes),
            "per_label": {label.name: label.record() for label in self.labels},
        }


def label_rows(labels: LabelCounts) -> list[tuple[str, ...]]:
    """(label, precision, recall, F1, images), the worst F1 first."""
    ordered = sorted(labels.labels, key=lambda label: 2.0 if label.f1 is None else label.f1)
    return [
        (
            label.name,
            *map(_figure, (label.precision, label.recall, label.f1)),
            f"{label.images:,}",
        )
        for label in ordered
    ]


LABEL_HEAD: Sequence[str] = ("label", "precision", "recall", "F1", "images")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
