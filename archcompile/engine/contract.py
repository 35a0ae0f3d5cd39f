"""What an engine offers to a training, whatever framework it stands on.

An engine is a room within this one that offers what `Engine` lists; its `Trainer`, `Evaluator` and
`Devices` satisfy the protocols of those names. Arrays of numbers are NumPy's. Sizes of a batch are
written B, a network's input (H, W, C), and its output `classes`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from archcompile.choices import Kernels
from archcompile.data import Split
from archcompile.engine.image_statistics import Statistics
from archcompile.engine.image_views import WHOLE, View
from archcompile.engine.mixing import MixedLabels
from archcompile.graph import LayerGraph
from archcompile.keras_model import MODEL_PREFIX
from archcompile.recipe import Recipe

Tensors = Mapping[str, np.ndarray]
Draws = Literal["host", "device"]  # where random numbers of augmentation are drawn


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

    @property
    def memory(self) -> int | None:
        """Bytes that the smallest of the devices has, None where the framework does not say."""


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
    def steps_at_once(self) -> int:
        """How many steps `run` can do in one go, without the host in between."""

    def is_lost_process(self, error: Exception) -> bool:
        """Whether this error of a step tells that another process of the training is gone."""

    def is_of_framework(self, error: Exception) -> bool:
        """Whether the framework itself has raised this error, while it computed."""

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether this error tells that a device has too little memory."""

    def images_in(self, steps: int) -> int:
        """The number of images that the first `steps` of an epoch see."""

    def run(self, step: int, rates: Sequence[float], shares: Sequence[float] = ()) -> int:
        """Does steps from number `step` on, one for each learning rate, to the end of its epoch.

        `shares` are those that the weights after each step become of their average, where the
        recipe has one. Returns how many steps it has done. The sums behind `means` start anew with
        the first step of an epoch. Raises DataError naming an image that cannot be read.
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

        Those of the model are named `model/LAYER/NAME`, averages of its weights
        `average/LAYER/NAME`; those of the optimizer and of the sums begin with `optimizer/` and
        `metrics/`.
        """

    def average_tensors(self, images: int) -> dict[str, np.ndarray]:
        """The tensors of the model with its averaged weights.

        The moving statistics of norms are means over batches of the first epoch, of so many images
        in all, at least one batch. Raises DataError naming an image that cannot be read.
        """

    def load_tensors(self, tensors: Tensors) -> None:
        """Gives variables the values of these tensors; those not named keep theirs."""

    def sum_over_processes(self, values: Sequence[float]) -> list[float]:
        """The sums of numbers over all processes, which must all call this at the same step."""

    def draw_as(self, draws: Draws) -> None:
        """Draws the numbers of augmentation on the host, as from the start, or as older runs do.

        Raises UsageError where the engine cannot.
        """

    def evaluator(self) -> "Evaluator":
        """What scores the model in training, with the weights that it has then."""


class Pictures(Protocol):
    """The pictures of a training's steps, as its trainer makes them."""

    @property
    def batches(self) -> "Batches":
        """How the images are cut into steps."""

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray | MixedLabels]:
        """The images (B, H, W, C) of a step as the network gets them, and their labels.

        Raises DataError naming an image that cannot be read.
        """


class Batches(Protocol):
    """The batches of a training, of at most `size` images."""

    @property
    def size(self) -> int: ...

    @property
    def steps(self) -> int:
        """Steps per epoch."""

    def rows(self, epoch: int) -> np.ndarray:
        """The images of an epoch in their order, int32."""


class Evaluator(Protocol):
    """A model run over images that it is not trained on."""

    def evaluate(self, split: Split) -> Iterator[int]:
        """Goes through a split and yields the number of images done so far."""

    def predict(self, split: Split, view: View = WHOLE) -> Iterator[np.ndarray]:
        """Goes through a split and yields the probabilities (B, classes) of every batch.

        Of each image the network sees that `view`.
        """

    def means(self) -> dict[str, float]:
        """The figures of the last pass, as of `Trainer.means`."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What an engine, called `engine`, computes with on this machine.

    `packages` are versions by name, `devices` kinds such as CPU, `gpus` the names of the cards, and
    `threads` what decides how many threads compute.
    """

    engine: str
    packages: Mapping[str, str]
    devices: Sequence[str]
    gpus: Sequence[str]
    threads: Mapping[str, int]


class MakePictures(Protocol):
    def __call__(
        self,
        recipe: Recipe,
        train: Split,
        *,
        statistics: Statistics,
        size: tuple[int, int],
        seed: int,
    ) -> Pictures:
        """The pictures for a network of `size` (H, W), on one device.

        Raises UsageError where the recipe is not for such images.
        """


class Engine(Protocol):
    """A framework that trains. Its functions start it where they need it.

    `devices` are always its own, from `choose_devices`, and `kernels` one of KERNELS.
    """

    @property
    def KERNELS(self) -> tuple[Kernels, ...]:
        """Those it can train with."""

    def choose_kernels(self, graph: LayerGraph, recipe: Recipe, devices: Any) -> Kernels:
        """Those it trains with where nobody asks for others: the fastest that compute the same."""

    def count_processes(self) -> int:
        """The number of processes that train together. Raises UsageError."""

    def choose_devices(self, text: str | None = None, deterministic: bool = False) -> Devices:
        """The devices that `text` names as `--device` does.

        None leaves the choice to the engine. `deterministic` makes every operation give the same
        bits each time, or fail. Raises UsageError for what cannot be understood or comes too late,
        MissingError for a device that does not exist.
        """

    def check_spread(self, recipe: Recipe, images: int, devices: Any, *, kernels: Any) -> None:
        """Raises UsageError where these devices cannot share a training on so many images."""

    def make_trainer(
        self,
        graph: LayerGraph,
        recipe: Recipe,
        images: Split,
        *,
        statistics: Statistics,
        seed: int,
        freeze: Sequence[str] = (),
        devices: Any,
        kernels: Any,
        weights_of_classes: np.ndarray | None = None,
        teacher: Any = None,
    ) -> Trainer:
        """The network, ready for its first step.

        Initial weights depend on `seed` alone. The parts in `freeze` are not trained.
        `weights_of_classes` (classes,) are what the images of each class count; with `distill`,
        `teacher` is the network that is learned from.
        """

    @property
    def StepPictures(self) -> "MakePictures":
        """What a training is fed, without a network."""

    def make_evaluator(
        self, graph: LayerGraph, model: Any, recipe: Recipe, *, statistics: Statistics
    ) -> Evaluator:
        """What scores the portable Keras model of a graph, as its weights are, on one device."""

    def read_platform(self) -> Platform:
        """What the engine computes with on this machine."""


def average_name(weight: str) -> str:
    """What the average of a weight of this name is called in a checkpoint."""
    return f"average/{weight.removeprefix(MODEL_PREFIX)}"


def model_tensors(tensors: Tensors) -> dict[str, np.ndarray]:
    """Of the tensors of a checkpoint, those of the model."""
    return {name: array for name, array in tensors.items() if name.startswith(MODEL_PREFIX)}
