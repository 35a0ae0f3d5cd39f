"""Every drawing of a dozen networks is what it was when somebody last looked at it."""

import pytest

from tests.golden import drawings
from tests.golden.digests import read

HINT = "look at these drawings, then `make golden`"


@pytest.mark.parametrize("name", drawings.NAMES)
def test_drawings_of_a_network(name: str) -> None:
    expected = {key: value for key, value in read(drawings.FILE).items() if key.split()[0] == name}
    assert drawings.drawings(name) == expected, HINT


def test_posters_and_differences() -> None:
    expected = {
        key: value
        for key, value in read(drawings.FILE).items()
        if key.startswith(("poster ", "difference "))
    }
    assert drawings.posters_and_differences() == expected, HINT


def test_small_nets() -> None:
    assert {
        key: value for key, value in read(drawings.FILE).items() if key.startswith("small ")
    } == drawings.small(), HINT
