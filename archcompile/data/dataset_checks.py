"""Checks a whole dataset: every bad file, counts, means, and the fingerprints that runs record."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.data.dataset import BATCH, WANTS, Dataset, Digest, class_notes
from archcompile.data.folder import Survey, labels, listing, orientation, survey_images
from archcompile.data.folder_layout import Classes, Tree, paths, read_tree
from archcompile.data.image import BadFile, decode
from archcompile.data.label_table import LabelTable, read_label_table
from archcompile.data.multi_label import listing as list_table
from archcompile.data.sources import load, resolve
from archcompile.errors import UsageError
from archcompile.recipe import Data

Watch = Callable[[int, int], None]  # called with how many images are done, and of how many


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a dataset has.

    Mean and deviation are those of each channel of the training images, over all pixels, from 0 to
    1. `fingerprint` is what a run records that has the images in memory, `listing` what one records
    that streams them. Both are None where a file is bad, the second also where the source is no
    folder.
    """

    source: str
    label: str
    place: str
    notes: tuple[str, ...]
    # name, training and test images; bad ones do not count
    classes: tuple[tuple[str, int, int], ...]
    heights: tuple[int, int] | None  # the least and the largest; None: no image could be read
    widths: tuple[int, int] | None
    mean: tuple[float, ...]
    std: tuple[float, ...]
    fingerprint: str | None
    listing: str | None = None
    bad: tuple[BadFile, ...] = ()
    validation: int = 0  # images of a validation set of its own
    images: tuple[int, int] | None = None  # to train and to test on, where they have several labels

    @property
    def train(self) -> int:
        return self.images[0] if self.images else sum(train for _, train, _ in self.classes)

    @property
    def test(self) -> int:
        return self.images[1] if self.images else sum(test for _, _, test in self.classes)

    def record(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "source": self.source,
            "label": self.label,
            "place": self.place,
            "notes": self.notes,
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
            "classes": [
                {"name": name, "train": train, "test": test} for name, train, test in self.classes
            ],
            "heights": self.heights,
            "widths": self.widths,
            "mean": self.mean,
            "std": self.std,
            "fingerprint": self.fingerprint,
            "listing": self.listing,
            "bad": [{"file": error.file, "reason": error.reason} for error in self.bad],
        }


def check(
    source: str,
    *,
    data_dir: Path | None = None,
    wants: Data = WANTS,
    seed: int = 0,
    watch: Watch = lambda done, total: None,
) -> Contents:
    """Decodes everything a source has; of a folder, one image at a time is in memory.

    `wants.holdout` and `seed` are those of the run whose fingerprint is asked for, where a folder
    has no test set. Bad files of a folder are listed; any other damage is raised as DataError, as
    `load` does. Raises UsageError, MissingError.
    """
    name, place = resolve(source, data_dir)
    if name == "synthetic":
        raise UsageError("synthetic images are made for a network: there is nothing to check")
    if name == "folder" and place is not None:
        return _of_tree(read_tree(place, wants.holdout, seed), watch)
    if name == "multi_label" and place is not None:
        return _of_table(read_label_table(place, wants.holdout, seed), watch)
    return _of_dataset(load(source, data_dir=data_dir, wants=wants, seed=seed), watch)


