"""What a training would feed, picture by picture: the images of a step before the network.

They come out of the functions that the trainer itself calls.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import archcompile
from archcompile.choices import EngineName
from archcompile.data import Dataset, sources
from archcompile.engine import (
    MixedLabels,
    Pictures,
    Statistics,
    middle,
    open_engine,
    statistics,
)
from archcompile.errors import UsageError
from archcompile.quiet import start_keras
from archcompile.recipe import Recipe, find
from archcompile.recipe import load as load_recipe
from archcompile.report import Tile, draw_sheet

LEAST_SHARE = 0.005  # of a label that is worth a word
MOST_EPOCHS = 64  # that are looked through for an image, for each version of it


@dataclass(frozen=True, kw_only=True)
class Version:
    """An image as a step sees it, uint8 (H, W, C), with the shares of its labels.

    Epochs and steps are counted from 0, steps over the whole run.
    """

    epoch: int
    step: int
    pixels: np.ndarray
    labels: tuple[tuple[str, float], ...]

    def record(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "step": self.step, "labels": dict(self.labels)}


@dataclass(frozen=True, kw_only=True)
class PreviewedImage:
    """A training image: its row in the data, its class, pixels, uint8 (H, W, C), and versions."""

    row: int
    label: str
    pixels: np.ndarray
    versions: list[Version] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        versions = [version.record() for version in self.versions]
        return {"row": self.row, "class": self.label, "versions": versions}


@dataclass(frozen=True, kw_only=True)
class PreviewRequest:
    """The first `images` of an `epoch`, with so many `versions` of each from there on."""

    seed: int = 0
    epoch: int = 0
    images: int = 6
    versions: int = 8


@dataclass(frozen=True, kw_only=True)
class DrawnPreview:
    """A contact sheet, as the bytes of a PNG, and what is on it."""

    png: bytes
    recipe: str
    dataset: str
    images: list[PreviewedImage]

    def record(self) -> dict[str, Any]:
        return {
            "recipe": self.recipe,
            "dataset": self.dataset,
            "images": [image.record() for image in self.images],
        }


def draw_preview(
    name: str | Path,
    sets: Sequence[str],
    request: PreviewRequest,
    *,
    spec: str | Path | None = None,
    source: str | None = None,
    data_dir: Path | None = None,
    engine: EngineName = "tensorflow",
) -> DrawnPreview:
    """The contact sheet of a recipe's pictures, of the size that the network of `spec` takes.

    Without one they keep their own. Raises UsageError, SpecError, DataError, MissingError.
    """
    recipe = load_recipe(find(name), sets)
    place = source or recipe.data.source
    if place is None:
        raise UsageError(
            f"the recipe {recipe.name} names no data",
            hint="choose one with --data, for example cifar10",
        )
    shape = None if spec is None else _input_shape(spec)
    if shape is None and recipe.data.fit == "crop":
        raise UsageError(
            "`data.fit: crop` cuts out what a network takes, and none is named",
            hint="name it with --spec",
        )
    dataset = sources.load(
        place, data_dir=data_dir, wants=recipe.data, seed=request.seed, shape=shape
    )
    size = (shape or dataset.shape)[:2]
    images = preview(recipe, dataset, request, size=size, engine=engine)
    title = f"recipe {recipe.name}, seed {request.seed}: training images of {dataset.label}"
    return DrawnPreview(
        png=draw_sheet(title, ["as they are"], list(map(_tiles, images))),
        recipe=recipe.name,
        dataset=dataset.label,
        images=images,
    )


def _input_shape(spec: str | Path) -> tuple[int, int, int]:
    """Raises SpecError, UsageError."""
    graph = archcompile.compile(spec)
    if len(graph.input_shape) != 3:
        raise UsageError(f"{graph.name} takes no images of one size")
    height, width, channels = graph.input_shape
    return height, width, channels


def _tiles(image: PreviewedImage) -> list[Tile]:
    """A row of the sheet: the image as it is, then its versions."""
    tiles = [Tile(image.pixels, (image.label, f"image {image.row:,}"))]
    for version in image.versions:
        named = [f"{share:.2f} {label}" for label, share in version.labels]
        words = named if len(named) > 1 else [version.labels[0][0]]
        when = f"epoch {version.epoch + 1}, step {version.step + 1:,}"
        tiles.append(Tile(version.pixels, (*words, when)))
    return tiles


def preview(
    recipe: Recipe,
    dataset: Dataset,
    request: PreviewRequest,
    *,
    size: tuple[int, int],
    engine: EngineName = "tensorflow",
) -> list[PreviewedImage]:
    """What a network of `size` (H, W) would be trained on, under this engine.

    Raises UsageError where the recipe is not for such images, DataError naming a file that cannot
    be read.
    """
    start_keras(engine)
    train = dataset.train.align()
    measured = statistics(train, recipe.preprocessing, size)
    pictures = open_engine(engine).StepPictures(
        recipe, train, statistics=measured, size=size, seed=request.seed
    )
    first = dict.fromkeys(pictures.batches.rows(request.epoch).tolist())
    chosen = {
        row: PreviewedImage(
            row=row,
            label=dataset.classes[train.labels[row]],
            pixels=middle(train.store.read(row)[None], size)[0],
        )
        for row in list(first)[: request.images]
    }
    for version, row in _versions(pictures, list(chosen), request, dataset=dataset):
        image = chosen[row]
        if len(image.versions) < request.versions:
            shown = restore(measured, version.pixels, recipe.preprocessing.scale)
            image.versions.append(
                Version(epoch=version.epoch, step=version.step, pixels=shown, labels=version.labels)
            )
        if all(len(image.versions) == request.versions for image in chosen.values()):
            break
    return list(chosen.values())


def _versions(
    pictures: Pictures, rows: list[int], request: PreviewRequest, *, dataset: Dataset
) -> Iterator[tuple[Version, int]]:
    """Each time that one of the rows is seen, as the network sees it, in the order of the steps."""
    batches = pictures.batches
    for epoch in range(request.epoch, request.epoch + MOST_EPOCHS * request.versions):
        order = batches.rows(epoch)
        places = np.flatnonzero(np.isin(order, rows))
        for index in dict.fromkeys((places // batches.size).tolist()):
            step = epoch * batches.steps + index
            images, labels = pictures.at(step)
            for place in places[places // batches.size == index].tolist():
                inside = place - index * batches.size
                version = Version(
                    epoch=epoch,
                    step=step,
                    pixels=images[inside],
                    labels=_shares(labels, inside, dataset.classes),
                )
                yield version, int(order[place])


def _shares(
    labels: np.ndarray | MixedLabels, place: int, classes: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    """The classes of an image and how much of each it has, the largest first."""
    if not isinstance(labels, MixedLabels):
        return ((classes[labels[place]], 1.0),)
    share = float(labels.share[place])
    first, second = (classes[of[place]] for of in (labels.first, labels.second))
    if first == second or share > 1 - LEAST_SHARE:
        return ((first, 1.0),)
    pairs = [(first, share), (second, 1.0 - share)]
    kept = [pair for pair in pairs if pair[1] >= LEAST_SHARE]
    return tuple(sorted(kept, key=lambda pair: -pair[1]))


def restore(measured: Statistics, images: np.ndarray, scale: float) -> np.ndarray:
    """The pixels, uint8, of images (…, H, W, C) that were prepared, cut off at 0 and 255."""
    restored = images if measured.std is None else images * measured.std
    restored = restored if measured.mean is None else restored + measured.mean
    pixels: np.ndarray = np.clip(np.round(restored * scale), 0, 255).astype(np.uint8)
    return pixels
