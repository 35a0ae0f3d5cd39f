"""Edges that only close the gap where layers are gone: they need no line of their own, as another
line goes on through.

Where one network reads `conv -> add -> next` and the other has no `add`, its edge from `conv` to
`next` is no news: the line through the `add` stands for both. All else that leads to the `add` then
belongs to the first network alone.
"""

from collections.abc import Collection, Iterable, Mapping
from heapq import heappop, heappush

Ends = tuple[str, str]  # source and target of an edge
Way = list[Ends]
# of layers on ways to a target: how many edges are left on the longest, and its next layer
Steps = Mapping[str, tuple[int, str]]


def through(
    wanted: Iterable[Ends],
    edges: Iterable[Ends],
    alone: Collection[str],
    *,
    rank: Mapping[str, int],
) -> dict[Ends, Way]:
    """Those of the `wanted` edges for which the other network has a way through layers that it
    `alone` has, and that way.

    `edges` are those of the other network; `rank` is the order of the drawing, down which a way
    must run. Of several ways it is the longest. A layer is entered from one source only, so that
    every line can be followed.
    """
    into: dict[str, list[str]] = {}
    out: dict[str, list[str]] = {}
    for source, target in edges:
        if rank[source] < rank[target]:
            into.setdefault(target, []).append(source)
            out.setdefault(source, []).append(target)
    sources: dict[str, list[str]] = {}
    for source, target in wanted:
        sources.setdefault(target, []).append(source)
    entered: dict[str, str] = {}
    found: dict[Ends, Way] = {}
    for target, ends in sources.items():
        steps = _steps(target, into, alone, rank=rank, top=min(rank[source] for source in ends))
        for source in ends:
            starts = sorted(
                (name for name in out.get(source, ()) if name in steps),
                key=lambda name: -steps[name][0],
            )
            ways = (_way(source, name, target, steps=steps) for name in starts)
            way = next(
                (
                    way
                    for way in ways
                    if all(entered.get(below, above) == above for above, below in way[:-1])
                ),
                None,
            )
            if way is not None:
                entered |= {below: above for above, below in way[:-1]}
                found[source, target] = way
    return found


def _steps(
    target: str,
    into: Mapping[str, list[str]],
    alone: Collection[str],
    *,
    rank: Mapping[str, int],
    top: int,
) -> Steps:
    """The layers `alone`, below the place `top`, that lead to a target through none but such
    layers.
    """
    found: dict[str, tuple[int, str]] = {}
    waiting = [(-rank[target], target)]
    while waiting:
        _, name = heappop(waiting)  # the lowest, so that all that follows it has been seen
        length = found[name][0] + 1 if name in found else 1
        for source in into.get(name, ()):
            if source in alone and rank[source] > top:
                if source not in found:
                    heappush(waiting, (-rank[source], source))
                found[source] = max(found.get(source, (0, "")), (length, name))
    return found


def _way(source: str, first: str, target: str, *, steps: Steps) -> Way:
    way = [(source, first)]
    while way[-1][1] != target:
        way.append((way[-1][1], steps[way[-1][1]][1]))
    return way
