"""The image of a run's curves."""

import io
from xml.etree import ElementTree

import pytest
from PIL import Image

from archcompile.report.curves import draw_history
from archcompile.run_folder.state import columns
from tests.training.helpers import state_after

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("losses", "least"), [([0.0, 0.0], "0"), ([50.0, 0.0], "0"), ([50.0, 0.25], "0.2")]
)
def test_a_loss_of_zero_has_no_place_on_a_logarithmic_scale(
    losses: list[float], least: str
) -> None:
    history = {**columns(state_after(2).history), "loss": losses}
    root = ElementTree.fromstring(draw_history(history, "title", "svg"))
    ticks = [e.text for e in root.iter(f"{SVG}text") if e.get("text-anchor") == "end"]
    assert ticks[0] == least


@pytest.mark.parametrize("epochs", [1, 3])
def test_both_formats(epochs: int) -> None:
    history = columns(state_after(epochs).history)
    svg = draw_history(history, "a $title_ with < and %", "svg")
    assert svg == draw_history(history, "a $title_ with < and %", "svg")
    assert svg.count(b'class="frame"') == 2
    width, height = Image.open(io.BytesIO(draw_history(history, "title", "png"))).size
    assert width > 1920 and height < width / 2
