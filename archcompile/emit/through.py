"""Edges that only close the gap where layers are gone: they need no line of their own, as another line goes on through.

Where one network reads `conv -> add -> next` and the other has no `add`, its edge from `conv` to `next` is no news: the line
through the `add` stands for both. All else that leads to the `add` then belongs to the first network alone.
"""

from bisect import bisect
from collections.abc import Collection, Iterable, Mapping, Sequence

Ends = tuple[str, str]  # source and target of an edge
Way = list[Ends]


def through(wanted: Iterable[Ends], edges: Iterable[Ends], alone: Collection[str], rank: Mapping[str, int]) -> dict[Ends, Way]:
    """Those of the `wanted` edges for which the other network has a way through layers that it `alone` has, and that way.

    `edges` are those of the other network; `rank` is the order of the drawing, down which a way must run. A layer is
    entered from one source only, so that every line can be followed.
    """
    into: dict[str, list[str]] = {}
    for source, target in edges:
        if rank[source] < rank[target]:
            into.setdefault(target, []).append(source)
    between = sorted((name for name in into if name in alone), key=rank.__getitem__)
    ranks = [rank[name] for name in between]
    entered: dict[str, str] = {}
    found = {}
    for source, target in wanted:
        inside = between[bisect(ranks, rank[source]) : bisect(ranks, rank[target])]
        path = _longest(source, target, inside, into, entered)
        if path:
            entered |= {below: above for above, below in path[:-1]}
            found[source, target] = path
    return found


def _longest(source: str, target: str, inside: Sequence[str], into: Mapping[str, list[str]], entered: Mapping[str, str]) -> Way:
    """The longest way from source to target through one or more layers `inside`, which are in order; empty if there is none."""
    length, above = {source: 0}, dict[str, str]()
    for name in (*inside, target):
        ways = [i for i in into.get(name, ()) if i in length and entered.get(name, i) == i and (name, i) != (target, source)]
        if ways:
            above[name] = max(ways, key=length.__getitem__)
            length[name] = length[above[name]] + 1
    path: Way = []
    while (name := path[-1][0] if path else target) in above:
        path.append((above[name], name))
    return path[::-1]
