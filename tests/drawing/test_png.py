"""The PNG: the size it should have, its text in the font that comes along, and clear words where
something is missing.
"""

import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageFont

import archcompile.drawing.formats.png as module
from archcompile.drawing.figure.levels import figure
from archcompile.drawing.formats.png import png
from archcompile.drawing.formats.svg_drawing import svg
from archcompile.drawing.layout.routes import place
from archcompile.drawing.layout.sizes import LABEL, SMALL
from archcompile.errors import MissingError
from tests.drawing import nets


def test_two_pixels_a_unit_and_text_that_is_there() -> None:
    graph = nets.residual(1)
    placed = place(figure(graph))
    drawing = Image.open(io.BytesIO(png(svg(graph)))).convert("L")
    box = placed.rects["s1_b1_conv1"]
    left, top, right, bottom = (
        round(2 * v) for v in (box.x - box.w / 2 + 5, box.y - 8, box.x + box.w / 2 - 5, box.y + 8)
    )
    inside = drawing.crop((left, top, right, bottom))
    dark = sum(inside.histogram()[:100])
    assert 200 < dark < inside.width * inside.height / 4, (
        "the label is drawn, and is not a row of filled boxes"
    )
    root = ElementTree.fromstring(svg(graph))
    expected = [2 * float(root.attrib[side]) for side in ("width", "height")]
    assert all(abs(pixels - size) <= 2 for pixels, size in zip(drawing.size, expected, strict=True))


def test_a_huge_image_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 50_000)
    drawing = Image.open(io.BytesIO(png(svg(nets.residual(1)))))
    assert 40_000 < drawing.width * drawing.height < 60_000


def test_labels_fit_their_boxes_in_the_bundled_font() -> None:
    fonts = {
        size: ImageFont.truetype(str(module.font_files()[0]), 10 * size) for size in (LABEL, SMALL)
    }
    for graph in (
        nets.residual(2),
        nets.preactivation(2),
        nets.plain(),
        nets.branching(),
        nets.dense_block(),
    ):
        placed = place(figure(graph, style="full"))
        for name, box in placed.figure.boxes.items():
            if box.form != "join":
                size = SMALL if box.form == "step" else LABEL
                assert fonts[size].getlength(box.label) / 10 < placed.rects[name].w - 4


def texts(
    element: ElementTree.Element, inherited: dict[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """All texts of a drawing with the attributes that hold for them."""
    attributes = {**inherited, **element.attrib}
    if element.tag.endswith("text"):
        yield element.text or "", attributes
    for child in element:
        yield from texts(child, attributes)


def test_no_text_is_cut_off_in_the_bundled_font() -> None:
    plain, bold = (ImageFont.truetype(str(font), 100) for font in module.font_files())
    named = replace(
        nets.residual(1), name="a_network_with_a_name_as_long_as_they_get_to_be_at_the_most"
    )
    for graph in (named, nets.residual(1), nets.preactivation(2), nets.plain(), nets.branching()):
        root = ElementTree.fromstring(svg(graph))
        actual = list(texts(root, {}))
        assert len(actual) > 10
        for words, at in actual:
            font = bold if at.get("font-weight") == "bold" else plain
            length = font.getlength(words) / 100 * float(at["font-size"])
            share = {"start": 0, "middle": 0.5, "end": 1}[at.get("text-anchor", "start")]
            left = float(at["x"]) - share * length
            assert left > 2 and left + length < float(root.attrib["width"]) - 2, words
            assert 0 < float(at["y"]) < float(root.attrib["height"]) - 2


def test_the_renderer_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingError, match="resvg-py") as caught:
        png(svg(nets.residual(1)))
    assert caught.value.exit_code == 3
    assert caught.value.hint is not None


def test_the_fonts_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = find_spec("matplotlib")
    assert spec is not None
    for module_spec in (None, type("Spec", (), {"origin": str(tmp_path / "__init__.py")})):
        monkeypatch.setattr(module, "find_spec", lambda name, module_spec=module_spec: module_spec)
        with pytest.raises(MissingError, match="fonts"):
            png(svg(nets.residual(1)))
