"""The chart of a learning rate."""

import io

import pytest
from PIL import Image

from archcompile.recipe.loading import find, load
from archcompile.recipe.rates import CIFAR, Pace, pace_on
from archcompile.report.rate_chart import draw_rates


@pytest.mark.parametrize("name", ["article", "fast"])
def test_both_formats(name: str) -> None:
    recipe = load(find(name))
    svg = draw_rates(recipe, pace_on(recipe, CIFAR), "svg")
    assert svg == draw_rates(recipe, pace_on(recipe, CIFAR), "svg") and svg.startswith(b"<svg")
    assert Image.open(io.BytesIO(draw_rates(recipe, pace_on(recipe, CIFAR), "png"))).width == 1784


def test_a_run_of_one_step() -> None:
    recipe = load(find("article"), ["train.schedule=null"])
    assert b"<polyline" in draw_rates(recipe, Pace(epoch=1, total=1), "svg"), "a line of one step"


def test_another_recipe_is_another_image() -> None:
    first, second = (
        load(find("article")),
        load(find("article"), ["train.schedule.factors=[1e-1, 1e-2, 1e-3, 1e-4]"]),
    )
    assert draw_rates(first, pace_on(first, CIFAR), "svg") != draw_rates(
        second, pace_on(second, CIFAR), "svg"
    )
