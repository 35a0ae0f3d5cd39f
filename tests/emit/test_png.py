"""The PNG: the size it should have, its text in the font that comes along, and clear words where something is missing."""

import io
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image, ImageFont

import archcompile.emit.png as module
from archcompile.emit.figure import figure
from archcompile.emit.png import png
from archcompile.emit.route import LABEL, SMALL, place
from archcompile.emit.svg import svg
from archcompile.errors import MissingError
from tests.emit import nets


def test_two_pixels_a_unit_and_text_that_is_there() -> None:
    graph = nets.residual(1)
    placed = place(figure(graph))
    picture = Image.open(io.BytesIO(png(svg(graph)))).convert("L")
    box = placed.rects["s1_b1_conv1"]
    left, top, right, bottom = (
        round(2 * v) for v in (box.x - box.w / 2 + 5, box.y - 8, box.x + box.w / 2 - 5, box.y + 8)
    )
    inside = picture.crop((left, top, right, bottom))
    dark = sum(inside.histogram()[:100])
    assert 200 < dark < inside.width * inside.height / 4, "the label is drawn, and is not a row of filled boxes"
    assert abs(picture.width - 2 * max(placed.width, 380)) <= 2


def test_a_huge_picture_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 50_000)
    picture = Image.open(io.BytesIO(png(svg(nets.residual(1)))))
    assert 40_000 < picture.width * picture.height < 60_000


def test_labels_fit_their_boxes_in_the_bundled_font() -> None:
    fonts = {size: ImageFont.truetype(str(module._fonts()[0]), 10 * size) for size in (LABEL, SMALL)}
    for graph in (nets.residual(2), nets.preactivated(2), nets.plain(), nets.branched(), nets.dense_block()):
        placed = place(figure(graph, "full"))
        for name, box in placed.figure.boxes.items():
            if box.form != "join":
                size = SMALL if box.form == "step" else LABEL
                assert fonts[size].getlength(box.label) / 10 < placed.rects[name].w - 4


def test_the_renderer_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingError, match="resvg-py") as caught:
        png(svg(nets.residual(1)))
    assert caught.value.exit_code == 3
    assert caught.value.hint is not None


def test_the_fonts_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = find_spec("matplotlib")
    assert spec is not None
    for found in (None, type("Spec", (), {"origin": str(tmp_path / "__init__.py")})):
        monkeypatch.setattr(module, "find_spec", lambda name, found=found: found)
        with pytest.raises(MissingError, match="fonts"):
            png(svg(nets.residual(1)))
