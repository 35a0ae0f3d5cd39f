"""The image of a run's curves."""

import io

import pytest
from PIL import Image

from archcompile.report.curves import draw_history
from archcompile.run_folder.state import columns
from tests.training.helpers import state_after


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("losses", [[0.0, 0.0], [0.5, 0.0], [0.5, 0.25]])
def test_a_loss_of_zero_has_no_place_on_a_logarithmic_scale(losses: list[float]) -> None:
    history = {**columns(state_after(2).history), "loss": losses}
    assert draw_history(history, "title", "svg").startswith(b"<?xml")


@pytest.mark.parametrize("epochs", [1, 3])
def test_both_formats(epochs: int) -> None:
    history = columns(state_after(epochs).history)
    svg = draw_history(history, "a $title_ with < and %", "svg")
    assert svg == draw_history(history, "a $title_ with < and %", "svg")
    assert svg.startswith(b"<?xml") and svg.count(b'<g id="axes_') == 2
    assert Image.open(io.BytesIO(draw_history(history, "title", "png"))).size == (1200, 480)
