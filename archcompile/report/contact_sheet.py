"""A sheet of pictures in rows and columns, each with a line of words below it, as PNG."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from archcompile.drawing.formats import font_files

if TYPE_CHECKING:
    from PIL import Image, ImageDraw
    from PIL.ImageFont import FreeTypeFont

SIDE = 112  # pixels that the shorter side of a small picture gets at least
GAP, LINE, TEXT = 10, 16, 12
INK, FAINT, PAPER = (32, 32, 32), (110, 110, 110), (255, 255, 255)


@dataclass(frozen=True)
class Tile:
    """A picture, uint8 (H, W, C), and the lines below it."""

    pixels: np.ndarray
    lines: Sequence[str]


def draw_sheet(title: str, head: Sequence[str], rows: Sequence[Sequence[Tile]]) -> bytes:
    """The bytes of a PNG. All pictures have one size; `head` stands above the columns."""
    from PIL import Image, ImageDraw, ImageFont

    regular, bold = (ImageFont.truetype(str(file), TEXT) for file in font_files())
    height, width = _shown_size(rows[0][0].pixels)
    lines = max(len(tile.lines) for row in rows for tile in row)
    step = width + GAP, height + lines * LINE + GAP
    columns, top = max(map(len, rows)), GAP + 2 * LINE + GAP
    size = GAP + columns * step[0], top + len(rows) * step[1]
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    _write(draw, (GAP, GAP), title, font=bold, room=size[0] - 2 * GAP)
    for column, words in enumerate(head):
        place = GAP + column * step[0], GAP + LINE + GAP // 2
        _write(draw, place, words, font=regular, room=width, ink=FAINT)
    for number, row in enumerate(rows):
        for column, tile in enumerate(row):
            left, upper = GAP + column * step[0], top + number * step[1]
            sheet.paste(_picture(tile.pixels, (width, height)), (left, upper))
            for line, words in enumerate(tile.lines):
                _write(draw, (left, upper + height + line * LINE), words, font=regular, room=width)
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def _shown_size(pixels: np.ndarray) -> tuple[int, int]:
    """Height and width of a picture on the sheet: small ones in whole multiples."""
    height, width = pixels.shape[:2]
    factor = max(1, round(SIDE / min(height, width)))
    return height * factor, width * factor


def _picture(pixels: np.ndarray, size: tuple[int, int]) -> "Image.Image":
    """Unless it has three channels, the first of them."""
    from PIL import Image

    image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[:, :, 0])
    return image.convert("RGB").resize(size, Image.Resampling.NEAREST)


def _write(
    draw: "ImageDraw.ImageDraw",
    place: tuple[int, int],
    words: str,
    *,
    font: "FreeTypeFont",
    room: int,
    ink: tuple[int, int, int] = INK,
) -> None:
    """Words in at most so many pixels; of longer ones the beginning."""
    shown = words
    while shown and draw.textlength(shown, font) > room:
        shown = shown.removesuffix("…")[:-1] + "…" if len(shown) > 1 else ""
    draw.text(place, shown, ink, font)
