"""Images held out: chosen per class, by the seed, the class's place and nothing else."""

from dataclasses import replace

import numpy as np

from archcompile.data.dataset import Dataset
from archcompile.errors import UsageError, visible

FOLD_SEED = 0  # of folds, which are the same for all seeds of a run


def draw_held_out(seed: int, index: int, size: int, *, count: int) -> np.ndarray:
    """Which `count` of the `size` images of class `index` are held out: their places, in order."""
    return np.sort(shuffle(seed, index, size)[:count])


def shuffle(seed: int, index: int, size: int) -> np.ndarray:
    """The places of the `size` images of class `index`, in random order."""
    return np.random.Generator(np.random.Philox(key=[seed, index])).permutation(size)


def hold_out(dataset: Dataset, count: int, seed: int) -> Dataset:
    """The dataset with `count` training images moved to `validation`; order is kept.

    Every class gives the same fraction, rounded by largest remainder. Raises UsageError where
    nothing would be left to train on, of all images or of a class.
    """
    train = dataset.train
    if count >= len(train):
        raise UsageError(
            f"data.validation: expected less than the {len(train)} training images, got {count}"
        )
    rows = _alike(dataset)
    sizes = np.array([len(part) for part in rows])
    held = np.zeros(len(train), bool)
    for index, quota in enumerate(_quotas(sizes, count)):
        if 0 < quota == sizes[index]:
            raise UsageError(
                f"data.validation: holding out {count} of {len(train)} training images leaves "
                "none of the class "
                f"{visible(dataset.classes[index])} to train on",
                hint="choose fewer",
            )
        held[rows[index][draw_held_out(seed, index, len(rows[index]), count=quota)]] = True
    note = f"{count} of {len(train)} training images are held out for validation (seed {seed})"
    return _split(dataset, held, note)


def hold_out_fold(dataset: Dataset, fold: int, folds: int) -> Dataset:
    """The dataset with one of so many folds of its training images moved to `validation`.

    The folds are the same in every run; sizes, also of a class, differ by one image at most. Raises
    UsageError where a class would be in one fold alone.
    """
    rows = _alike(dataset)
    sizes = np.array([len(part) for part in rows])
    if sizes.min() < 2:
        name = visible(dataset.classes[int(np.argmin(sizes))])
        raise UsageError(
            f"data.folds: the class {name} has one training image, of which a fold would leave "
            "none to train on"
        )
    places = np.concatenate(
        [of_class[shuffle(FOLD_SEED, index, len(of_class))] for index, of_class in enumerate(rows)]
    )
    held = np.zeros(len(places), bool)
    held[places[fold::folds]] = True
    note = f"{held.sum()} of {len(places)} training images are held out: fold {fold} of {folds}"
    return _split(dataset, held, note)


def _alike(dataset: Dataset) -> list[np.ndarray]:
    """The rows of each class; all together where an image may have several labels."""
    labels = dataset.train.labels
    if labels.ndim == 2:
        return [np.arange(len(labels))]
    sizes = np.bincount(labels, minlength=len(dataset.classes))
    return np.split(np.argsort(labels, kind="stable"), np.cumsum(sizes)[:-1])


def _split(dataset: Dataset, held: np.ndarray, note: str) -> Dataset:
    """The dataset with these rows (N,) of its training images moved to `validation`."""
    return replace(
        dataset,
        train=dataset.train.take(np.flatnonzero(~held)),
        validation=dataset.train.take(np.flatnonzero(held)),
        notes=(*dataset.notes, note),
    )


def _quotas(sizes: np.ndarray, count: int) -> list[int]:
    """How many of each class, `count` in all; of equal remainders the first class goes first."""
    whole, rest = np.divmod(sizes.astype(np.int64) * count, sizes.sum())
    extra = np.argsort(-rest, kind="stable")[: count - whole.sum()]
    whole[extra] += 1
    return [int(quota) for quota in whole]
