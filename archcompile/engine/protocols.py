"""What an engine offers to a training, whatever framework it stands on.

An engine is a folder of this room with a `Trainer`, an `Evaluator` and `Devices` of its own that
satisfy these protocols. Arrays of numbers are NumPy's. Sizes of a batch are written B, a network's
input (H, W, C), and its output `classes`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, Protocol

import numpy as np

from archcompile.data import Split

MODEL_PREFIX = "model/"  # what the names of a model's tensors begin with in a checkpoint

Tensors = Mapping[str, np.ndarray]
Kernels = Literal["portable", "fused"]  # stock layers, or faster ones that compute the same


class Devices(Protocol):
    """Where a training runs: `replicas` of the model, each on a device, in `workers` processes."""

    @property
    def names(self) -> tuple[str, ...]:
        """The devices, as the framework names them."""

    @property
    def replicas(self) -> int:
        """How many replicas share a global batch, over all processes."""

    @property
    def workers(self) -> int:
        """How many processes train together."""

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that writes files and speaks."""


class Trainer(Protocol):
    """A model in training, with its optimizer and the training images.

    Steps are counted from 0 over the whole run, epochs from 0. Everything random in a step is a
    function of the run's seed, the epoch and the step, so that `tensors` and a step's number are
    all that a resumed run needs.
    """

    @property
    def devices(self) -> Devices: ...

    @property
    def steps(self) -> int:
        """Steps per epoch, the last and perhaps smaller batch included."""

    @property
    def lost_process(self) -> tuple[type[Exception], ...]:
        """The exceptions of a step that tell that another process of the training is gone."""

    def images_in(self, steps: int) -> int:
        """The number of images that the first `steps` of an epoch see."""

    def epoch(self, number: int, rate: Callable[[int], float], first: int = 0) -> Iterator[int]:
        """Does the steps of an epoch from its step `first` on, and yields the number of each.

        `rate` gives the learning rate of a step by its number. The sums behind `means` start anew
        where `first` is 0. Raises DataError naming an image that cannot be read.
        """

    def means(self) -> dict[str, float]:
        """`loss`, `cross_entropy` (nats), `l2` and `accuracy` (0 to 1): means of the epoch so far.

        Each is per image, and `loss` is the sum of the two that follow it. Waits for the step in
        flight.
        """

    def bad_step(self) -> int | None:
        """The first step whose loss was not finite, None where all were."""

    def tensors(self) -> dict[str, np.ndarray]:
        """Copies of all variables by their names in a checkpoint.

        Those of the model are named `model/LAYER/NAME`; those of the optimizer and of the sums
        begin with `optimizer/` and `metrics/`.
        """

    def load_tensors(self, tensors: Tensors) -> None:
        """Gives variables the values of these tensors; those not named keep theirs."""

    def sum_over_processes(self, values: Sequence[float]) -> list[float]:
        """The sums of numbers over all processes, which must all call this at the same step."""


class Evaluator(Protocol):
    """A model run over images that it is not trained on."""

    def evaluate(self, split: Split) -> Iterator[int]:
        """Goes through a split and yields the number of images done so far."""

    def predict(self, split: Split) -> Iterator[np.ndarray]:
        """Goes through a split and yields the probabilities (B, classes) of every batch."""

    def means(self) -> dict[str, float]:
        """The figures of the last pass, as of `Trainer.means`."""


def model_tensors(tensors: Tensors) -> dict[str, np.ndarray]:
    """Of the tensors of a checkpoint, those of the model."""
    return {name: array for name, array in tensors.items() if name.startswith(MODEL_PREFIX)}
