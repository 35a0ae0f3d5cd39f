"""An image file: its header, its pixels, and everything that can be wrong with it.

Threads may read at the same time. Images are read as stored: an EXIF orientation is not applied.
"""

import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from archcompile.errors import DataError, visible

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

SUFFIXES = (".jpg", ".jpeg", ".png")
PIXEL_LIMIT = (256 << 20) // 3  # 256 MiB in RGB, from where Pillow warns of a decompression bomb
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
ORIENTATION = 0x0112  # EXIF 2.3, section 4.6.4
TURNS = range(2, 9)  # its values that turn or mirror an image
DEPTH = 24  # the place of a PNG's bits per channel (PNG specification, section 11.2.1)
GREY = ("1", "L", "LA")  # Pillow's modes of one channel
COLOUR = ("RGB", "RGBA", "P", "PA", "CMYK", "YCbCr")
# a damaged file reaches any of these inside Pillow's decoders
DAMAGE = (
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)


class BadFile(DataError):
    """A file or folder that cannot be used; `reason` continues a sentence that begins with it."""

    def __init__(self, file: str | os.PathLike[str], reason: str, *, hint: str | None = None):
        self.file = os.fspath(file)
        self.reason = reason
        super().__init__(f"{visible(self.file)} {reason}", hint=hint)

    def records(self) -> list[dict[str, str | int | None]]:
        return [{**record, "file": self.file} for record in super().records()]


class Header(NamedTuple):
    """What an image file says before its pixels.

    `size` is (H, W); `is_turned` says whether EXIF wants it shown turned or mirrored.
    """

    size: tuple[int, int]
    is_grey: bool
    is_turned: bool


def header(path: str) -> Header:
    """The header of an image; pixels are not decoded. Raises BadFile."""
    with _open_image(path) as image:
        # Pillow decodes a PNG to look for EXIF behind its pixels
        early = image.format != "PNG" or "exif" in image.info
        return Header((image.height, image.width), image.mode in GREY, early and is_turned(image))


def is_turned(image: "Image") -> bool:
    """Whether EXIF wants an image shown turned or mirrored; damaged EXIF does not."""
    with suppress(OSError, *DAMAGE), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return image.getexif().get(ORIENTATION) in TURNS
    return False


def decode(path: str, channels: int) -> np.ndarray:
    """The pixels, uint8 (H, W, C) with C 1 for grey or 3 for RGB. Raises BadFile."""
    from PIL import Image

    with _open_image(path) as opened:
        if channels == 1 and opened.mode not in GREY:
            raise BadFile(path, "is in colour, unlike the others")
        image: Image.Image = opened
        if image.has_transparency_data:
            image = image.convert("RGBA")
            if np.asarray(image)[:, :, 3].min() < 255:
                raise BadFile(
                    path, "is transparent in places", hint="save it without an alpha channel"
                )
        pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    return pixels.reshape(*pixels.shape[:2], channels)


@contextmanager
def _open_image(path: str) -> Iterator["ImageFile"]:
    """The image with its header read; pixels are decoded on use.

    Whatever is wrong for Pillow becomes a BadFile.
    """
    try:
        with open(path, "rb") as stream:
            start = stream.read(DEPTH + 1)
            stream.seek(0)
            with _reader(path, start)(stream) as image:
                _check(path, image, start)
                yield image
    except OSError as error:
        raise BadFile(path, f"is not a readable image: {error.strerror or error}") from error
    except DAMAGE as error:
        raise BadFile(path, f"is not a readable image: {error}") from error


def _reader(path: str, start: bytes) -> "type[ImageFile]":
    """Pillow's reader for a file that starts so.

    `Image.open` would warn of large images, which a thread cannot prevent.
    """
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    if not start:
        raise BadFile(path, "is empty")
    if start.startswith(PNG):
        return PngImageFile
    if start.startswith(JPEG):
        return JpegImageFile
    raise BadFile(path, "is not a readable image: it is neither JPEG nor PNG")


def _check(path: str, image: "ImageFile", start: bytes) -> None:
    if image.width * image.height > PIXEL_LIMIT:
        raise BadFile(
            path,
            f"claims to be {image.width}x{image.height}, more than {PIXEL_LIMIT:,} pixels: refused",
        )
    if start.startswith(PNG) and start[DEPTH] > 8:
        raise BadFile(path, f"has {start[DEPTH]} bits per channel: convert it to 8")
    if image.mode not in GREY + COLOUR:
        raise BadFile(
            path, f"has pixels in a form archc does not read (Pillow's mode {image.mode})"
        )
    if getattr(image, "is_animated", False):
        raise BadFile(path, "is an animation: save one of its frames")
