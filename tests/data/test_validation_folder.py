"""A folder of images with a validation set of its own."""

import shutil
from pathlib import Path

import pytest

from archcompile.data.fit import fit_dataset
from archcompile.data.sources import load
from archcompile.errors import DataError
from tests.data.pets import save, wants


@pytest.fixture
def three(pets: Path) -> Path:
    """The pets with `val/` of 3 cats and 2 dogs."""
    for kind, (name, count) in enumerate((("cat", 3), ("dog", 2))):
        for i in range(count):
            save(pets / "val" / name / f"{i:02d}.png", 50 + 100 * kind + i)
    return pets


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", ["val", "validation"])
def test_a_folder_beside_the_test_set_is_the_validation_set(
    three: Path, name: str, stream: bool
) -> None:
    (three / "val").rename(three / "kept")
    before = load(str(three), wants=wants(stream=stream))
    (three / "kept").rename(three / name)
    dataset = load(str(three), wants=wants(stream=stream))
    assert dataset.validation is not None and dataset.validation_from == name
    ((images, labels),) = dataset.validation.batches(9)
    assert (images[:, 0, 0, 0].tolist(), labels.tolist()) == (
        [50, 51, 52, 150, 151],
        [0, 0, 0, 1, 1],
    )
    assert (len(dataset.train), len(dataset.test)) == (15, 6) and dataset.train.is_in_memory == (
        not stream
    )
    assert f"`{name}` is the validation set: 5 images choose the best epoch" in dataset.notes
    assert dataset.fingerprint != before.fingerprint, "another validation set is another training"
    again = load(str(three), wants=wants(stream=stream), skips_validation=True)
    assert again.validation is None and again.fingerprint == before.fingerprint, (
        "a run that began without it continues without it"
    )


def test_a_validation_set_goes_before_a_hold_out_which_is_told(three: Path) -> None:
    dataset = load(str(three), wants=wants(validation=4))
    assert (
        len(dataset.train) == 15 and dataset.validation is not None and len(dataset.validation) == 5
    )
    assert dataset.notes[-1] == (
        "`data.validation: 4` is ignored: the folder has a validation set, and all 15 images of "
        "`train` are used for training"
    )


def test_without_a_test_set_a_validation_set_is_the_test_set(three: Path) -> None:
    shutil.rmtree(three / "test")
    dataset = load(str(three), wants=wants(validation=4))
    assert (
        len(dataset.test) == 5 and dataset.validation is not None and len(dataset.validation) == 4
    )
    assert (
        dataset.validation_from is None
        and dataset.notes[0] == "no folder `test`: `val` is read as the test set"
    )


def test_a_validation_set_is_fitted_like_the_others(three: Path) -> None:
    save(three / "val" / "cat" / "00.png", 50, size=(8, 8))
    dataset = load(str(three), shape=(9, 9, 3), wants=wants(fit="resize"))
    assert dataset.validation is not None and dataset.validation.shape == (9, 9, 3)
    save(three / "val" / "cat" / "00.png", 50)
    late = fit_dataset(load(str(three)), (9, 9, 3), wants(fit="resize"))
    assert late.validation is not None and late.validation.shape == (9, 9, 3)
    save(three / "val" / "cat" / "00.png", 50, size=(8, 8))
    with pytest.raises(
        DataError,
        match="the images differ in size: .*train/cat/00.png is 4x6, .*val/cat/00.png is 8x8",
    ):
        load(str(three))


def test_a_validation_set_has_the_classes_of_the_others(three: Path) -> None:
    shutil.move(three / "val" / "dog", three / "val" / "dogs")
    with pytest.raises(DataError, match="train/dog is a class that .*val does not have"):
        load(str(three))
