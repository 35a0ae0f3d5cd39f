"""Images of any usual format, kind and size, made into 8 bits of grey or RGB, with every change
named.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archcompile.data import sources as data
from archcompile.data.foreign import image_files, read_any_image
from archcompile.data.image import ORIENTATION
from archcompile.errors import DataError, UsageError

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (6, 5, 3), np.uint8)
GREY = RNG.integers(0, 256, (6, 5), np.uint8)
LUMA = np.asarray(Image.fromarray(RGB).convert("L"))


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def alpha(image: Image.Image, values: np.ndarray) -> Image.Image:
    image = image.convert("RGBA" if image.mode == "RGB" else "LA")
    image.putalpha(Image.fromarray(values))
    return image


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp", "webp", "tif"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    actual = read_any_image(
        save(
            tmp_path / f"a.{suffix}",
            Image.fromarray(GREY),
            **({"lossless": True} if suffix == "webp" else {}),
        ),
        3,
    )
    assert np.array_equal(actual.pixels, np.repeat(GREY[:, :, None], 3, axis=2))
    # of which these know nothing
    assert actual.changes == (() if suffix in ("gif", "webp") else ("grey repeated to colour",))


def test_jpeg_is_read_as_for_training(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for name, seed in (("a", 0), ("b", 1)):
            (tmp_path / split / name).mkdir(parents=True)
            for mode in ("RGB", "L", "CMYK"):
                image = Image.fromarray(
                    np.random.default_rng(seed).integers(0, 256, (6, 5, 3), np.uint8)
                ).convert(mode)
                image.save(tmp_path / split / name / f"{mode}.jpg")
            Image.fromarray(RGB).convert("P").save(tmp_path / split / name / "palette.png")
            alpha(Image.fromarray(RGB), np.full((6, 5), 255, np.uint8)).save(
                tmp_path / split / name / "opaque.png"
            )
    dataset = data.load(str(tmp_path))
    images = [image for name in ("a", "b") for image in image_files(tmp_path / "test" / name)]
    assert len(images) == 10
    for path, pixels in zip(images, dataset.test.images, strict=True):
        assert np.array_equal(read_any_image(path, 3).pixels, pixels), path


BLACK_WHITE = (GREY > 127).astype(np.uint8) * 255
HALF = np.array([[0, 128, 255, 255, 255]] * 6, np.uint8)


def over_white(pixels: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    share = opacity.astype(np.float64)[..., None] / 255
    return pixels * share + 255 * (1 - share)


@pytest.mark.parametrize(
    ("image", "channels", "expected", "changes"),
    [
        (Image.fromarray(RGB), 3, RGB, ()),
        (Image.fromarray(RGB), 1, LUMA[..., None], ("colour made grey",)),
        (Image.fromarray(GREY), 1, GREY[..., None], ()),
        (Image.fromarray(BLACK_WHITE).convert("1"), 1, BLACK_WHITE[..., None], ()),
        (
            alpha(Image.fromarray(RGB), HALF),
            3,
            over_white(RGB, HALF),
            ("transparent parts made white",),
        ),
        (
            alpha(Image.fromarray(GREY), HALF),
            1,
            over_white(GREY[..., None], HALF),
            ("transparent parts made white",),
        ),
        (alpha(Image.fromarray(GREY), np.full((6, 5), 255, np.uint8)), 1, GREY[..., None], ()),
        (
            Image.fromarray(GREY.astype(np.uint16) * 257),
            1,
            GREY[..., None],
            ("pixels scaled from 0 to 65535 to 8 bits",),
        ),
        (Image.fromarray(GREY.astype(np.int32)), 1, GREY[..., None], ()),
        (
            Image.fromarray(GREY.astype(np.int32) * 257),
            1,
            GREY[..., None],
            ("pixels scaled from 0 to 65535 to 8 bits",),
        ),
        (
            Image.fromarray(GREY.astype(np.float32) / 255),
            1,
            GREY[..., None],
            ("pixels scaled from 0 to 1 to 8 bits",),
        ),
        (
            Image.fromarray(GREY.astype(np.float32)),
            3,
            np.repeat(GREY[..., None], 3, axis=2),
            ("grey repeated to colour",),
        ),
        (Image.fromarray(RGB).convert("CMYK"), 3, RGB, ()),
    ],
)
def test_kinds_of_pixels(
    tmp_path: Path,
    image: Image.Image,
    channels: int,
    expected: np.ndarray,
    changes: tuple[str, ...],
) -> None:
    actual = read_any_image(save(tmp_path / "a.tif", image), channels)
    assert actual.pixels.dtype == np.uint8 and actual.pixels.shape == expected.shape
    # rounding of Pillow's blending
    assert np.abs(actual.pixels - expected.astype(np.float64)).max() <= 1
    assert actual.changes == changes


def test_a_palette_with_a_transparent_colour(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    for name in ("a.gif", "a.png"):
        actual = read_any_image(save(tmp_path / name, image, transparency=0), 3)
        assert actual.pixels.tolist() == [[[255, 255, 255], [200, 100, 50]]]
        assert actual.changes == ("transparent parts made white",)


def test_the_first_frame(tmp_path: Path) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    for name in ("a.gif", "a.tif"):
        actual = read_any_image(
            save(tmp_path / name, frames[0], save_all=True, append_images=frames[1:]), 1
        )
        assert np.array_equal(actual.pixels[..., 0], GREY), name
        assert "the first of several frames" in actual.changes


def test_an_orientation_is_told_and_not_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    actual = read_any_image(save(tmp_path / "a.png", Image.fromarray(RGB), exif=exif), 3)
    assert np.array_equal(actual.pixels, RGB)
    assert actual.changes == ("EXIF orientation not applied, as in training",)


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its data does not have."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def bytes_of(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


WHOLE = bytes_of(Image.fromarray(RGB).resize((64, 64)), "PNG")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is none of JPEG, PNG"),
        (b"<svg/>", "is none of JPEG, PNG"),
        (bytes_of(Image.fromarray(GREY), "PPM"), "is none of JPEG, PNG"),
        (bytes_of(Image.fromarray(RGB), "ICO"), "is none of JPEG, PNG"),
        (WHOLE[: len(WHOLE) // 2], "is not a readable image"),
        (WHOLE[:20], "is not a readable image"),
        (bytes_of(Image.fromarray(RGB).resize((64, 64)), "JPEG")[:-400], "is not a readable image"),
        (png_of(20_000, 20_000), "pixels: refused"),
        (png_of(10_000, 10_000), "claims to be 10000x10000, more than 89,478,485 pixels: refused"),
        (png_of(100, 100), "is not a readable image"),
        (
            bytes_of(Image.fromarray(np.array([[-5.0, 900.0]], np.float32)), "TIFF"),
            "pixels out of range: expected 0 to 1 or 0 to 255, got -5 to 900",
        ),
        (
            bytes_of(Image.fromarray(np.array([[0, 70_000]], np.int32)), "TIFF"),
            "pixels out of range: expected 0 to 255 or 0 to 65535, got 0 to 70000",
        ),
        (
            bytes_of(Image.fromarray(np.array([[np.nan]], np.float32)), "TIFF"),
            "pixels that are not finite",
        ),
        (
            bytes_of(Image.fromarray(RGB).convert("LAB"), "TIFF"),
            "in a form archc does not read (Pillow's mode LAB)",
        ),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_any_image(tmp_path / "x.png", 3)
    assert (
        str(tmp_path / "x.png") in caught.value.message
        and reason.split("(")[0] in caught.value.message
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_damage_of_any_kind_is_a_data_error(tmp_path: Path, kind: str) -> None:
    """Bytes changed and cut at random: an image, or a DataError, and nothing else."""
    random, whole = np.random.default_rng(1), bytes_of(Image.fromarray(RGB).resize((32, 32)), kind)
    path, refused = tmp_path / "x", 0
    for _ in range(150):
        content = bytearray(whole[: random.integers(1, len(whole) + 1)])
        for place in random.integers(0, len(content), 3):
            content[place] = random.integers(0, 256)
        path.write_bytes(bytes(content))
        try:
            assert read_any_image(path, 3).pixels.shape[2] == 3
        except DataError as error:
            assert str(path) in error.message
            refused += 1
    assert refused > 20


def test_which_files(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "c.txt", ".hidden.png"):
        (tmp_path / name).touch()
    (tmp_path / "below").mkdir()
    assert image_files(tmp_path) == [tmp_path / "a.JPG", tmp_path / "b.png"]
    assert image_files(tmp_path / "c.txt") == [tmp_path / "c.txt"]
    with pytest.raises(UsageError, match="there is no .*nothing"):
        image_files(tmp_path / "nothing")
    with pytest.raises(UsageError, match="there are no images in .*below"):
        image_files(tmp_path / "below")
