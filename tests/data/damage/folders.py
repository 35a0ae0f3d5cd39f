"""Folders of images."""

import io
import os
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tests.data.damage.kinds import kind


def put(root: Path, name: str, data: bytes = b"") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)


def png(width: int, height: int, depth: int = 8) -> bytes:
    """A PNG that claims a size and holds nothing."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    header = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    )
    return header + struct.pack(">I", 8) + b"IDAT" + bytes(12)


def image(
    form: str, mode: str = "RGB", size: tuple[int, int] = (40, 40), **settings: object
) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(noise).convert(mode).save(out, form, **settings)
    return out.getvalue()


DOG = "train/dog/01.png"


@kind("folder", DOG, "is empty")
def image_without_a_byte(root: Path) -> None:
    put(root, DOG)


@kind("folder", DOG, "it is neither JPEG nor PNG")
def image_that_is_text(root: Path) -> None:
    put(root, DOG, b"<html>404</html>")


@kind("folder", DOG, "it is neither JPEG nor PNG")
def image_of_another_format(root: Path) -> None:
    put(root, DOG, image("GIF"))


@kind("folder", DOG, "is not a readable image")
def png_cut_short(root: Path) -> None:
    put(root, DOG, image("PNG")[:-2000])


@kind("folder", DOG, "is not a readable image")
def png_cut_in_the_header(root: Path) -> None:
    put(root, DOG, image("PNG")[:20])


@kind("folder", DOG, "is not a readable image: broken PNG file")
def png_with_a_wrong_sum(root: Path) -> None:
    put(root, DOG, image("PNG")[:29] + b"\0\0\0\0" + image("PNG")[33:])


@kind("folder", "train/dog/x.jpg", "is not a readable image: image file is truncated")
def jpeg_cut_short(root: Path) -> None:
    put(root, "train/dog/x.jpg", image("JPEG")[:-400])


@kind("folder", DOG, "claims to be 60000x60000, more than 89,478,485 pixels")
def png_that_claims_to_be_giant(root: Path) -> None:
    put(root, DOG, png(60_000, 60_000))


@kind("folder", DOG, "has 16 bits per channel")
def png_of_sixteen_bits_in_grey(root: Path) -> None:
    Image.new("I;16", (9, 9), 5000).save(root / DOG)


@kind("folder", DOG, "has 16 bits per channel")
def png_of_sixteen_bits_in_colour(root: Path) -> None:
    put(root, DOG, png(9, 9, 16))


@kind("folder", DOG, "is transparent in places")
def png_that_is_transparent(root: Path) -> None:
    Image.new("RGBA", (9, 9), (1, 2, 3, 4)).save(root / DOG)


@kind("folder", DOG, "is transparent in places")
def png_with_a_transparent_palette(root: Path) -> None:
    put(root, DOG, image("PNG", "P", transparency=bytes([128] * 256)))


@kind("folder", DOG, "is an animation")
def png_that_moves(root: Path) -> None:
    frames = [Image.new("RGB", (9, 9), (n, n, n)) for n in (0, 200)]
    frames[0].save(root / DOG, save_all=True, append_images=frames[1:])


@kind("folder", "train/gnu", "has no image")
def class_without_images(root: Path) -> None:
    for split in ("train", "test"):
        put(root, f"{split}/gnu/notes.txt")


@kind("folder", "train/eel", "is a class that")
def class_missing_in_test(root: Path) -> None:
    shutil.rmtree(root / "test/eel")


@kind("folder", "test/cats", "is a class that")
def class_missing_in_train(root: Path) -> None:
    put(root, "test/cats/1.png", image("PNG"))


@kind("folder", "train/a\\x1b[2J", "has characters in its name that cannot be shown")
def class_whose_name_clears_the_terminal(root: Path) -> None:
    for split in ("train", "test"):
        put(root, f"{split}/a\x1b[2J/1.png", image("PNG"))


@kind("folder", "train/dog/more", "is a folder inside a class")
def folder_inside_a_class(root: Path) -> None:
    put(root, "train/dog/more/1.png", image("PNG"))


@kind("folder", "train/dog/deep.png", "is a folder inside a class")
def folder_named_like_an_image(root: Path) -> None:
    (root / "train/dog/deep.png").mkdir()


@kind("folder", "train/1.png", "is outside any class")
def image_outside_any_class(root: Path) -> None:
    put(root, "train/1.png", image("PNG"))


@kind("folder", DOG, "is a link out of")
def link_out_of_the_folder(root: Path) -> None:
    (root / DOG).unlink()
    (root / DOG).symlink_to(root.parent / "outside" / "secret.png")


@kind("folder", "train/dog", "is a link out of")
def class_that_is_a_link_out_of_the_folder(root: Path) -> None:
    shutil.rmtree(root / "train/dog")
    (root / "train/dog").symlink_to(root.parent / "outside")


@kind("folder", "test", "is a link out of")
def test_set_that_is_a_link_out_of_the_folder(root: Path) -> None:
    shutil.rmtree(root / "test")
    (root / "test").symlink_to(root.parent / "outside")


@kind("folder", DOG, "is a broken link")
def link_in_a_circle(root: Path) -> None:
    (root / DOG).unlink()
    (root / DOG).symlink_to(root / DOG)


@kind("folder", "train/dog/gone.png", "is a broken link")
def link_to_nothing(root: Path) -> None:
    (root / "train/dog/gone.png").symlink_to("never.png")


@kind("folder", "train/dog/pipe.png", "is not a plain file")
def pipe_named_like_an_image(root: Path) -> None:
    os.mkfifo(root / "train/dog/pipe.png")


@kind("folder", DOG, "is not a readable image: Permission denied")
def image_that_may_not_be_read(root: Path) -> None:
    (root / DOG).chmod(0)


@kind("folder", "train/dog", "cannot be read: Permission denied")
def class_that_may_not_be_read(root: Path) -> None:
    (root / "train/dog").chmod(0)


@kind("folder", "train", "holds no class folders")
def folder_without_classes(root: Path) -> None:
    for name in ("cat", "dog", "eel"):
        shutil.rmtree(root / "train" / name)


@kind(
    "folder", "train/yak/1.png", "is the only image of the class yak, so none is left for testing"
)
def class_of_one_image_to_hold_out_from(root: Path) -> None:
    shutil.rmtree(root / "test")
    put(root, "train/yak/1.png", image("PNG"))


@kind("folder", "in", "is not data that archc knows")
def folder_of_another_layout(root: Path) -> None:
    (root / "train").rename(root / "pictures")
