"""Chains of layers in a box, the branches among them, and branches within branches."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from archcompile.drawing.figure.boxes import Edge

BESIDE = "\N{PARALLEL TO} "  # in front of a branch that others lie beside
ARROW = " \N{RIGHTWARDS ARROW} "


def find_chains(labels: Mapping[str, str], edges: Iterable[Edge]) -> list[list[str]]:
    """The nodes in paths without a fork, in order."""
    inside = [edge for edge in edges if edge.source in labels and edge.target in labels]
    into, out = Counter(edge.target for edge in inside), Counter(edge.source for edge in inside)
    before = {
        edge.target: edge.source for edge in inside if into[edge.target] == out[edge.source] == 1
    }
    chains: dict[str, list[str]] = {}  # by their last node so far
    for name in labels:
        chain = chains.pop(before.get(name, ""), [])
        chain.append(name)
        chains[name] = chain
    return _in_order_of_merges(list(chains.values()), inside)


def _in_order_of_merges(chains: list[list[str]], edges: Iterable[Edge]) -> list[list[str]]:
    """The chains, those that lead to one merge in the order of its inputs."""
    ends = {chain[-1]: place for place, chain in enumerate(chains)}
    inputs: dict[str, list[int]] = {}
    for edge in edges:
        if edge.source in ends and ends[edge.source] not in inputs.get(edge.target, ()):
            inputs.setdefault(edge.target, []).append(ends[edge.source])
    ordered = list(chains)
    for places in (places for places in inputs.values() if len(places) > 1):
        for place, chain in zip(sorted(places), [chains[place] for place in places], strict=True):
            ordered[place] = chain
    return ordered


def branch_ends(chains: Sequence[Sequence[str]], edges: Iterable[Edge]) -> set[str]:
    """The ends of chains that lead to one merge with others of them."""
    ends = {chain[-1] for chain in chains}
    into: dict[str, set[str]] = {}
    for edge in edges:
        if edge.source in ends:
            into.setdefault(edge.target, set()).add(edge.source)
    return set().union(*(sources for sources in into.values() if len(sources) > 1))


def fold_nested(
    labels: Mapping[str, str], edges: Iterable[Edge]
) -> tuple[Mapping[str, str], list[Edge]]:
    """The same with each fork within a branch as one step: its sides in brackets."""
    edges = list(edges)
    while group := _find_nested(labels, edges):
        first, gone = group[0][0], {name for chain in group for name in chain}
        sides = [ARROW.join(map(labels.__getitem__, chain)) for chain in group]
        step = f"({f' {BESIDE}'.join(sides)})"
        labels = {
            name: step if name == first else label
            for name, label in labels.items()
            if name == first or name not in gone
        }
        edges = _without(edges, gone, first)
    return labels, edges


def _without(edges: Iterable[Edge], gone: set[str], first: str) -> list[Edge]:
    """The edges once a group of nodes has become its first one."""
    moved = [
        (
            first if edge.source in gone else edge.source,
            first if edge.target in gone else edge.target,
        )
        for edge in edges
    ]
    ways = dict.fromkeys(way for way in moved if way[0] != way[1])  # in the order of the inputs
    return [Edge(*way, is_dashed=False) for way in ways]


def _find_nested(labels: Mapping[str, str], edges: Sequence[Edge]) -> list[list[str]]:
    """Chains that leave one step of a branch and meet in its next, and nothing else does; or []."""
    chains = find_chains(labels, edges)
    beside = branch_ends(chains, edges)
    sources: dict[str, set[str]] = {}
    for edge in edges:
        sources.setdefault(edge.target, set()).add(edge.source)
    places = {chain[-1]: place for place, chain in enumerate(chains)}
    for merged in chains:
        if merged[-1] not in beside:
            continue
        ends = sources.get(merged[0], set()) & places.keys()
        group = [chains[place] for place in sorted(map(places.__getitem__, ends))]
        if len(group) > 1 and _is_closed(group, merged[0], edges):
            return group
    return []


def _is_closed(chains: Sequence[Sequence[str]], merge: str, edges: Sequence[Edge]) -> bool:
    """Whether a fork and a merge have these chains between them and no other way in or out."""
    heads, ends = {chain[0] for chain in chains}, {chain[-1] for chain in chains}
    forks = {edge.source for edge in edges if edge.target in heads}
    return (
        len(forks) == 1
        and {edge.target for edge in edges if edge.source in forks} == heads
        and {edge.source for edge in edges if edge.target == merge} == ends
        and {edge.target for edge in edges if edge.source in ends} == {merge}
    )
