"""Images from anywhere: of any usual format, kind and size, made into 8 bits of grey or RGB.

`archc predict` reads images by this module, which names every change. Images to train on are read
strictly, by `image`; those that it accepts have the same pixels by either. Neither applies an
EXIF orientation; this module says where a file has one.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from archcompile.data.image import DAMAGE, PIXEL_LIMIT, BadFile, is_turned
from archcompile.errors import UsageError, visible

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff")
REPEATED = "grey repeated to colour"  # which a recipe may ask for
GREY, COLOUR = ("1", "L"), ("RGB", "P", "CMYK", "YCbCr", "HSV", "RGBX")
ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")
DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")  # one channel of more than 8 bits


@dataclass(frozen=True)
class ForeignImage:
    """`pixels` are uint8 (H, W, C), C 1 or 3; `changes` says what was done beyond decoding."""

    pixels: np.ndarray
    changes: tuple[str, ...]


def image_files(given: Path) -> list[Path]:
    """The file, or the images of a folder, sorted. Raises UsageError where there are none."""
    if not given.exists():
        raise UsageError(f"there is no {given}")
    if given.is_file():
        return [given]
    if not given.is_dir():
        raise BadFile(given, "is neither a file nor a folder")
    try:
        shown = [path for path in given.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise BadFile(given, f"cannot be read: {error.strerror}") from error
    images = sorted(path for path in shown if path.suffix.lower() in SUFFIXES)
    if not images:
        raise UsageError(
            f"there are no images in {given}", hint=f"images end in {', '.join(SUFFIXES)}"
        )
    return images


def read_any_image(path: Path, channels: int) -> ForeignImage:
    """An image of 1 or 3 channels; of several frames the first. Raises BadFile."""
    with _open_image(path) as opened:
        changes = []
        if getattr(opened, "n_frames", 1) > 1:
            changes.append("the first of several frames")
        if is_turned(opened):
            changes.append("EXIF orientation not applied, as in training")
        image, changed = _eight_bits(path, opened)
        changes += changed
        if channels == 1 and image.mode not in GREY:
            changes.append("colour made grey")
        elif channels == 3 and image.mode in GREY:
            changes.append(REPEATED)
        pixels = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    return ForeignImage(pixels.reshape(*pixels.shape[:2], channels), tuple(changes))


@contextmanager
def _open_image(path: Path) -> Iterator["Image"]:
    """An image's header; pixels are decoded on use. Whatever is wrong for Pillow is a BadFile."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # of what it makes good, and of large images, which are refused below
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > PIXEL_LIMIT:
                    raise BadFile(
                        path,
                        f"claims to be {image.width}x{image.height}, more than {PIXEL_LIMIT:,} "
                        "pixels: refused",
                    )
                yield image
    except Image.DecompressionBombError as error:
        raise BadFile(
            path, f"claims to be of more than {2 * PIXEL_LIMIT:,} pixels: refused"
        ) from error
    except UnidentifiedImageError as error:
        raise BadFile(
            path, f"is not a readable image: it is none of {', '.join(FORMATS)}"
        ) from error
    except (OSError, MemoryError, *DAMAGE) as error:
        raise BadFile(path, f"is not a readable image: {visible(_reason(error))}") from error


def _reason(error: BaseException) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or str(error) or type(error).__name__


def _eight_bits(path: Path, image: "Image") -> tuple["Image", list[str]]:
    """The image without alpha and with 8 bits per channel, and what was changed for that."""
    if image.mode in DEEP:
        return _from_deep(path, image)
    if image.mode in ALPHA or image.has_transparency_data:
        return _on_white(image)
    if image.mode not in GREY + COLOUR:
        raise BadFile(
            path, f"has pixels in a form archc does not read (Pillow's mode {image.mode})"
        )
    return image, []


def _on_white(image: "Image") -> tuple["Image", list[str]]:
    """White behind what is transparent, wholly or in part."""
    from PIL import Image

    grey = image.mode in ("1", "L", "LA", "La")
    layers = image.convert("RGBA")
    changes = []
    if layers.getchannel("A").getextrema() != (255, 255):
        layers = Image.alpha_composite(Image.new("RGBA", image.size, "white"), layers)
        changes.append("transparent parts made white")
    return layers.convert("L" if grey else "RGB"), changes


def _from_deep(path: Path, image: "Image") -> tuple["Image", list[str]]:
    """Grey of 16 bits, of 32, or of floats, scaled to 8 bits.

    The scale is the range that such values could have, not the range of the values themselves.
    """
    from PIL import Image

    values = np.asarray(image).astype(np.float64)
    if not np.isfinite(values).all():
        raise BadFile(path, "has pixels that are not finite")
    least, most = float(values.min()), float(values.max())
    tops = _largest_values(image.mode)
    top = next((top for top in tops if most <= top), None)
    if least < 0 or top is None:
        raise BadFile(
            path,
            f"has pixels out of range: expected 0 to {' or 0 to '.join(map(str, tops))}, got "
            f"{least:g} to {most:g}",
        )
    scaled = Image.fromarray(np.rint(values * (255 / top)).astype(np.uint8))
    return scaled, [] if top == 255 else [f"pixels scaled from 0 to {top} to 8 bits"]


def _largest_values(mode: str) -> tuple[int, ...]:
    """The largest values that images of a deep mode could have, the smallest first."""
    if mode.startswith("I;16"):
        return (65535,)
    return (1, 255) if mode == "F" else (255, 65535)
