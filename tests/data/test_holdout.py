"""Validation images: exactly as many as asked for, of each class its share, never in training
too.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcompile.data.dataset import Dataset, Split
from archcompile.data.holdout import hold_out, hold_out_fold
from archcompile.data.image_store import ImageFiles
from archcompile.data.sources import load
from archcompile.errors import UsageError
from archcompile.recipe.sections import Data


def numbered_images(labels: np.ndarray) -> Dataset:
    """Images of 1x1x3 that say which row they are."""
    rows = np.arange(len(labels))
    images = (
        np.stack([rows // 256, rows % 256, labels], axis=-1).astype(np.uint8).reshape(-1, 1, 1, 3)
    )
    train = Split(images, labels)
    return Dataset(
        name="x",
        label="x",
        train=train,
        test=train,
        classes=tuple(map(str, range(int(labels.max()) + 1))),
        fingerprint="f",
        place="here",
    )


def rows(split: Split | None) -> list[int]:
    assert split is not None
    images = np.concatenate([images for images, _ in split.batches(7)])
    assert images[:, 0, 0, 2].tolist() == split.labels.tolist()
    return (images[:, 0, 0, 0].astype(int) * 256 + images[:, 0, 0, 1]).tolist()


@given(
    st.lists(st.integers(2, 60), min_size=1, max_size=8),
    st.floats(0, 0.5),
    st.integers(0, 2**32 - 1),
)
def test_shares(sizes: list[int], share: float, seed: int) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    count = max(1, int(len(labels) * share))
    dataset = numbered_images(labels)
    kept = hold_out(dataset, count, seed)
    train, held = rows(kept.train), rows(kept.validation)
    assert len(held) == count and sorted(train + held) == list(range(len(labels)))
    assert train == sorted(train) and held == sorted(held)
    for kind, size in enumerate(sizes):
        assert abs((labels[held] == kind).sum() - count * size / len(labels)) < 1
    assert kept.fingerprint == dataset.fingerprint and kept.test is dataset.test
    assert rows(hold_out(dataset, count, seed).validation) == held


@given(st.lists(st.integers(2, 30), min_size=1, max_size=6), st.integers(2, 9))
def test_folds_hold_out_each_image_once(sizes: list[int], folds: int) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    dataset, held = numbered_images(labels), []
    for fold in range(folds):
        kept = hold_out_fold(dataset, fold, folds)
        part = rows(kept.validation) if len(kept.validation or ()) else []
        assert len(part) == kept.held_out == Data(folds=folds, fold=fold).held_out(len(labels))
        assert sorted(rows(kept.train) + part) == list(range(len(labels)))
        assert set(labels[rows(kept.train)]) == set(range(len(sizes)))
        for kind, size in enumerate(sizes):
            assert abs((labels[part] == kind).sum() - size / folds) < 1
        held += part
    assert sorted(held) == list(range(len(labels)))


def test_a_fold_takes_no_class_whole() -> None:
    with pytest.raises(UsageError, match="the class 1 has one training image"):
        hold_out_fold(numbered_images(np.repeat([0, 1], [10, 1])), 0, 2)


def test_largest_remainder_by_hand() -> None:
    """5 of 20 of sizes 7, 9, 4: shares 1.75, 2.25, 1: the first class gets the image that is
    over.
    """
    kept = hold_out(numbered_images(np.repeat([0, 1, 2], [7, 9, 4])), 5, 0)
    assert kept.validation is not None
    assert np.bincount(kept.validation.labels).tolist() == [2, 2, 1]
    assert kept.notes == ("5 of 20 training images are held out for validation (seed 0)",)


def test_the_seed_chooses() -> None:
    dataset = numbered_images(np.repeat([0, 1], 50))
    assert len({str(rows(hold_out(dataset, 10, seed).validation)) for seed in range(5)}) == 5


def test_streams_are_held_out_alike() -> None:
    dataset = numbered_images(np.repeat([0, 1, 2], [7, 9, 4]))
    images = dataset.train.images
    files = ImageFiles(tuple(map(str, range(20))), (1, 1, 3), lambda path: images[int(path)])
    streamed = hold_out(with_files(dataset, files), 5, 3)
    held = hold_out(dataset, 5, 3)
    assert not streamed.train.is_in_memory and isinstance(streamed.train.images, ImageFiles)
    assert rows(streamed.train) == rows(held.train) and rows(streamed.validation) == rows(
        held.validation
    )


def with_files(dataset: Dataset, files: ImageFiles) -> Dataset:
    from dataclasses import replace

    return replace(dataset, train=Split(files, dataset.train.labels))


@pytest.mark.parametrize("count", [20, 21, 1000])
def test_more_than_there_are(count: int) -> None:
    with pytest.raises(UsageError, match=f"less than the 20 training images, got {count}"):
        hold_out(numbered_images(np.repeat([0, 1], 10)), count, 0)


def test_no_class_is_emptied() -> None:
    with pytest.raises(
        UsageError, match="9 of 11 training images leaves none of the class 1 to train on"
    ):
        hold_out(numbered_images(np.repeat([0, 1], [10, 1])), 9, 0)


def test_in_load(tmp_path: Path) -> None:
    images, labels = np.zeros((40, 2, 2), np.uint8), np.arange(40) % 4
    np.savez(tmp_path / "x.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    plain = load(str(tmp_path / "x.npz"))
    dataset = load(str(tmp_path / "x.npz"), wants=Data(validation=8), seed=1)
    assert dataset.validation is not None and plain.validation is None
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (32, 8, 40)
    assert np.bincount(dataset.validation.labels).tolist() == [2, 2, 2, 2]
    assert dataset.fingerprint == plain.fingerprint
