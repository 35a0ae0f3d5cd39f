"""What is exported, and images to compare on.

That is a run with the weights of a checkpoint, or a spec with fresh ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import archcompile
from archcompile.api import LayerGraph
from archcompile.errors import ArchError, SpecError, UsageError
from archcompile.exporting.scaling import Scaling
from archcompile.keras_model import recursion_for, settle
from archcompile.messages import Say
from archcompile.passes import logits
from archcompile.quiet import load_keras

if TYPE_CHECKING:
    import keras

    from archcompile.run_folder import Saved

PIXELS = 256 * 32 * 32  # in all images together, where these are not larger
LEAST = 8  # images


@dataclass(frozen=True)
class FreshWeights:
    """Where the weights of a spec come from."""

    seed: int

    def record(self) -> dict[str, Any]:
        return {"weights": f"fresh, seed {self.seed}"}


@dataclass(frozen=True, kw_only=True)
class RunWeights:
    """Where the weights of a run come from, and what the network outputs.

    `head_output` is None for a run of an earlier version whose head is unknown.
    """

    run: str
    checkpoint: str
    epoch: int
    chosen_on: str | None
    head_output: str | None

    def record(self) -> dict[str, Any]:
        return {
            "weights": f"{self.run}, {self.checkpoint} checkpoint, epoch {self.epoch}",
            "chosen_on": self.chosen_on,
            "head_output": self.head_output,
        }


Provenance = FreshWeights | RunWeights


@dataclass(frozen=True, kw_only=True)
class ExportSubject:
    """What is compared, with its images.

    `pixels` are float32 (N, H, W, C) from 0 to 255, `prepared` the same as the network takes them;
    `on` says what they are. `scaling` leads from the one to the other, where the subject is a run.
    Where `model` has fresh weights, `trial` is the same network with random ones and without the
    softmax at its end, of which a comparison says more.
    """

    graph: LayerGraph
    model: "keras.Model"
    pixels: np.ndarray
    prepared: np.ndarray
    on: str
    classes: tuple[str, ...] | None
    scaling: Scaling | None
    provenance: Provenance
    folder: Path
    trial: "ExportSubject | None" = None


def of_spec(spec: str, sets: Sequence[str], max_nodes: int, *, seed: int) -> ExportSubject:
    """A spec with fresh weights, and random images. Raises what compiling does."""
    graph = archcompile.compile(spec, sets=sets, max_nodes=max_nodes)
    keras = load_keras()
    keras.utils.set_random_seed(seed)
    model = graph.to_keras()
    pixels = _random(graph, seed)
    subject = ExportSubject(
        graph=graph,
        model=model,
        pixels=pixels,
        prepared=pixels / 127.5 - 1,
        on=_words(pixels),
        classes=None,
        scaling=None,
        provenance=FreshWeights(seed),
        folder=Path("build") / graph.name,
    )
    bare = logits(graph)
    trial = replace(subject, graph=bare, model=_with_random_weights(bare, seed))
    return replace(subject, trial=trial)


def _with_random_weights(graph: LayerGraph, seed: int) -> "keras.Model":
    """The network with random weights and statistics.

    Fresh biases are 0 and fresh norms do nothing.
    """
    from archcompile.keras_config import live
    from archcompile.verification import randomise

    model = graph.to_keras()
    with recursion_for(graph):
        randomise(live(model), seed)
    settle(model)
    return model


def of_run(
    path: str, which: str, data: str | None, *, data_dir: Path | None, seed: int, say: Say
) -> ExportSubject:
    """A run, and the first of its test images.

    Where its data are missing, random images instead, and a message that says why. Raises
    UsageError, DataError.
    """
    load_keras()
    from archcompile.run_folder import read_run

    saved = read_run(path, which, say)
    if saved.chosen_on:
        say(f"epoch {saved.checkpoint.state.epoch}, chosen on the {saved.chosen_on}")
    pixels, on = _images(saved, data, data_dir, seed=seed, say=say)
    prepared = saved.statistics.prepare(pixels, saved.recipe.preprocessing.scale)
    provenance = RunWeights(
        run=path,
        checkpoint=which,
        epoch=saved.checkpoint.state.epoch,
        chosen_on=saved.chosen_on,
        head_output=_head_output(saved),
    )
    scaling = Scaling(saved.recipe.preprocessing.scale, saved.statistics.mean, saved.statistics.std)
    return ExportSubject(
        graph=saved.graph,
        model=saved.model(),
        pixels=pixels,
        prepared=prepared,
        on=on,
        classes=saved.classes,
        scaling=scaling,
        provenance=provenance,
        folder=Path(path) / "export",
    )


def _head_output(saved: "Saved") -> str | None:
    """What kind of numbers the network outputs, where that is known."""
    try:
        return saved.head.output
    except SpecError:
        return None


def _images(
    saved: "Saved", data: str | None, data_dir: Path | None, *, seed: int, say: Say
) -> tuple[np.ndarray, str]:
    from archcompile.engine import middle
    from archcompile.run_folder import load_dataset

    try:
        dataset = load_dataset(saved, data, data_dir)
    except ArchError as error:
        if data is not None or data_dir is not None:
            raise
        say(f"comparing on random images: {error.message}")
        pixels = _random(saved.graph, seed)
        return pixels, _words(pixels)
    images, _ = next(dataset.test.batches(_count(saved.graph)))
    height, width, _ = saved.graph.input_shape
    pixels = np.asarray(middle(images, (height, width)), np.float32)
    return pixels, f"{len(images)} test images of {dataset.label}"


def _random(graph: LayerGraph, seed: int) -> np.ndarray:
    if len(graph.input_shape) != 3:
        raise UsageError(f"{graph.name} does not take images")
    shape = (_count(graph), *graph.input_shape)
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32)


def _count(graph: LayerGraph) -> int:
    return max(LEAST, PIXELS // max(prod(graph.input_shape[:2]), 32 * 32))


def _words(pixels: np.ndarray) -> str:
    return f"{len(pixels)} random images"
