"""An SVG as PNG, in fonts that matplotlib carries: the same pixels on every machine."""

from importlib.util import find_spec
from math import floor, sqrt
from pathlib import Path
from xml.etree import ElementTree

from archcompile.drawing.layout import READABLE, letters
from archcompile.errors import MissingError

SCALE = 2.0  # pixels for each unit of the SVG: labels are then about 20 pixels high
MOST_PIXELS = 100e6
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


def png(svg: str) -> bytes:
    """The pixels of a diagram: two per unit, or fewer to stay below 100 million.

    Raises MissingError where the renderer or the fonts are missing on this machine.
    """
    try:
        from resvg_py import svg_to_bytes
    except ImportError as error:
        raise MissingError(
            "PNG diagrams need the package resvg-py", hint="pip install resvg-py, or write .svg"
        ) from error
    width, height = extent(svg)
    return svg_to_bytes(
        svg_string=svg,
        zoom=min(SCALE, sqrt(MOST_PIXELS / (width * height))),
        background="#ffffff",
        skip_system_fonts=True,
        font_files=[str(font) for font in font_files()],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )


def extent(svg: str) -> tuple[float, float]:
    """Width and height of a diagram."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own document
    return float(root.attrib["width"]), float(root.attrib["height"])


def size_note(svg: str) -> str | None:
    """What to tell of a diagram whose words are too small to read on a page."""
    points = letters(*extent(svg))
    if points >= READABLE:
        return None
    return (
        f"on a sheet of A4 its words are {floor(10 * points) / 10:.1f} points high, below the "
        f"{READABLE:g} that can be read"
    )


def encode_drawing(svg: str, suffix: str) -> str | bytes:
    """What a file of an image's suffix holds of a diagram. Raises as `png` does."""
    if suffix == ".png":
        return png(svg)
    if suffix == ".pdf":
        from archcompile.drawing.formats.pdf import pdf

        return pdf(svg)
    if suffix == ".tex":
        from archcompile.drawing.formats.tikz import tikz

        return tikz(svg)
    return svg


def font_files() -> list[Path]:
    """The font files, regular and bold, found without importing the package that carries them."""
    spec = find_spec("matplotlib")
    folder = (
        Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" if spec and spec.origin else Path()
    )
    fonts = [folder / name for name in FONTS]
    if not all(font.is_file() for font in fonts):
        raise MissingError(
            "PNG diagrams need the fonts of the package matplotlib",
            hint="pip install matplotlib, or write .svg",
        )
    return fonts