class Levels:
    """How often each channel has each of the 256 values: exact, and small for many images too."""

    def __init__(self, channels: int):
        self.counts = np.zeros((channels, 256), np.int64)

    def add(self, images: np.ndarray) -> None:
        """uint8 (…, C)."""
        for channel in range(len(self.counts)):
            self.counts[channel] += np.bincount(images[..., channel].ravel(), minlength=256)

    def moments(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and deviation of each channel, from 0 to 1; empty without images."""
        if not self.counts.any():
            return (), ()
        fractions, values = self.counts / self.counts.sum(1, keepdims=True), np.arange(256) / 255
        means = fractions @ values
        variances = (fractions * (values - means[:, np.newaxis]) ** 2).sum(1)
        return tuple(means.tolist()), tuple(np.sqrt(variances).tolist())


def _of_dataset(dataset: Dataset, watch: Watch) -> Contents:
    """What is in splits that `load` found nothing wrong with."""
    levels, total = Levels(dataset.shape[2]), len(dataset.train)
    for number, (images, _) in enumerate(dataset.train.batches(BATCH), 1):
        levels.add(images)
        watch(min(number * BATCH, total), total)
    splits = (dataset.train, dataset.test)
    counts = (split.counts(len(dataset.classes)).tolist() for split in splits)
    classes = tuple(zip(dataset.classes, *counts, strict=True))
    height, width, _ = dataset.shape
    mean, std = levels.moments()
    return Contents(
        source=dataset.name,
        label=dataset.label,
        place=dataset.place,
        notes=dataset.notes,
        classes=classes,
        heights=(height, height),
        widths=(width, width),
        mean=mean,
        std=std,
        fingerprint=dataset.fingerprint,
    )


def _of_tree(tree: Tree, watch: Watch) -> Contents:
    """What is in the files of a folder: first reads all headers, then decodes every image."""
    bad: dict[str, BadFile] = {}
    for error in tree.bad:
        bad.setdefault(error.file, error)  # of several reasons, the first
    pixels = _read_pixels(
        [(paths(part), labels(part)) for part in tree.parts], bad, tree.classes, watch=watch
    )
    return Contents(
        source="folder",
        label=f"folder {tree.root.resolve().name}",
        place=str(tree.root),
        notes=(*tree.notes, *orientation(pixels.survey), *class_notes(tree.classes)),
        classes=_counts(tree, bad),
        heights=pixels.extent(0),
        widths=pixels.extent(1),
        mean=pixels.mean,
        std=pixels.std,
        fingerprint=None if bad else pixels.fingerprint,
        listing=None if bad else listing(tree),
        bad=tuple(bad[file] for file in sorted(bad)),
        validation=sum(path not in bad for path in paths(tree.validation)),
    )


def _of_table(table: LabelTable, watch: Watch) -> Contents:
    """What is in the files of a table of labels, as `_of_tree`."""
    bad = {error.file: error for error in reversed(table.bad)}
    parts = [(part.paths, part.labels) for part in table.parts]
    pixels = _read_pixels(parts, bad, table.classes, watch=watch)
    good = [_good_labels(files, labels, bad) for files, labels in parts]
    counts = [labels.sum(axis=0).tolist() for labels in good[:2]]
    return Contents(
        source="multi_label",
        label=f"multi_label {table.root.resolve().name}",
        place=str(table.root),
        notes=(*table.notes, *orientation(pixels.survey)),
        classes=tuple(zip(table.classes, *counts, strict=True)),
        heights=pixels.extent(0),
        widths=pixels.extent(1),
        mean=pixels.mean,
        std=pixels.std,
        fingerprint=None if bad else pixels.fingerprint,
        listing=None if bad else list_table(table),
        bad=tuple(bad.values()),
        validation=len(good[2]) if len(good) > 2 else 0,
        images=(len(good[0]), len(good[1])),
    )


def _good_labels(files: Sequence[str], labels: np.ndarray, bad: dict[str, BadFile]) -> np.ndarray:
    """The labels (N, classes) of the files that can be used."""
    good: np.ndarray = labels[np.array([path not in bad for path in files], bool)]
    return good


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """What the images of all splits are; mean and deviation are those of the first."""

    survey: Survey
    mean: tuple[float, ...]
    std: tuple[float, ...]
    fingerprint: str

    def extent(self, axis: int) -> tuple[int, int] | None:
        """The least and the largest height or width."""
        sides = [size[axis] for size in self.survey.sizes]
        return (min(sides), max(sides)) if sides else None


def _read_pixels(
    parts: Sequence[tuple[Sequence[str], np.ndarray]],
    bad: dict[str, BadFile],
    classes: tuple[str, ...],
    *,
    watch: Watch,
) -> Pixels:
    """Reads all headers, then decodes every image of each (files, labels); bad ones go to `bad`."""
    images = [path for files, _ in parts for path in files]
    survey = survey_images(images, bad)
    digest, levels = Digest(classes), Levels(survey.channels)
    done = 0
    for number, (files, of_files) in enumerate(parts):
        digest.begin(survey.shape(len(files)))
        for image in _decode_good(files, survey.channels, bad):
            done += 1
            watch(done, len(images))
            if image is not None:
                digest.add(image)
                levels.add(image[:0] if number else image)
        digest.end(of_files)
    mean, std = levels.moments()
    return Pixels(survey=survey, mean=mean, std=std, fingerprint=digest.hex())


def _decode_good(
    files: Iterable[str], channels: int, bad: dict[str, BadFile]
) -> Iterator[np.ndarray | None]:
    """Each image, uint8 (H, W, C); None for one that is in `bad`, or is now put there."""
    for path in files:
        try:
            yield None if path in bad else decode(path, channels)
        except BadFile as error:
            bad[path] = error
            yield None


def _counts(tree: Tree, bad: dict[str, BadFile]) -> tuple[tuple[str, int, int], ...]:
    """Of each class its name, and how many good training and test images it has."""

    def good(part: Classes, name: str) -> int:
        return sum(path not in bad for path in part.get(name, ()))

    names = dict.fromkeys([*tree.train, *tree.test])
    return tuple((name, good(tree.train, name), good(tree.test, name)) for name in names)
