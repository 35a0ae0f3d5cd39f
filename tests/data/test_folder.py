"""A folder of images: what is read, and how a test split is held out."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archcompile.data.dataset import fingerprint
from archcompile.data.dataset_checks import check
from archcompile.data.fit import fit_dataset
from archcompile.data.image import ORIENTATION
from archcompile.data.sources import load
from archcompile.errors import DataError
from tests.data.pets import reds, save, wants


def test_images_labels_and_classes(pets: Path) -> None:
    dataset = load(str(pets))
    assert dataset.shape == (4, 6, 3) and dataset.classes == ("cat", "dog")
    assert reds(dataset) == ([*range(5), *range(100, 110)], [0, 1, *range(100, 104)])
    assert (
        dataset.train.labels.tolist() == [0] * 5 + [1] * 10
        and dataset.train.labels.dtype == np.int64
    )
    assert dataset.train.images[3, 2, 5].tolist() == [3, 10, 20]
    assert (dataset.name, dataset.label, dataset.fit, dataset.notes) == (
        "folder",
        "folder pets",
        None,
        (),
    )


def test_jpeg_and_upper_case_and_content_over_suffix(pets: Path) -> None:
    save(pets / "train" / "cat" / "90.JPG", 200)
    save(pets / "train" / "cat" / "91.jpeg", 200)
    save(pets / "x.jpeg", 200)
    (pets / "x.jpeg").rename(pets / "train" / "cat" / "92.png")
    actual = reds(load(str(pets)))[0][5:8]
    assert all(abs(value - 200) <= 2 for value in actual)  # JPEG is lossy


def test_holdout_is_stratified_seeded_and_complete(pets: Path) -> None:
    shutil.rmtree(pets / "test")
    splits = {seed: load(str(pets), wants=wants(holdout=0.2), seed=seed) for seed in range(6)}
    for dataset in splits.values():
        train, test = reds(dataset)
        assert sorted(train + test) == [*range(5), *range(100, 110)]
        assert dataset.test.labels.tolist() == [0, 1, 1]
        assert [value >= 100 for value in train] == dataset.train.labels.astype(bool).tolist()
    assert reds(load(str(pets), seed=3)) == reds(splits[3])
    assert len({str(reds(dataset)) for dataset in splits.values()}) > 3
    assert splits[0].notes == (
        "no folder `test`: 3 of 15 images are held out for testing (holdout 0.2, seed 0)",
    )
    # never less than one a class
    assert load(str(pets), wants=wants(holdout=0.01)).test.labels.tolist() == [
        0,
        1,
    ]
    assert load(str(pets), wants=wants(holdout=0.99)).train.labels.tolist() == [0, 1]


def test_grey_images(pets: Path) -> None:
    save(pets / "train" / "dog" / "grey.png", 77, "L")
    dataset = load(str(pets))
    assert dataset.train.images[-1, 0, 0].tolist() == [77, 77, 77]
    assert dataset.notes == ("grey images read as RGB, like the others: 1",)
    for file in pets.rglob("*.png"):
        save(file, 77, "L")
    assert load(str(pets)).shape == (4, 6, 1)
    save(pets / "train" / "dog" / "opaque.png", 9, "RGBA")
    assert load(str(pets)).train.images[-1, 0, 0].tolist() == [9, 10, 20]


def test_what_is_no_image_is_counted(pets: Path) -> None:
    for name in (
        "train/cat/Thumbs.db",
        "train/README.txt",
        "test/dog/notes.txt",
        "train/cat/.hidden.png",
    ):
        (pets / name).write_text("x")
    (pets / "train" / ".ipynb_checkpoints").mkdir()
    assert load(str(pets)).notes == (f"other files ignored: 3 ({pets}/train/README.txt, …)",)


def test_what_is_left_out_is_told_by_kind(pets: Path) -> None:
    for name in ("others/cat/1.png", "train/cat/a.webp", "test/dog/b.BMP", "train/dog/notes.txt"):
        (pets / name).parent.mkdir(parents=True, exist_ok=True)
        (pets / name).write_text("x")
    assert load(str(pets)).notes == (
        f"folders ignored; only `train` and `test` are read: 1 ({pets}/others)",
        f"images ignored, neither JPEG nor PNG: 2 ({pets}/train/cat/a.webp, …)",
        f"other files ignored: 1 ({pets}/train/dog/notes.txt)",
    )


def test_sizes_that_differ_are_fitted_when_asked(pets: Path) -> None:
    save(pets / "train" / "cat" / "00.png", 50, size=(8, 8))
    with pytest.raises(DataError) as caught:
        load(str(pets))
    assert f"{pets}/train/cat/00.png is 8x8, {pets}/train/cat/01.png is 4x6" in caught.value.message
    assert "--set data.fit=resize" in str(caught.value.hint)
    resized = load(str(pets), shape=(8, 8, 3), wants=wants(fit="resize"))
    assert resized.fit == "resize" and resized.train.images[0, 7, 7].tolist() == [50, 10, 20]
    padded = load(str(pets), shape=(8, 8, 3), wants=wants(fit="pad"))
    assert padded.train.images[1, 2:6, 1:7, 1].min() == 10 and padded.train.images[
        1
    ].sum() == 4 * 6 * (1 + 10 + 20)
    with pytest.raises(DataError, match="00.png does not fit: an image of 8x8 is larger than 4x6"):
        load(str(pets), shape=(4, 6, 3), wants=wants(fit="pad"))


@pytest.mark.parametrize("fit", ["pad", "resize", "crop"])
def test_fitting_while_reading_or_after_is_the_same(pets: Path, fit: str) -> None:
    early, late = load(str(pets), shape=(9, 9, 3), wants=wants(fit=fit)), load(str(pets))
    assert early.fingerprint == late.fingerprint == fingerprint(late.train, late.test, late.classes)
    late = fit_dataset(late, (9, 9, 3), wants(fit=fit))
    assert early.fit == late.fit == fit
    assert np.array_equal(early.train.images, late.train.images) and np.array_equal(
        early.test.images, late.test.images
    )


def test_the_fingerprint_is_of_the_images_as_they_are(pets: Path) -> None:
    """Of differing sizes: sha256 over names, then of each split number, channels, each image's
    shape and pixels, labels.
    """
    save(pets / "train" / "cat" / "00.png", 50, size=(8, 8))
    expected = hashlib.sha256(b"'cat''dog'")
    for split, labels in (("train", [0] * 5 + [1] * 10), ("test", [0] * 2 + [1] * 4)):
        expected.update(repr((len(labels), 3)).encode())
        for file in sorted((pets / split).glob("*/*.png")):
            pixels = np.asarray(Image.open(file))
            expected.update(repr(pixels.shape).encode() + pixels.tobytes())
        expected.update(np.array(labels, "<i8").tobytes())
    actual = {
        load(str(pets), shape=(n, n, 3), wants=wants(fit=fit)).fingerprint
        for n in (9, 12)
        for fit in ("pad", "crop")
    }
    assert actual == {expected.hexdigest()}


@pytest.mark.parametrize("name", ["val", "validation"])
def test_another_name_of_the_test_set(pets: Path, name: str) -> None:
    expected = load(str(pets))
    (pets / "test").rename(pets / name)
    dataset = load(str(pets))
    assert dataset.fingerprint == expected.fingerprint
    assert dataset.notes == (f"no folder `test`: `{name}` is read as the test set",)


@pytest.mark.parametrize("stream", [False, True])
def test_one_class_is_told(pets: Path, stream: bool) -> None:
    for split in ("train", "test"):
        shutil.rmtree(pets / split / "dog")
    reported = (
        "warning: all images are of one class, cat: every prediction is right, and nothing "
        "can be learned"
    )
    assert (
        reported in load(str(pets), wants=wants(stream=stream)).notes
        and reported in check(str(pets)).notes
    )


# ---- EXIF ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stream", "fit"), [(False, None), (True, None), (True, "resize")])
@pytest.mark.parametrize(
    ("orientation", "is_noted"), [(6, True), (2, True), (1, False), (0, False), (99, False)]
)
def test_an_exif_orientation_is_told_and_not_applied(
    pets: Path, stream: bool, fit: str | None, orientation: int, is_noted: bool
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    for file, suffix in (("train/cat/00", "jpg"), ("train/dog/00", "png")):
        (pets / f"{file}.png").unlink()
        Image.new("RGB", (6, 4), (9, 9, 9)).save(pets / f"{file}.{suffix}", exif=exif)
    dataset = load(str(pets), wants=wants(stream=stream, fit=fit), shape=(4, 6, 3))
    assert dataset.shape == (4, 6, 3), "as stored"
    sentence = (
        "EXIF orientation not applied: 2 of 21 images are read as stored, and other "
        "programs show them turned or mirrored"
    )
    assert (sentence in dataset.notes) == is_noted == (sentence in check(str(pets)).notes)


def test_damaged_exif_says_nothing(pets: Path) -> None:
    (pets / "train/cat/00.png").unlink()
    Image.new("RGB", (6, 4), (9, 9, 9)).save(
        pets / "train/cat/00.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"
    )
    assert load(str(pets)).notes == ()
