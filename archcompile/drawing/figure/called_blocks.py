"""Blocks within a block, or in a list of steps, that a drawing calls by name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from itertools import pairwise

from archcompile.graph import LayerGraph, Node


@dataclass(frozen=True)
class Calls:
    """`first` maps the nodes of called blocks to the first drawn one, `words` that one to a name.

    A node that belongs to no called block stands for itself.
    """

    first: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.first

    def item(self, name: str) -> str:
        """The node that a node is drawn with."""
        return self.first.get(name, name)


def called_blocks(graph: LayerGraph, drawn: Set[str]) -> Calls:
    """The blocks of several drawn layers without a shortcut of their own.

    One without a label is called only where its layers fork, so that they are no list. A block that
    is all of a part or unit is drawn in full.
    """
    sizes = Counter(node.origin.place for node in graph)
    members: dict[str, list[Node]] = {}
    for node in graph:
        if node.origin.inner is not None:
            members.setdefault(node.origin.inner.name, []).append(node)
    first: dict[str, str] = {}
    words: dict[str, str] = {}
    for nodes in members.values():
        inner, shown = nodes[0].origin.inner, [node for node in nodes if node.name in drawn]
        is_all = len(nodes) == sizes[nodes[0].origin.place]
        if inner is None or is_all or len(shown) < 2 or any(node.origin.rule for node in nodes):
            continue
        if inner.is_labelled or not _is_list(nodes):
            first |= {node.name: shown[0].name for node in nodes}
            words[shown[0].name] = inner.words
    return Calls(first, words)


def _is_list(nodes: Iterable[Node]) -> bool:
    """Whether each node reads the one before it, and nothing else."""
    return all(after.inputs == (before.name,) for before, after in pairwise(nodes))
