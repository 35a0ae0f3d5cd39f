"""Where a window that slides over a map stands; the places are counted by hand."""

from typing import Any

import pytest

from archcompile.errors import ShapeError
from archcompile.ops.windows import slide

SLIDES: list[tuple[Any, ...]] = [  # map, window, stride, padding, dilation -> places of the window
    ((7, 6), (3, 3), (2, 2), "same", (1, 1), (4, 3)),
    ((7, 6), (3, 3), (3, 1), "same", (1, 1), (3, 6)),
    ((7, 6), (3, 2), (1, 1), "valid", (1, 1), (5, 5)),
    ((7, 6), (3, 2), (2, 3), "valid", (1, 1), (3, 2)),
    ((7, 6), (3, 2), (1, 1), "valid", (3, 5), (1, 1)),
    ((7, 6), (2, 3), (1, 1), "valid", (4, 2), (3, 2)),
    ((3, 2), (3, 2), (9, 9), "valid", (1, 1), (1, 1)),
]


@pytest.mark.parametrize("case", range(len(SLIDES)))
def test_places_of_a_window(case: int) -> None:
    extent, size, stride, padding, dilation, places = SLIDES[case]
    assert slide("conv", extent, size, stride=stride, padding=padding, dilation=dilation) == places


@pytest.mark.parametrize(
    ("size", "dilation"), [((8, 1), (1, 1)), ((1, 7), (1, 1)), ((3, 1), (4, 1)), ((1, 3), (1, 3))]
)
def test_a_window_that_does_not_fit(size: tuple[int, int], dilation: tuple[int, int]) -> None:
    reach = "x".join(str((n - 1) * d + 1) for n, d in zip(size, dilation, strict=True))
    with pytest.raises(ShapeError, match=f"the {reach} window of conv does not fit a map of 7x6"):
        slide("conv", (7, 6), size, stride=(1, 1), padding="valid", dilation=dilation)
