"""How a network does on its test images, and what the page about a run shows of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archcompile.report.classes import ConfusionMatrix
from archcompile.report.mistakes import Mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Means over the test images, and what they were taken for."""

    loss: float
    accuracy: float
    cross_entropy: float
    confusion: ConfusionMatrix

    def record(self) -> dict[str, Any]:
        return {
            "test_loss": self.loss,
            "test_accuracy": self.accuracy,
            "test_cross_entropy": self.cross_entropy,
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
