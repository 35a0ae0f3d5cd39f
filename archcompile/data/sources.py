"""The sources of data by their names: `load` is the way in."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from archcompile.data import cifar, digits, folder, idx, multi_label, npz, synthetic
from archcompile.data.cifar_files import CIFAR10, CIFAR100, LAYOUTS, find_in
from archcompile.data.dataset import WANTS, DataRequest, Dataset, class_notes
from archcompile.data.default_places import DataNotFound
from archcompile.data.fit import check_classes, fit_dataset
from archcompile.data.folder_layout import LAYOUT
from archcompile.data.holdout import hold_out, hold_out_fold
from archcompile.data.label_table import LAYOUT as LABELLED
from archcompile.data.label_table import TABLE
from archcompile.data.stand_in import stand_in
from archcompile.errors import DataError, MissingError, UsageError, did_you_mean, visible
from archcompile.recipe import Data

SOURCES: Mapping[str, Callable[[DataRequest], Dataset]] = {
    "cifar10": partial(cifar.load, layout=CIFAR10),
    "cifar100": partial(cifar.load, layout=CIFAR100),
    "digits": digits.load,
    "fashion_mnist": partial(idx.load, known=idx.FASHION_MNIST),
    "folder": folder.load,
    "idx": idx.load,
    "mnist": partial(idx.load, known=idx.MNIST),
    "multi_label": multi_label.load,
    "npz": npz.load,
    "synthetic": synthetic.load,
}
# the sources that are searched for where no place is named
SEARCHED = ("cifar10", "cifar100", "fashion_mnist", "mnist")
# those that have a place on disk: `load(name, data_dir=place)`
PLACED = (*SEARCHED, "folder", "idx", "multi_label", "npz")
# those that read images from their files as they are needed, where `data.stream` asks for it
STREAMED = ("folder", "multi_label")


def load(
    source: str,
    *,
    data_dir: Path | None = None,
    wants: Data = WANTS,
    seed: int = 0,
    shape: tuple[int, int, int] | None = None,
    classes: int | None = None,
    skips_validation: bool = False,
    may_be_absent: bool = False,
) -> Dataset:
    """The dataset that `--data SOURCE` names, in the form that a recipe `wants`.

    `source` is the name of a source, or a path (see `resolve`). `seed` chooses the images that are
    held out for a test set or for validation; it also makes synthetic images. With `shape`
    (H, W, C) the images are fitted to it, with `classes` their number is checked; synthetic
    images need both. `skips_validation` leaves a folder's validation set beside a test set unread,
    for runs that began without it. `may_be_absent` gives the sizes of a published dataset
    that is not found, instead of an error. Raises UsageError, DataError, MissingError.
    """
    name, place = resolve(source, data_dir)
    if wants.stream and name not in STREAMED:
        raise UsageError(
            f"data.stream: {name} cannot be streamed",
            hint=f"--set data.stream=false; what can be streamed: {', '.join(STREAMED)}",
        )
    request = DataRequest(
        place=place,
        wants=wants,
        seed=seed,
        shape=shape,
        classes=classes,
        skips_validation=skips_validation,
    )
    dataset = _read_or_stand_in(name, request) if may_be_absent else SOURCES[name](request)
    _check_complete(dataset)
    dataset = replace(dataset, notes=(*dataset.notes, *class_notes(dataset.classes)))
    if classes is not None:
        check_classes(dataset, classes)
    if shape is not None:
        dataset = fit_dataset(dataset, shape, wants)
    return _with_validation(dataset, wants, seed)


def _read_or_stand_in(name: str, request: DataRequest) -> Dataset:
    """The dataset, or a stand-in of its size where it is not on this machine."""
    try:
        return SOURCES[name](request)
    except (DataNotFound, MissingError):
        read = stand_in(name)
        if read is None:
            raise
        return read(request)


def resolve(source: str, data_dir: Path | None = None) -> tuple[str, Path | None]:
    """A source's name and the place the user gave for it, if any.

    A known name is that source (for a folder of the same name write ./NAME); anything else is a
    path, whose kind its content decides. IDX files with the labels of a known dataset are that
    dataset.
    """
    if source in SOURCES:
        if data_dir is not None and source not in PLACED:
            raise UsageError(
                f"the source `{source}` is not in a folder, so --data-dir does not apply to it"
            )
        return source, data_dir
    place = Path(source).expanduser()
    if not place.exists():
        if place.name == source:
            raise UsageError(
                f"expected the name of a data source or a path, got `{source}`",
                hint=did_you_mean(source, SOURCES, "the sources are"),
            )
        raise DataError(f"there is no file or folder {place}, from which data could be read")
    if data_dir is not None:
        raise UsageError(f"--data {source} is already a path, so --data-dir does not apply to it")
    kinds = _kinds(place)
    if len(kinds) > 1:
        raise DataError(
            f"{place} holds several kinds of data: {', '.join(kinds)}",
            hint=f"choose one: --data {kinds[0]} --data-dir {place}",
        )
    if not kinds:
        raise DataError(
            f"{place} is not data that archc knows",
            hint=f"expected one of: a folder with {LAYOUT}; one with {LABELLED}; the archive or "
            "folder of CIFAR-10 or CIFAR-100; a folder with the four IDX files of a dataset like "
            f"MNIST; or an .npz file with {', '.join(npz.ARRAYS)}",
        )
    return kinds[0], place


def _kinds(place: Path) -> list[str]:
    """The sources that a path could be of."""
    if (place / "train").is_dir():
        return ["folder", *(["multi_label"] if (place / TABLE).is_file() else [])]
    if (place / TABLE).is_file():
        return ["multi_label"]
    if npz.is_npz(place):
        return ["npz"]
    of_idx = idx.find_source(place)
    kinds = [layout.source for layout in LAYOUTS if find_in(place, layout)]
    return [*kinds, of_idx] if of_idx else kinds


def _with_validation(dataset: Dataset, wants: Data, seed: int) -> Dataset:
    """The dataset with the images held out that a recipe wants, unless it brings a validation
    set.
    """
    if not wants.holds_out:
        return dataset
    if dataset.validation is None:
        if wants.folds:
            return hold_out_fold(dataset, wants.fold, wants.folds)
        return hold_out(dataset, wants.validation, seed)
    setting = f"folds: {wants.folds}" if wants.folds else f"validation: {wants.validation}"
    note = (
        f"`data.{setting}` is ignored: the folder has a validation set, "
        f"and all {len(dataset.train)} images of `train` are used for training"
    )
    return replace(dataset, notes=(*dataset.notes, note))


def _check_complete(dataset: Dataset) -> None:
    """Raises DataError where a class has no training image: nothing could be learned of it."""
    counts = dataset.train.counts(len(dataset.classes))
    if not counts.all():
        name = dataset.classes[int(np.argmin(counts))]
        raise DataError(
            f"{dataset.place}: the class {visible(name)} has no training image; the others have "
            f"{counts.sum():,}"
        )
