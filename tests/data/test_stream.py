"""Streamed images: the same pixels as in memory, and what is known of them before they are
read.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from archcompile.data import folder, image_store
from archcompile.data.dataset import Dataset, Split
from archcompile.data.fit import fit_dataset
from archcompile.data.image_store import ImageFiles
from archcompile.data.sources import load
from archcompile.errors import DataError
from archcompile.recipe.sections import Data
from tests.data.trees import CLASSES, write_mixed


def pixels(split: Split | None, size: int = 5) -> np.ndarray:
    assert split is not None
    return np.concatenate([images for images, _ in split.batches(size)])


def same(streamed_set: Dataset, held_set: Dataset) -> None:
    assert not streamed_set.train.is_in_memory and held_set.train.is_in_memory
    assert (streamed_set.shape, streamed_set.classes, streamed_set.fit) == (
        held_set.shape,
        held_set.classes,
        held_set.fit,
    )
    for streamed, held in (
        (streamed_set.train, held_set.train),
        (streamed_set.test, held_set.test),
        (streamed_set.validation, held_set.validation),
    ):
        if held is not None:
            assert (
                np.array_equal(pixels(streamed), pixels(held))
                and streamed.labels.tolist() == held.labels.tolist()
            )


@pytest.mark.parametrize("test", [2, 0])
@pytest.mark.parametrize(
    "fit, canvas", [("pad", None), ("resize", None), ("crop", None), ("crop", 49)]
)
def test_the_same_pixels_as_in_memory(
    fit: str, canvas: int | None, test: int, tmp_path: Path
) -> None:
    root = write_mixed(tmp_path / "x", test=test)
    settings = {"fit": fit, "canvas": canvas, "validation": 4}
    streamed, held = (
        load(
            str(root),
            shape=(42, 40, 3),
            seed=3,
            wants=Data.model_validate({**settings, "stream": stream}),
        )
        for stream in (True, False)
    )
    same(streamed, held)
    assert streamed.shape == (((canvas or 48),) * 2 if fit == "crop" else (42, 40)) + (3,)


def test_grey_images_repeated(tmp_path: Path) -> None:
    root = write_mixed(tmp_path / "x", grey=True)
    wants = {"fit": "resize", "channels": "repeat"}
    streamed, held = (
        load(str(root), shape=(9, 9, 3), wants=Data(**wants, stream=s)) for s in (True, False)
    )
    same(streamed, held)
    assert streamed.fit == "resize+repeat"
    grey = load(str(root), shape=(9, 9, 1), wants=Data(fit="resize", stream=True))
    assert np.array_equal(pixels(grey.test)[..., 0], pixels(held.test)[..., 2])


def test_without_a_network(tmp_path: Path) -> None:
    root = write_mixed(tmp_path / "x", size=(9, 7))
    streamed, held = (load(str(root), wants=Data(stream=s)) for s in (True, False))
    same(streamed, held)
    same(
        fit_dataset(streamed, (12, 12, 3), Data(fit="pad")),
        fit_dataset(held, (12, 12, 3), Data(fit="pad")),
    )
    with pytest.raises(DataError, match="an image of 9x7 is larger than 8x8"):
        fit_dataset(streamed, (8, 8, 3), Data(fit="pad"))


def test_parts_and_batches(tmp_path: Path) -> None:
    split = load(str(write_mixed(tmp_path / "x", size=(9, 7))), wants=Data(stream=True)).train
    everything = pixels(split)
    assert (len(split), split.shape, split.images.shape) == (18, (9, 7, 3), (18, 9, 7, 3))
    assert [len(labels) for _, labels in split.batches(7)] == [7, 7, 4]
    part = split.take(np.array([3, 17, 0]))
    assert np.array_equal(pixels(part), everything[[3, 17, 0]]) and part.labels.tolist() == [
        0,
        2,
        0,
    ]
    assert isinstance(part.images, ImageFiles) and np.array_equal(
        part.images.read(1), everything[17]
    )


def test_threads_read_at_the_same_time(tmp_path: Path) -> None:
    split = load(
        str(write_mixed(tmp_path / "x")), shape=(16, 16, 3), wants=Data(fit="crop", stream=True)
    ).train
    assert isinstance(split.images, ImageFiles)
    with ThreadPoolExecutor(8) as pool:
        actual = list(pool.map(split.images.read, [*range(18)] * 10))
    assert np.array_equal(np.stack(actual), np.concatenate([pixels(split)] * 10))


@pytest.mark.parametrize(
    "shape, wants, held",
    [
        ((30, 20, 3), Data(fit="resize"), 24 * 1800),
        ((14, 14, 3), Data(fit="crop"), 24 * 768),
        (None, Data(), 24 * 189),
    ],
)
def test_streams_what_is_too_large(
    shape, wants: Data, held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """24 images: held in memory up to the limit in bytes, streamed beyond it."""
    root = write_mixed(tmp_path / "x", size=(9, 7))
    monkeypatch.setattr(image_store, "MEMORY", held)
    assert load(str(root), shape=shape, wants=wants).train.is_in_memory
    monkeypatch.setattr(image_store, "MEMORY", held - 1)
    streamed = load(str(root), shape=shape, wants=wants)
    assert (
        not streamed.train.is_in_memory
        and "images are read from their files as they are needed" in streamed.notes
    )
    assert load(
        str(root), shape=shape, wants=wants.model_copy(update={"stream": False})
    ).train.is_in_memory


def test_the_fingerprint_is_of_names_and_sizes(tmp_path: Path) -> None:
    root = write_mixed(tmp_path / "x")
    expected = hashlib.sha256("".join(map(repr, CLASSES)).encode())
    for split in ("train", "test"):
        for label, kind in enumerate(CLASSES):
            for file in sorted((root / split / kind).iterdir()):
                expected.update(
                    f"{split}/{kind}/{file.name}\0{file.stat().st_size}\0{label}\0".encode()
                )

    def fingerprint(**settings: object) -> str:
        return load(
            str(root), shape=(9, 9, 3), wants=Data.model_validate({"stream": True, **settings})
        ).fingerprint

    assert {
        fingerprint(fit="pad"),
        fingerprint(fit="crop"),
        fingerprint(fit="resize", validation=3),
    } == {f"listing:{expected.hexdigest()}"}
    with (root / "test/cat/00.jpg").open("ab") as file:
        file.write(b"x")
    assert fingerprint(fit="pad") != f"listing:{expected.hexdigest()}"


def test_what_is_read_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a `fit`, headers up to the first image in colour and a sample; without, all of them;
    pixels never.
    """
    root, seen = write_mixed(tmp_path / "x", size=(9, 7)), []
    header = folder.header
    monkeypatch.setattr(
        folder, "header", lambda path: (seen.append(Path(path).stem), header(path))[1]
    )
    monkeypatch.setattr(folder, "decode", None)
    monkeypatch.setattr(folder, "SAMPLE", 5)
    load(str(root), shape=(9, 9, 3), wants=Data(fit="pad", stream=True))
    assert seen == ["00", "00", "05", "04", "03", "00"], "the first, and each fifth of 24"
    seen.clear()
    load(str(root), wants=Data(stream=True))
    assert len(seen) == 24


