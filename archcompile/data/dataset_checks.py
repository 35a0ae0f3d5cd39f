"""Checks a whole dataset: every bad file, counts, means, and the fingerprints that runs record."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from archcompile.data.dataset import BATCH, WANTS, Dataset, Digest, class_notes
from archcompile.data.folder import labels, listing, orientation, survey_images
from archcompile.data.folder_layout import Classes, Tree, paths, read_tree
from archcompile.data.image import BadFile, decode
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

    @property
    def train(self) -> int:
        return sum(train for _, train, _ in self.classes)

    @property
    def test(self) -> int:
        return sum(test for _, _, test in self.classes)

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
    counts = (
        np.bincount(split.labels, minlength=len(dataset.classes)).tolist() for split in splits
    )
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
    images = tree.paths
    survey = survey_images(images, bad)
    digest, levels = Digest(tree.classes), Levels(survey.channels)
    done = 0
    for part in tree.parts:
        digest.begin(survey.shape(len(paths(part))))
        for image in _decode_good(paths(part), survey.channels, bad):
            done += 1
            watch(done, len(images))
            if image is not None:
                digest.add(image)
                levels.add(image if part is tree.train else image[:0])
        digest.end(labels(part))
    sides = zip(*survey.sizes, strict=True) if survey.sizes else ()
    heights, widths = [(min(side), max(side)) for side in sides] or (None, None)
    notes = (*tree.notes, *orientation(survey), *class_notes(tree.classes))
    mean, std = levels.moments()
    return Contents(
        source="folder",
        label=f"folder {tree.root.resolve().name}",
        place=str(tree.root),
        notes=notes,
        classes=_counts(tree, bad),
        heights=heights,
        widths=widths,
        mean=mean,
        std=std,
        fingerprint=None if bad else digest.hex(),
        listing=None if bad else listing(tree),
        bad=tuple(bad[file] for file in sorted(bad)),
        validation=sum(path not in bad for path in paths(tree.validation)),
    )


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
