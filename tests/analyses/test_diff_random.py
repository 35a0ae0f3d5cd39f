"""The difference of any two random networks, and of each with itself."""

from collections import Counter

import pytest

from archcompile.analyses.diff_groups import (
    group_changes,
)
from archcompile.analyses.differences import diff
from tests.conftest import seeds
from tests.spec.random_graphs import graph_rich_in_ops

MIRRORED = {"-": "+", "+": "-", "~": "~"}


@pytest.mark.parametrize("seed", seeds(15, 60))
def test_random_pairs(seed: int) -> None:
    a, b, again = map(graph_rich_in_ops, (seed, seed + 1000, seed))
    assert diff(a, again).is_same and group_changes(diff(a, again)) == []
    forth, back = diff(a, b), diff(b, a)
    assert forth.is_same == back.is_same == (a.hash == b.hash)
    if forth.renamed:  # then each direction uses names of its own
        return
    assert (forth.removed, forth.added) == (back.added, back.removed)
    assert {c.before.name for c in forth.changed} == {c.before.name for c in back.changed}
    assert {
        (c.before.name, s.name, str(s.before), str(s.after), c.is_rewired)
        for c in forth.changed
        for s in c.settings
    } == {
        (c.before.name, s.name, str(s.after), str(s.before), c.is_rewired)
        for c in back.changed
        for s in c.settings
    }
    assert forth.is_same == (
        not (forth.removed or forth.added or forth.changed or forth.outputs)
    ), "no difference goes untold"
    signs = Counter(
        (g.part, e.sign, e.names) for g in group_changes(forth) for e in g.entries if not e.names
    )
    assert signs == Counter(
        (g.part, MIRRORED[e.sign], e.names)
        for g in group_changes(back)
        for e in g.entries
        if not e.names
    )
    lines = [
        (e.sign, len(e.names) * len(g.units or (1,)))
        for g in group_changes(forth)
        for e in g.entries
        if e.names
    ]
    assert sum(n for sign, n in lines if sign == "~") == len(forth.changed)
