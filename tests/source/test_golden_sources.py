"""Every source of random and of shipped networks is what it was when somebody last read it."""

import pytest

from tests.golden import sources
from tests.golden.digests import read

HINT = "read these sources, then `make golden`"


@pytest.mark.parametrize(
    "graphs", [sources.random, sources.shipped_graphs], ids=["random", "shipped"]
)
def test_sources(graphs: sources.Graphs) -> None:
    actual = sources.digests_of(graphs())
    assert actual == {key: value for key, value in read(sources.FILE).items() if key in actual}, (
        HINT
    )


def test_nothing_is_left_over() -> None:
    assert len(read(sources.FILE)) > 100