def test_images_of_differing_sizes_need_a_fit(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the images differ in size") as caught:
        load(str(write_mixed(tmp_path / "x")), shape=(9, 9, 3), wants=Data(stream=True))
    assert "--set data.fit=resize" in str(caught.value.hint)


def test_a_bad_image_is_named_when_it_is_read(tmp_path: Path) -> None:
    root = write_mixed(tmp_path / "x", size=(20, 20))
    file = root / "train" / "dog" / "01.png"
    os.truncate(file, 200)
    split = load(str(root), wants=Data(stream=True)).train
    with pytest.raises(DataError, match="train/dog/01.png is not a readable image") as caught:
        pixels(split)
    assert caught.value.records()[0]["file"] == str(file)


def test_an_image_that_changed_after_the_start(tmp_path: Path) -> None:
    root = write_mixed(tmp_path / "x", size=(20, 20))
    grey = write_mixed(tmp_path / "grey", size=(20, 20), grey=True)
    split, others = (load(str(place), wants=Data(stream=True)).train for place in (root, grey))
    another = write_mixed(tmp_path / "y", size=(21, 20))
    (another / "train/cat/03.png").replace(root / "train/cat/03.png")
    with pytest.raises(DataError, match="train/cat/03.png is now 21x20, no longer 20x20"):
        pixels(split)
    (another / "train/cat/01.png").replace(grey / "train/cat/01.png")
    with pytest.raises(DataError, match="grey/train/cat/01.png is in colour, unlike the others"):
        pixels(others)
    (root / "train/cat/03.png").unlink()
    with pytest.raises(DataError, match="train/cat/03.png is not a readable image: No such file"):
        pixels(split)
