"""Blocks within a block, or in a list of steps, that a drawing calls by name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from archcompile.drawing.figure.repeats import unit_form
from archcompile.graph import LayerGraph, Node


@dataclass(frozen=True, kw_only=True)
class Calls:
    """`first` maps the nodes of called blocks to the first drawn one, `words` that one to a name.

    A node that belongs to no called block stands for itself. `runs` maps the first drawn node of
    each block with one input that stands in a list of steps, and has no label, to that of the first
    of the equal blocks which follow one another there.
    """

    first: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.first

    def item(self, name: str) -> str:
        """The node that a node is drawn with."""
        return self.first.get(name, name)


def called_blocks(graph: LayerGraph, drawn: Set[str]) -> Calls:
    """The blocks of several drawn layers that have a label; without one, those that fork.

    What forks is no list of layers; but where a shortcut rule joins, its line shows that. A block
    that is all of a part or unit is drawn in full.
    """
    sizes = Counter(node.origin.place for node in graph)
    members: dict[str, list[Node]] = {}
    for node in graph:
        if node.origin.inner is not None:
            members.setdefault(node.origin.inner.name, []).append(node)
    first: dict[str, str] = {}
    words: dict[str, str] = {}
    listed: dict[str, list[Node]] = {}
    for nodes in members.values():
        inner, shown = nodes[0].origin.inner, [node for node in nodes if node.name in drawn]
        is_all = len(nodes) == sizes[nodes[0].origin.place]
        if inner is None or is_all or len(shown) < 2:
            continue
        has_rule = any(node.origin.rule for node in nodes)
        if inner.is_labelled or not (has_rule or _is_list(nodes)):
            first |= {node.name: shown[0].name for node in nodes}
            words[shown[0].name] = inner.words
            if not inner.is_labelled and nodes[0].origin.unit is None and _has_one_source(nodes):
                listed[shown[0].name] = nodes
    return Calls(first=first, words=words, runs=_runs(listed))


def _is_list(nodes: Iterable[Node]) -> bool:
    """Whether each node reads the one before it, and nothing else."""
    return all(after.inputs == (before.name,) for before, after in pairwise(nodes))


def _has_one_source(nodes: Sequence[Node]) -> bool:
    inside = {node.name for node in nodes}
    return len({source for node in nodes for source in node.inputs} - inside) == 1


def _runs(blocks: Mapping[str, Sequence[Node]]) -> dict[str, str]:
    """The first of the equal blocks that follow one another, for each block."""
    runs: dict[str, str] = {}
    before, form_before = "", None
    end = ""
    for name, nodes in blocks.items():
        form = unit_form(nodes, end)
        follows = nodes[0].inputs == (end,) and form == form_before
        runs[name] = runs[before] if follows else name
        before, form_before, end = name, form, nodes[-1].name
    return runs
