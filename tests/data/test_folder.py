"""A folder of images: what is read, how a test split is held out, and each way a folder can be
wrong.
"""

import hashlib
import os
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from archcompile.data.checks import check
from archcompile.data.dataset import Dataset, fingerprint
from archcompile.data.fit import fit_dataset
from archcompile.data.image import ORIENTATION
from archcompile.data.sources import load
from archcompile.errors import DataError
from archcompile.recipe.sections import Data

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

NAMES = {"cat": 5, "dog": 10}


def save(file: Path, value: int, mode: str = "RGB", size: tuple[int, int] = (6, 4)) -> None:
    """A flat image, `size` (width, height)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new(
        mode, size, value if mode in ("L", "I;16") else (value, 10, 20, 255)[: len(mode)]
    ).save(file)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """train/ of 5 cats and 10 dogs, test/ of 2 each; 4x6 pixels (H, W), the red value tells class
    and number.
    """
    root = tmp_path / "pets"
    for split, count in (("train", 1.0), ("test", 0.4)):
        for kind, (name, number) in enumerate(NAMES.items()):
            for i in range(max(2, int(number * count))):
                save(root / split / name / f"{i:02d}.png", 100 * kind + i)
    return root


def reds(dataset: Dataset) -> tuple[list[int], list[int]]:
    return dataset.train.images[:, 0, 0, 0].tolist(), dataset.test.images[:, 0, 0, 0].tolist()


def test_images_labels_and_classes(root: Path) -> None:
    dataset = load(str(root))
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


def test_jpeg_and_upper_case_and_content_over_suffix(root: Path) -> None:
    save(root / "train" / "cat" / "90.JPG", 200)
    save(root / "train" / "cat" / "91.jpeg", 200)
    save(root / "x.jpeg", 200)
    (root / "x.jpeg").rename(root / "train" / "cat" / "92.png")
    actual = reds(load(str(root)))[0][5:8]
    assert all(abs(value - 200) <= 2 for value in actual)  # JPEG is lossy


def wants(**settings: object) -> Data:
    return Data.model_validate(settings)


def test_holdout_is_stratified_seeded_and_complete(root: Path) -> None:
    shutil.rmtree(root / "test")
    splits = {seed: load(str(root), wants=wants(holdout=0.2), seed=seed) for seed in range(6)}
    for dataset in splits.values():
        train, test = reds(dataset)
        assert sorted(train + test) == [*range(5), *range(100, 110)]
        assert dataset.test.labels.tolist() == [0, 1, 1]
        assert [value >= 100 for value in train] == dataset.train.labels.astype(bool).tolist()
    assert reds(load(str(root), seed=3)) == reds(splits[3])
    assert len({str(reds(dataset)) for dataset in splits.values()}) > 3
    assert splits[0].notes == (
        "no folder `test`: 3 of 15 images are held out for testing (holdout 0.2, seed 0)",
    )
    # never less than one a class
    assert load(str(root), wants=wants(holdout=0.01)).test.labels.tolist() == [
        0,
        1,
    ]
    assert load(str(root), wants=wants(holdout=0.99)).train.labels.tolist() == [0, 1]


def test_grey_images(root: Path) -> None:
    save(root / "train" / "dog" / "grey.png", 77, "L")
    dataset = load(str(root))
    assert dataset.train.images[-1, 0, 0].tolist() == [77, 77, 77]
    assert dataset.notes == ("grey images read as RGB, like the others: 1",)
    for file in root.rglob("*.png"):
        save(file, 77, "L")
    assert load(str(root)).shape == (4, 6, 1)
    save(root / "train" / "dog" / "opaque.png", 9, "RGBA")
    assert load(str(root)).train.images[-1, 0, 0].tolist() == [9, 10, 20]


def test_what_is_no_image_is_counted(root: Path) -> None:
    for name in (
        "train/cat/Thumbs.db",
        "train/README.txt",
        "test/dog/notes.txt",
        "train/cat/.hidden.png",
    ):
        (root / name).write_text("x")
    (root / "train" / ".ipynb_checkpoints").mkdir()
    assert load(str(root)).notes == (f"other files ignored: 3 ({root}/train/README.txt, …)",)


def test_what_is_left_out_is_told_by_kind(root: Path) -> None:
    for name in ("others/cat/1.png", "train/cat/a.webp", "test/dog/b.BMP", "train/dog/notes.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    assert load(str(root)).notes == (
        f"folders ignored; only `train` and `test` are read: 1 ({root}/others)",
        f"images ignored, neither JPEG nor PNG: 2 ({root}/train/cat/a.webp, …)",
        f"other files ignored: 1 ({root}/train/dog/notes.txt)",
    )


def test_sizes_that_differ_are_fitted_when_asked(root: Path) -> None:
    save(root / "train" / "cat" / "00.png", 50, size=(8, 8))
    with pytest.raises(DataError) as caught:
        load(str(root))
    assert f"{root}/train/cat/00.png is 8x8, {root}/train/cat/01.png is 4x6" in caught.value.message
    assert "--set data.fit=resize" in str(caught.value.hint)
    resized = load(str(root), shape=(8, 8, 3), wants=wants(fit="resize"))
    assert resized.fit == "resize" and resized.train.images[0, 7, 7].tolist() == [50, 10, 20]
    padded = load(str(root), shape=(8, 8, 3), wants=wants(fit="pad"))
    assert padded.train.images[1, 2:6, 1:7, 1].min() == 10 and padded.train.images[
        1
    ].sum() == 4 * 6 * (1 + 10 + 20)
    with pytest.raises(DataError, match="00.png does not fit: an image of 8x8 is larger than 4x6"):
        load(str(root), shape=(4, 6, 3), wants=wants(fit="pad"))


@pytest.mark.parametrize("fit", ["pad", "resize", "crop"])
def test_fitting_while_reading_or_after_is_the_same(root: Path, fit: str) -> None:
    early, late = load(str(root), shape=(9, 9, 3), wants=wants(fit=fit)), load(str(root))
    assert early.fingerprint == late.fingerprint == fingerprint(late.train, late.test, late.classes)
    late = fit_dataset(late, (9, 9, 3), wants(fit=fit))
    assert early.fit == late.fit == fit
    assert np.array_equal(early.train.images, late.train.images) and np.array_equal(
        early.test.images, late.test.images
    )


def test_the_fingerprint_is_of_the_images_as_they_are(root: Path) -> None:
    """Of differing sizes: sha256 over names, then of each split number, channels, each image's
    shape and pixels, labels.
    """
    save(root / "train" / "cat" / "00.png", 50, size=(8, 8))
    expected = hashlib.sha256(b"'cat''dog'")
    for split, labels in (("train", [0] * 5 + [1] * 10), ("test", [0] * 2 + [1] * 4)):
        expected.update(repr((len(labels), 3)).encode())
        for file in sorted((root / split).glob("*/*.png")):
            pixels = np.asarray(Image.open(file))
            expected.update(repr(pixels.shape).encode() + pixels.tobytes())
        expected.update(np.array(labels, "<i8").tobytes())
    actual = {
        load(str(root), shape=(n, n, 3), wants=wants(fit=fit)).fingerprint
        for n in (9, 12)
        for fit in ("pad", "crop")
    }
    assert actual == {expected.hexdigest()}


@pytest.mark.parametrize("name", ["val", "validation"])
def test_another_name_of_the_test_set(root: Path, name: str) -> None:
    expected = load(str(root))
    (root / "test").rename(root / name)
    dataset = load(str(root))
    assert dataset.fingerprint == expected.fingerprint
    assert dataset.notes == (f"no folder `test`: `{name}` is read as the test set",)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    header = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    )
    return header + struct.pack(">I", 8) + b"IDAT" + bytes(12)


def transparent(root: Path) -> None:
    Image.new("RGBA", (6, 4), (1, 2, 3, 4)).save(root / "train/cat/01.png")


def palette(root: Path) -> None:
    image = Image.new("P", (6, 4), 1)
    image.putpalette([1, 2, 3, 4, 5, 6])
    image.save(root / "train/cat/01.png", transparency=1)


def cut(name: str, size: int) -> Callable[[Path], None]:
    def run(root: Path) -> None:
        save(root / name, 7, size=(64, 64))
        os.truncate(root / name, size)

    return run


def only_cut_jpeg(root: Path) -> None:
    for file in root.rglob("*.png"):
        save(file.with_suffix(".jpg"), 5, size=(64, 64))
        file.unlink()
    os.truncate(root / "train/dog/03.jpg", (root / "train/dog/03.jpg").stat().st_size - 40)


def link(name: str, target: str) -> Callable[[Path], None]:
    """Moves a file or folder out of the way and puts a link to `target` there, beside the root or
    absolute.
    """

    def run(root: Path) -> None:
        shutil.move(root / name, root.parent / "elsewhere")
        (root / name).symlink_to(root.parent / target)

    return run


def write(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda root: (root / name).write_bytes(data)


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "no train": (lambda root: shutil.rmtree(root / "train"), "has no folder `train`"),
    "no classes": (
        lambda root: [shutil.rmtree(root / "train" / name) for name in NAMES],
        "holds no class folders",
    ),
    "flat": (lambda root: save(root / "train" / "x.png", 1), "train/x.png is outside any class"),
    "nested": (
        lambda root: save(root / "train/cat/more/x.png", 1),
        "train/cat/more is a folder inside a class",
    ),
    "empty class": (lambda root: (root / "train" / "eel").mkdir(), "train/eel has no image"),
    "missing in test": (
        lambda root: shutil.rmtree(root / "test" / "dog"),
        "train/dog is a class that .*/test does not have",
    ),
    "missing in train": (
        lambda root: save(root / "test/dogs/1.png", 1),
        "test/dogs is a class that .*/train does not have",
    ),
    "no image inside": (
        write("train/cat/00.png", b"hello"),
        "train/cat/00.png is not a readable image",
    ),
    "empty file": (write("test/dog/00.png", b""), "test/dog/00.png is empty"),
    "another format": (
        write("train/cat/00.png", b"GIF89a" + bytes(20)),
        "train/cat/00.png is not a readable image",
    ),
    "cut header": (cut("train/dog/05.png", 20), "train/dog/05.png is not a readable image"),
    "cut JPEG": (only_cut_jpeg, "train/dog/03.jpg is not a readable image"),
    "huge header": (
        write("train/cat/02.png", png_header(60_000, 60_000)),
        "train/cat/02.png claims to be .*000x.*000, more than",
    ),
    "large header": (
        write("train/cat/02.png", png_header(10_000, 10_000)),
        "train/cat/02.png claims to be .*000x.*000, more than",
    ),
    "transparent": (transparent, "train/cat/01.png is transparent in places"),
    "transparent palette": (palette, "train/cat/01.png is transparent in places"),
    "16 bits": (
        lambda root: save(root / "train/cat/01.png", 5000, "I;16"),
        "train/cat/01.png has 16 bits per channel",
    ),
    "name": (
        lambda root: save(root / "train/a\x1b[2J/01.png", 1),
        r"train/a\\x1b\[2J has characters",
    ),
    "link out": (link("train/cat/00.png", "/etc/hostname"), "train/cat/00.png is a link out of"),
    "class link out": (link("train/cat", "elsewhere"), "train/cat is a link out of"),
    "split link out": (link("train", "elsewhere"), "train is a link out of"),
    "link loop": (
        link("train/cat/00.png", "pets/train/cat/00.png"),
        "train/cat/00.png is a broken link",
    ),
    "pipe": (
        lambda root: os.mkfifo(root / "train/cat/pipe.png"),
        "train/cat/pipe.png is not a plain file",
    ),
}


@pytest.mark.parametrize("spoil, message", WRONG.values(), ids=WRONG)
def test_wrong_folders(spoil: Callable[[Path], object], message: str, root: Path) -> None:
    spoil(root)
    with pytest.raises(DataError, match=message) as caught:
        load("folder", data_dir=root)
    assert caught.value.exit_code == 4


def test_a_single_image_cannot_be_held_out(root: Path) -> None:
    shutil.rmtree(root / "test")
    save(root / "train" / "eel" / "only.png", 1)
    with pytest.raises(DataError, match="eel/only.png is the only image of the class eel"):
        load(str(root))


def test_links_inside_the_folder_are_followed(root: Path) -> None:
    (root / "train/cat/zz.png").symlink_to(root / "train/dog/09.png")
    assert reds(load(str(root)))[0][5] == 109


def test_any_damage_is_a_data_error_with_the_name(root: Path) -> None:
    """Bytes flipped and cut at random: Pillow either still reads the image or the file is
    named.
    """
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (4, 6, 3), np.uint8))
    for kind in ("jpg", "png"):
        target = root / f"train/cat/zz.{kind}"
        noise.save(target)
        good = target.read_bytes()
        for _ in range(60):
            data = bytearray(good[: rng.integers(1, len(good) + 1)])
            data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
            target.write_bytes(data)
            try:
                load(str(root))
            except DataError as error:
                assert "zz." in error.message
        target.unlink()


# ---- a validation set of its own -----------------------------------------------------------------


@pytest.fixture
def three(root: Path) -> Path:
    """The pets with `val/` of 3 cats and 2 dogs."""
    for kind, (name, count) in enumerate((("cat", 3), ("dog", 2))):
        for i in range(count):
            save(root / "val" / name / f"{i:02d}.png", 50 + 100 * kind + i)
    return root


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
    assert (len(dataset.train), len(dataset.test)) == (15, 6) and dataset.train.in_memory == (
        not stream
    )
    assert f"`{name}` is the validation set: 5 images choose the best epoch" in dataset.notes
    assert dataset.fingerprint != before.fingerprint, "another validation set is another training"
    again = load(str(three), wants=wants(stream=stream), skips_validation=True)
    assert again.validation is None and again.fingerprint == before.fingerprint, (
        "a run that began without it goes on without it"
    )


def test_a_validation_set_goes_before_a_hold_out_which_is_told(three: Path) -> None:
    dataset = load(str(three), wants=wants(validation=4))
    assert (
        len(dataset.train) == 15 and dataset.validation is not None and len(dataset.validation) == 5
    )
    assert dataset.notes[-1] == (
        "`data.validation: 4` is ignored: the folder has a validation set, and all 15 images of `train` are used for training"
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


@pytest.mark.parametrize("stream", [False, True])
def test_one_class_is_told(root: Path, stream: bool) -> None:
    for split in ("train", "test"):
        shutil.rmtree(root / split / "dog")
    reported = "warning: all images are of one class, cat: every prediction is right, and nothing can be learned"
    assert (
        reported in load(str(root), wants=wants(stream=stream)).notes
        and reported in check(str(root)).notes
    )


# ---- EXIF ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stream", "fit"), [(False, None), (True, None), (True, "resize")])
@pytest.mark.parametrize(
    ("orientation", "told"), [(6, True), (2, True), (1, False), (0, False), (99, False)]
)
def test_an_exif_orientation_is_told_and_not_applied(
    root: Path, stream: bool, fit: str | None, orientation: int, told: bool
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    for file, suffix in (("train/cat/00", "jpg"), ("train/dog/00", "png")):
        (root / f"{file}.png").unlink()
        Image.new("RGB", (6, 4), (9, 9, 9)).save(root / f"{file}.{suffix}", exif=exif)
    dataset = load(str(root), wants=wants(stream=stream, fit=fit), shape=(4, 6, 3))
    assert dataset.shape == (4, 6, 3), "as stored"
    sentence = "EXIF orientation not applied: 2 of 21 images are read as stored, and other programs show them turned or mirrored"
    assert (sentence in dataset.notes) == told == (sentence in check(str(root)).notes)


def test_damaged_exif_says_nothing(root: Path) -> None:
    (root / "train/cat/00.png").unlink()
    Image.new("RGB", (6, 4), (9, 9, 9)).save(
        root / "train/cat/00.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"
    )
    assert load(str(root)).notes == ()
