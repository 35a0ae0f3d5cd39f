"""Each way a folder of images can be wrong."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archcompile.data.sources import load
from archcompile.errors import DataError
from tests.data.damage.folders import png
from tests.data.pets import NAMES, reds, save


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
        write("train/cat/02.png", png(60_000, 60_000)),
        "train/cat/02.png claims to be .*000x.*000, more than",
    ),
    "large header": (
        write("train/cat/02.png", png(10_000, 10_000)),
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
def test_wrong_folders(spoil: Callable[[Path], object], message: str, pets: Path) -> None:
    spoil(pets)
    with pytest.raises(DataError, match=message) as caught:
        load("folder", data_dir=pets)
    assert caught.value.exit_code == 4


def test_a_single_image_cannot_be_held_out(pets: Path) -> None:
    shutil.rmtree(pets / "test")
    save(pets / "train" / "eel" / "only.png", 1)
    with pytest.raises(DataError, match="eel/only.png is the only image of the class eel"):
        load(str(pets))


def test_links_inside_the_folder_are_followed(pets: Path) -> None:
    (pets / "train/cat/zz.png").symlink_to(pets / "train/dog/09.png")
    assert reds(load(str(pets)))[0][5] == 109


def test_any_damage_is_a_data_error_with_the_name(pets: Path) -> None:
    """Bytes flipped and cut at random: Pillow either still reads the image or the file is
    named.
    """
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (4, 6, 3), np.uint8))
    for kind in ("jpg", "png"):
        target = pets / f"train/cat/zz.{kind}"
        noise.save(target)
        good = target.read_bytes()
        for _ in range(60):
            data = bytearray(good[: rng.integers(1, len(good) + 1)])
            data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
            target.write_bytes(data)
            try:
                load(str(pets))
            except DataError as error:
                assert "zz." in error.message
        target.unlink()
