"""What a run takes images for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.data import (
    REPEATED,
    BadFile,
    Shape,
    Split,
    fit_image,
    held_size,
    image_files,
    read_any_image,
)
from archcompile.errors import DataError, UsageError, visible
from archcompile.inference.evaluation import means_and_probabilities
from archcompile.inference.run_checkpoint import RunCheckpoint, checkpoint_of
from archcompile.messages import Say, to_stderr
from archcompile.recipe import Data
from archcompile.run_folder import read_run

NAMED = 3  # images that a sentence names


class BadImages(DataError):
    """Every image that cannot be used."""

    def __init__(self, errors: Sequence[DataError], of: int):
        self.errors = errors
        messages = [error.message for error in errors]
        if len(messages) > 1:
            messages = [f"{len(messages)} of {of} images cannot be used:", *messages]
        super().__init__("\n".join(messages), hint=errors[0].hint)

    def records(self) -> list[dict[str, str | int | None]]:
        return [record for error in self.errors for record in error.records()]


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """An image in the form of the run's data, uint8 (H, W, C), and what was done to it.

    `size` is the (height, width) of its file.
    """

    path: Path
    size: tuple[int, int]
    pixels: np.ndarray
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassProbability:
    name: str
    probability: float

    def record(self) -> dict[str, Any]:
        return {"class": self.name, "probability": self.probability}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePrediction:
    """The most probable classes of an image, and what was done to it; `size` as in its file."""

    image: str
    size: tuple[int, int]
    changes: tuple[str, ...]
    classes: tuple[ClassProbability, ...]

    def record(self) -> dict[str, Any]:
        return {
            "image": self.image,
            "height": self.size[0],
            "width": self.size[1],
            "changes": list(self.changes),
            "predictions": [likely.record() for likely in self.classes],
        }


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a checkpoint takes images for, in the order they were given."""

    checkpoint: RunCheckpoint
    images: tuple[ImagePrediction, ...]

    def record(self) -> dict[str, Any]:
        images = [image.record() for image in self.images]
        return {**self.checkpoint.record(), "images": images}


def predict(
    path: str | Path,
    images: Sequence[str | Path],
    *,
    top: int = 5,
    which: str = "last",
    say: Say = to_stderr,
) -> Predictions:
    """The `top` most probable classes of each image.

    A folder stands for the images in it. Images go through the run's own fitting and preprocessing.
    All are read before the network is built; what was changed beyond what the recipe says is
    reported. Raises UsageError, DataError (`BadImages` naming all that cannot be used).
    """
    saved = read_run(path, which, say)
    height, width, channels = saved.graph.input_shape
    if channels not in (1, 3):
        raise UsageError(
            f"the network takes images of {channels} channels, and files hold grey ones or RGB"
        )
    fitted = read(images, (height, width, channels), saved.recipe.data)
    for sentence in sentences(fitted):
        say(sentence)
    if saved.chosen_on:
        say(f"epoch {saved.checkpoint.state.epoch}, chosen on the {saved.chosen_on}")
    pixels = np.stack([image.pixels for image in fitted])
    # no labels: the figures mean nothing
    unlabelled = Split(pixels, np.zeros(len(fitted), np.int64))
    _, probabilities = means_and_probabilities(saved, unlabelled)
    predictions = (
        _prediction(image, row, saved.classes, top=top)
        for image, row in zip(fitted, probabilities, strict=True)
    )
    return Predictions(checkpoint_of(saved), tuple(predictions))


def read(images: Iterable[str | Path], shape: Shape, wants: Data) -> list[Fitted]:
    """All images, fitted to a network's input (H, W, C), with `fit: crop` to its canvas.

    Raises UsageError, BadImages.
    """
    paths = [file for given in images for file in image_files(Path(given))]
    fitted, bad = [], []
    for path in paths:
        try:
            fitted.append(_fit(path, shape, wants))
        except DataError as error:
            bad.append(error)
    if bad:
        raise BadImages(bad, len(paths))
    return fitted


def _fit(path: Path, shape: Shape, wants: Data) -> Fitted:
    image = read_any_image(path, shape[2])
    height, width, _ = image.pixels.shape
    changes = image.changes
    if wants.channels == "repeat":
        changes = tuple(change for change in changes if change != REPEATED)
    if wants.fit is None and (height, width) != shape[:2]:
        changes = (
            *changes,
            f"resized to {shape[0]}x{shape[1]}, since the recipe has no `data.fit`",
        )
    try:
        pixels = fit_image(image.pixels, held_size(shape, wants), wants.fit or "resize")
    except DataError as error:
        raise BadFile(
            path, f"does not fit: {error.message}", hint="the run's recipe has `data.fit: pad`"
        ) from error
    return Fitted(path=path, size=(height, width), pixels=pixels, changes=changes)


def sentences(images: Sequence[Fitted]) -> list[str]:
    """A sentence for each kind of change, with the images that were changed."""
    kinds: dict[str, list[Path]] = {}
    for image in images:
        for change in image.changes:
            kinds.setdefault(change, []).append(image.path)
    return [f"{change}: {_list_names(paths)}" for change, paths in kinds.items()]


def _list_names(paths: Sequence[Path]) -> str:
    names = ", ".join(visible(str(path)) for path in paths[:NAMED])
    rest = len(paths) - NAMED
    return f"{names} and {rest} more" if rest > 0 else names


def _prediction(
    image: Fitted, probabilities: np.ndarray, classes: Sequence[str], *, top: int
) -> ImagePrediction:
    best = np.argsort(-probabilities, kind="stable")[:top]
    return ImagePrediction(
        image=str(image.path),
        size=image.size,
        changes=image.changes,
        classes=tuple(ClassProbability(classes[i], float(probabilities[i])) for i in best),
    )
