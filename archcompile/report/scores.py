"""How a network does on its test images, and what the page about a run shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archcompile.recipe import metric_words
from archcompile.report.classes import ConfusionMatrix
from archcompile.report.label_counts import LabelCounts
from archcompile.report.mistakes import Mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Means over the test images, metrics of all of them, and what they were taken for.

    Where an image may have several labels, these are counts of each label, and accuracy is the
    share of images of which all labels are right.
    """

    loss: float
    accuracy: float
    cross_entropy: float
    confusion: ConfusionMatrix | LabelCounts
    metrics: Mapping[str, float | None] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return {
            "test_loss": self.loss,
            "test_accuracy": self.accuracy,
            "test_cross_entropy": self.cross_entropy,
            "test_metrics": dict(self.metrics),
            **self.confusion.record(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The scores after an epoch, and the worst mistakes behind them.

    `head_output` is what the network outputs; `params` counts all of its parameters. `network` is
    its drawing as SVG, empty where it is too large for a page.
    """

    scores: Scores
    epoch: int
    head_output: str
    params: int
    mistakes: Sequence[Mistake]
    network: str


def metric_pairs(metrics: Mapping[str, float | None]) -> list[tuple[str, str]]:
    """The metrics by their names for a reader, those that have a value."""
    return [
        (metric_words(name), f"{value:.4f}") for name, value in metrics.items() if value is not None
    ]
