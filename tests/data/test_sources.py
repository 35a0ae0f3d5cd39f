"""Which source `--data` means, the sources made in memory, and how images are fitted to a
network.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from archcompile.data.dataset import Dataset, Split, fingerprint
from archcompile.data.fit import check_classes, fit_dataset, fit_image
from archcompile.data.sources import SOURCES, load, resolve
from archcompile.errors import ArchError, DataError, MissingError, UsageError
from archcompile.recipe.sections import Data
from tests.data.batches import small_files, written


def synthetic(height: int, width: int, channels: int) -> Dataset:
    return load("synthetic", shape=(height, width, channels), classes=3)


def test_resolve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = written(tmp_path / "root", small_files())
    (root / "pictures" / "train" / "cat").mkdir(parents=True)
    (root / "digits").mkdir()
    monkeypatch.chdir(root)
    assert resolve("digits") == ("digits", None)
    assert resolve("cifar10", root) == ("cifar10", root)
    assert resolve("folder", root) == ("folder", root)
    assert resolve("pictures") == ("folder", Path("pictures"))
    assert resolve(".") == ("cifar10", Path("."))
    assert resolve(str(root / "cifar-10-batches-py")) == ("cifar10", root / "cifar-10-batches-py")


REFUSED = {
    "near": ("cifar-10", None, UsageError, "got `cifar-10`"),
    "unknown": ("zzz", None, UsageError, "expected the name of a data source or a path"),
    "no such path": ("./zzz", None, DataError, "there is no"),
    "unknown content": (".", None, DataError, "not data that archc knows"),
    "place without use": ("digits", Path("."), UsageError, "`data_dir` does not apply"),
    "two places": (".", Path("."), UsageError, "`data_dir` does not apply"),
    "no place": ("folder", None, UsageError, "needs its path"),
    "synthetic without shape": ("synthetic", None, UsageError, "input shape"),
}


@pytest.mark.parametrize("source, place, kind, message", REFUSED.values(), ids=REFUSED)
def test_refused(
    source: str,
    place: Path | None,
    kind: type[ArchError],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=message):
        load(source, data_dir=place)


def test_the_nearest_source_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        load("cifar-10")
    assert caught.value.hint == "did you mean `cifar10`?"
    with pytest.raises(UsageError) as caught:
        load("zzz")
    assert all(name in str(caught.value.hint) for name in SOURCES)


def test_digits() -> None:
    sklearn = pytest.importorskip(
        "sklearn.datasets", reason="scikit-learn, of the extra `demo`, is not installed"
    )
    dataset = load("digits")
    stored = sklearn.load_digits()
    assert (len(dataset.train.images), len(dataset.test.images), dataset.shape) == (
        1500,
        297,
        (8, 8, 1),
    )
    pixels = [round(value * 255 / 16) for value in stored.images[7].ravel()]
    assert dataset.train.images[7, :, :, 0].ravel().tolist() == pixels
    assert (
        np.concatenate([dataset.train.labels, dataset.test.labels]).tolist()
        == stored.target.tolist()
    )
    assert set(dataset.test.labels.tolist()) == set(range(10))
    assert dataset.classes == tuple("0123456789") and dataset.label == "digits"


def test_digits_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(MissingError) as caught:
        load("digits")
    assert "archcompile[demo]" in str(caught.value.hint)


def test_synthetic_is_seeded_labelled_and_learnable() -> None:
    first, again = (load("synthetic", shape=(9, 5, 2), classes=4, seed=1) for _ in range(2))
    second = load("synthetic", shape=(9, 5, 2), classes=4, seed=2)
    assert first.label == first.name == "synthetic"
    assert first.shape == (9, 5, 2) and first.fingerprint == again.fingerprint != second.fingerprint
    means = np.stack([first.train.images[first.train.labels == n].mean(0) for n in range(4)])
    distance = ((first.test.images[:, None] - means) ** 2).sum((2, 3, 4))
    assert (
        distance.argmin(1) == first.test.labels
    ).mean() > 0.9  # the nearest class mean tells the class


def test_resize_keeps_flat_images_and_the_order_of_the_axes() -> None:
    photo = np.zeros((1, 4, 2, 3), np.uint8)
    photo[0, :2, :, 1] = 200  # the upper half is green
    dataset = replace(
        synthetic(4, 2, 3), train=Split(photo, np.array([0])), test=Split(photo, np.array([0]))
    )
    image = fit_dataset(dataset, (8, 10, 3), Data(fit="resize")).train.images[0]
    assert image.shape == (8, 10, 3)
    assert image[0].tolist() == [[0, 200, 0]] * 10 and image[-1].tolist() == [[0, 0, 0]] * 10


def test_pad_puts_the_image_in_the_middle() -> None:
    dataset = synthetic(4, 3, 1)
    padded = fit_dataset(dataset, (7, 5, 1), Data(fit="pad"))
    assert np.array_equal(padded.train.images[:, 1:5, 1:4], dataset.train.images)
    assert padded.train.images.astype(int).sum() == dataset.train.images.astype(int).sum()
    assert padded.fit == "pad" and dataset.fit is None


def test_fitted_says_what_it_did() -> None:
    dataset = synthetic(4, 4, 1)
    assert fit_dataset(dataset, (4, 4, 1), Data(fit="resize", channels="repeat")) is dataset
    both = fit_dataset(dataset, (6, 6, 3), Data(fit="resize", channels="repeat"))
    assert both.fit == "resize+repeat" and both.shape == (6, 6, 3)
    assert np.array_equal(both.test.images[..., 0], both.test.images[..., 2])
    assert fit_dataset(dataset, (4, 4, 3), Data(channels="repeat")).fit == "repeat"
    assert fit_dataset(dataset, (4, 4, 1), Data(fit="crop", canvas=4)).fit == "crop"
    assert (
        both.fingerprint
        == dataset.fingerprint
        == fingerprint(dataset.train, dataset.test, dataset.classes)
    )
    assert both.label == dataset.label and both.test.labels is dataset.test.labels


RESIZE, REPEAT = Data(fit="resize"), Data(fit="resize", channels="repeat")
UNFIT = {
    "size": ((4, 4, 1), (6, 6, 1), Data(), "4x4x1 .*takes 6x6x1", "--set data.fit=resize"),
    "size and channels": ((4, 4, 1), (6, 6, 3), Data(), "4x4x1", "--set data.channels=repeat"),
    "channels": ((4, 4, 1), (4, 4, 3), RESIZE, "4x4x1 .*takes 4x4x3", "--set data.channels=repeat"),
    "colour": ((4, 4, 3), (4, 4, 1), REPEAT, "4x4x3 .*takes 4x4x1", "1 channel can be"),
    "pad smaller": (
        (4, 4, 1),
        (3, 6, 1),
        Data(fit="pad"),
        "larger than 3x6",
        "--set data.fit=resize",
    ),
}


@pytest.mark.parametrize("have, want, wants, message, hint", UNFIT.values(), ids=UNFIT)
def test_never_fitted_silently(
    have: tuple[int, int, int], want: tuple[int, int, int], wants: Data, message: str, hint: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        fit_dataset(synthetic(*have), want, wants)
    assert hint in str(caught.value.hint)


def test_a_canvas_smaller_than_the_input_is_refused() -> None:
    with pytest.raises(
        UsageError,
        match="data.canvas: expected at least 7 pixels for an input of 5x7 .*, got 6",
    ):
        fit_dataset(synthetic(4, 4, 3), (5, 7, 3), Data(fit="crop", canvas=6))


def is_close(first: np.ndarray, second: np.ndarray) -> bool:
    """Equal to a level: which axis Pillow scales first, and so how it rounds, depends on the size
    and on its version.
    """
    return first.shape == second.shape and int(np.abs(first.astype(int) - second).max()) <= 1


def test_crop_scales_the_shorter_side_and_cuts_out_the_middle() -> None:
    dataset = synthetic(16, 32, 3)
    scaled = fit_dataset(
        dataset, (8, 16, 3), Data(fit="resize")
    )  # the whole image, at the same scale
    cropped = fit_dataset(dataset, (7, 7, 3), Data(fit="crop", canvas=8))
    assert cropped.shape == (8, 8, 3) and cropped.fit == "crop"
    assert is_close(cropped.train.images, scaled.train.images[:, :, 4:12])
    tall = replace(dataset, train=transpose(dataset.train), test=transpose(dataset.test))
    scaled = fit_dataset(tall, (16, 8, 3), Data(fit="resize"))
    assert is_close(
        fit_dataset(tall, (7, 7, 3), Data(fit="crop")).train.images, scaled.train.images[:, 4:12]
    )
    # 8/7 of 14 is 16, which the shorter side has
    untouched = fit_dataset(dataset, (14, 14, 3), Data(fit="crop"))
    assert np.array_equal(untouched.test.images, dataset.test.images[:, :, 8:24])


def test_crop_of_a_sliver_takes_no_memory() -> None:
    photo = np.zeros((1, 200_000, 3), np.uint8)  # scaled as a whole, it would be 256 x 51,200,000
    assert fit_image(photo, (256, 256), "crop").shape == (256, 256, 3)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_each_channel_is_resized_by_itself(channels: int) -> None:
    from PIL import Image

    photo = np.random.default_rng(0).integers(0, 256, (9, 7, channels), np.uint8)
    planes = [
        np.asarray(Image.fromarray(photo[..., c]).resize((5, 6), Image.Resampling.BILINEAR))
        for c in range(channels)
    ]
    assert np.array_equal(fit_image(photo, (6, 5), "resize"), np.stack(planes, axis=-1))


def test_only_a_folder_is_streamed() -> None:
    with pytest.raises(UsageError, match="data.stream: digits cannot be streamed"):
        load("digits", wants=Data(stream=True))


def test_a_class_without_training_images_is_refused(tmp_path: Path) -> None:
    images, labels = np.zeros((4, 2, 2), np.uint8), np.array([0, 0, 2, 2])
    np.savez(tmp_path / "x.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    with pytest.raises(DataError, match="x.npz: the class 1 has no training image"):
        load(str(tmp_path / "x.npz"))


def test_class_count() -> None:
    dataset = synthetic(4, 4, 1)
    check_classes(dataset, 3)
    with pytest.raises(DataError, match="has 3 classes, but the network separates 10") as caught:
        check_classes(dataset, 10)
    assert caught.value.exit_code == 4 and caught.value.hint is None


def transpose(split: Split) -> Split:
    """Height and width exchanged."""
    return replace(split, images=split.images.transpose(0, 2, 1, 3))


def test_the_fingerprint_sees_everything() -> None:
    dataset = synthetic(4, 4, 1)
    train, test, classes = dataset.train, dataset.test, dataset.classes
    image, labels = train.images.copy(), train.labels.copy()
    image[5, 1, 2, 0] ^= 1
    labels[7] = (labels[7] + 1) % 3
    variants = [
        (train, test, classes),
        (Split(image, train.labels), test, classes),
        (Split(train.images, labels), test, classes),
        (Split(train.images.reshape(-1, 2, 8, 1), train.labels), test, classes),
        (test, train, classes),
        (train, test, ("class_0class_1", "class_2")),
        (train, test, ("class_0", "class_1class_2")),
    ]
    assert len({fingerprint(*variant) for variant in variants}) == len(variants)
    turned = Split(np.asfortranarray(train.images), train.labels.astype(np.int32))
    # layout in memory is not content
    assert fingerprint(turned, test, classes) == dataset.fingerprint
