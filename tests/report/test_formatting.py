"""Figures as people read them."""

import pytest

from archcompile.report.formatting import duration, figure, minute


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0s"), (59.4, "59s"), (60, "1m00s"), (185, "3m05s"), (7620, "2h07m")],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_figures_and_dates() -> None:
    assert (figure(0.91234), figure(None)) == ("0.9123", "")
    assert minute("2026-11-25T00:17:32Z") == "2026-11-25 00:17"
