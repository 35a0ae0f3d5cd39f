"""Every source of random and of shipped networks is what it was when somebody last read it."""

import pytest

from tests.golden import sources

HINT = "read these sources, then `make golden`"


@pytest.mark.parametrize("graphs", [sources.made_up, sources.shipped], ids=["random", "shipped"])
def test_sources(graphs: sources.Graphs) -> None:
    actual = sources.digests(graphs())
    assert actual == {key: value for key, value in sources.read().items() if key in actual}, HINT


def test_nothing_is_left_over() -> None:
    assert len(sources.read()) > 100
