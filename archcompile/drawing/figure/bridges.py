"""Edges that only close the gap where layers are gone: a line through these layers stands for them.

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


def bridging_ways(
    gaps: Iterable[Ends],
    edges: Iterable[Ends],
    alone: Collection[str],
    *,
    rank: Mapping[str, int],
) -> dict[Ends, Way]:
    """The `gaps` that another network bridges by a way through layers that it `alone` has.

    `gaps` are edges of one network, `edges` those of the other. A way runs down the drawing, whose
    order is `rank`. Of several ways the longest is taken. A layer is entered from one source only,
    so that every line can be followed.
    """
    into: dict[str, list[str]] = {}
    out: dict[str, list[str]] = {}
    for source, target in edges:
        if rank[source] < rank[target]:
            into.setdefault(target, []).append(source)
            out.setdefault(source, []).append(target)
    sources: dict[str, list[str]] = {}
    for source, target in gaps:
        sources.setdefault(target, []).append(source)
    entered: dict[str, str] = {}  # layers on ways so far, and the source each is entered from
    bridges: dict[Ends, Way] = {}
    for target, ends in sources.items():
        steps = _steps(target, into, alone, rank=rank, top=min(rank[source] for source in ends))
        for source in ends:
            starts = sorted(
                (name for name in out.get(source, ()) if name in steps),
                key=lambda name: -steps[name][0],
            )
            ways = (_way(source, name, target, steps=steps) for name in starts)
            way = next((way for way in ways if _is_free(way, entered)), None)
            if way is not None:
                entered |= {below: above for above, below in way[:-1]}
                bridges[source, target] = way
    return bridges


def _is_free(way: Way, entered: Mapping[str, str]) -> bool:
    """Whether no layer on the way is entered from another source already."""
    return all(entered.get(below, above) == above for above, below in way[:-1])


def _steps(
    target: str,
    into: Mapping[str, list[str]],
    alone: Collection[str],
    *,
    rank: Mapping[str, int],
    top: int,
) -> Steps:
    """The layers `alone`, below the place `top`, from which only such layers lead to a target."""
    steps: dict[str, tuple[int, str]] = {}
    waiting = [(-rank[target], target)]
    while waiting:
        _, name = heappop(waiting)  # the lowest, so that all that follows it has been seen
        length = steps[name][0] + 1 if name in steps else 1
        for source in into.get(name, ()):
            if source in alone and rank[source] > top:
                if source not in steps:
                    heappush(waiting, (-rank[source], source))
                steps[source] = max(steps.get(source, (0, "")), (length, name))
    return steps


def _way(source: str, first: str, target: str, *, steps: Steps) -> Way:
    way = [(source, first)]
    while way[-1][1] != target:
        way.append((way[-1][1], steps[way[-1][1]][1]))
    return way
