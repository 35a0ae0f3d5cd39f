"""What a training has come to: the content of result.json, in its order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from archcompile.analyses import HeadOutput
from archcompile.choices import EngineName, Kernels, Precision


@dataclass(frozen=True, kw_only=True)
class BestEpoch:
    """The best epoch, what chose it, and its figures; `val_accuracy` is that of the choice."""

    epoch: int
    monitor: str
    chosen_on: str
    val_accuracy: float
    test_accuracy: float
    test_loss: float


@dataclass(frozen=True, kw_only=True)
class AveragedWeights:
    """How the average of the weights does on the test set."""

    test_accuracy: float
    test_loss: float
    test_cross_entropy: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A training, and how it does on the test set after its last step.

    `finished` is false where a time limit ended it early; `best` is None without an epoch, or where
    its checkpoint is damaged; `averaged` is None where nothing was averaged. `fit` says how images
    were fitted to the network.
    """

    name: str
    hash: str
    params: int
    recipe: str
    recipe_hash: str
    seed: int
    epochs: int
    steps: int
    finished: bool
    test_loss: float
    test_cross_entropy: float
    test_accuracy: float
    test_metrics: Mapping[str, float | None]
    best: BestEpoch | None
    averaged: AveragedWeights | None
    dataset: str
    fit: str | None
    fingerprint: str
    precision: Precision
    engine: EngineName
    kernels: Kernels
    head_output: HeadOutput
    seconds: float

    def record(self) -> dict[str, Any]:
        return asdict(self)
