"""Which edges of one network only close a gap, and the lines of the other that stand for them:
nets of letters, in their order.
"""

import pytest

from archcompile.drawing.figure.bridges import bridging_ways

# the edges wanted, those of the other network, its own layers, and the ways that are taken
CASES = [
    ("ad", "ab bd", "b", {"ad": "ab bd"}),
    ("ad", "ab bc cd", "bc", {"ad": "ab bc cd"}),
    ("ad", "ad", "bc", {}),
    ("ad", "ab bc", "bc", {}),
    ("ad", "ab bc cd", "b", {}),
    ("ad", "ab bc cd", "c", {}),  # all between must be its own
    # the longest of several
    ("ae", "ab be ac cd de", "bcd", {"ae": "ac cd de"}),
    ("ae", "ac cd de ab be", "bcd", {"ae": "ac cd de"}),
    ("ae", "ab bd ac cd de bc", "bcd", {"ae": "ab bc cd de"}),
    # a layer is entered from one source
    ("ae be", "ac bc ce", "c", {"ae": "ac ce"}),
    ("be ae", "ac bc ce", "c", {"be": "bc ce"}),
    ("ae bf", "ac cd de bd df", "cd", {"ae": "ac cd de"}),
    ("af ag", "ac cd df dg", "cd", {"af": "ac cd df", "ag": "ac cd dg"}),
    ("ae be", "ac ce bd de", "cd", {"ae": "ac ce", "be": "bd de"}),
    ("ad cd", "ab bd", "b", {"ad": "ab bd"}),
    ("ae be", "ac bc cd de bd", "cd", {"ae": "ac cd de"}),  # the second would enter c or d anew
    # down alone
    ("bd", "ba ad", "a", {}),
    ("ac", "ab bc ba", "b", {"ac": "ab bc"}),
    ("ac", "aa ab bb bc", "b", {"ac": "ab bc"}),
    ("ac", "ad dc", "d", {}),
    ("bd", "ab bc cd", "ac", {"bd": "bc cd"}),
]


@pytest.mark.parametrize(("kept", "edges", "alone", "ways"), CASES)
def test_ways_through_what_is_one_networks_own(
    kept: str, edges: str, alone: str, ways: dict[str, str]
) -> None:
    def pairs(text: str) -> list[tuple[str, str]]:
        return [(pair[0], pair[1]) for pair in text.split()]

    actual = bridging_ways(
        pairs(kept),
        pairs(edges),
        set(alone),
        rank={name: place for place, name in enumerate("abcdefg")},
    )
    assert actual == {(ends[0], ends[1]): pairs(way) for ends, way in ways.items()}
