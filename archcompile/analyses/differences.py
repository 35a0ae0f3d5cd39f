"""In what two networks differ, layer by layer; layers are compared by name.

`s2_b1_conv1` in one is `s2_b1_conv1` in the other; nothing is guessed, but that stages may have
been given other names. So a difference is found in one pass, and it is what a person changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from archcompile.analyses.setting_lists import settings
from archcompile.graph import LayerGraph, Node, semantic_hash


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a layer before and after, None if the op has none; `op` is the op itself."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A layer of both networks; `is_rewired` if its inputs differ by more than missing layers."""

    before: Node
    after: Node
    settings: tuple[Setting, ...]
    is_rewired: bool


@dataclass(frozen=True, slots=True)
class End:
    """An output that changed: its layers before and after, None where there is no such label.

    `label` is empty for the end of a network whose spec names no outputs.
    """

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What turns `a` into `b`; the layers of `b` have the names they would have in `a`.

    `is_same` says that both are one architecture, by the semantic hash; layers may still have other
    names, which `renamed` tells of stages: the name in a, and the name in b.
    """

    a: LayerGraph
    b: LayerGraph
    is_same: bool
    renamed: Mapping[str, str]
    removed: tuple[Node, ...]
    added: tuple[Node, ...]
    changed: tuple[Changed, ...]
    outputs: tuple[End, ...]

    @property
    def is_of_most_layers(self) -> bool:
        """Whether more than half of the layers of both together are removed, added or changed."""
        touched = len(self.removed) + len(self.added) + len(self.changed)
        return 2 * touched > len(self.a) + len(self.added)


def diff(a: LayerGraph, b: LayerGraph) -> Difference:
    """Compare two networks; what they are called, recipes and claims do not count."""
    same = semantic_hash(a) == semantic_hash(b)
    renamed = _stage_renames(a, b)
    b = _with_stages(b, {new: old for old, new in renamed.items()})
    removed = tuple(node for node in a if node.name not in b.nodes)
    added = tuple(node for node in b if node.name not in a.nodes)
    if same:  # names alone may differ
        return Difference(
            a=a, b=b, is_same=True, renamed=renamed, removed=(), added=(), changed=(), outputs=()
        )
    explained = _Explained(a, b)
    pairs = ((node, b.nodes[node.name]) for node in a if node.name in b.nodes)
    changes = (
        Changed(
            before=x,
            after=y,
            settings=_settings(x, y),
            is_rewired=not explained(x.inputs, y.inputs),
        )
        for x, y in pairs
    )
    changed = tuple(c for c in changes if c.settings or c.is_rewired)
    return Difference(
        a=a,
        b=b,
        is_same=False,
        renamed=renamed,
        removed=removed,
        added=added,
        changed=changed,
        outputs=tuple(_outputs(a, b, explained)),
    )


def _outputs(a: LayerGraph, b: LayerGraph, explained: "_Explained") -> Iterator[End]:
    """Labels that came or went, and those that stand for another layer."""
    before, after = map(_ends, (a, b))
    for label in dict.fromkeys((*before, *after)):
        old, new = before.get(label), after.get(label)
        if old is None or new is None or not explained((old,), (new,)):
            yield End(label, old, new)


def _ends(graph: LayerGraph) -> dict[str, str]:
    """The output layers, by label."""
    return dict(
        zip(graph.outputs if graph.is_labelled else ("",), graph.outputs.values(), strict=True)
    )


def _settings(before: Node, after: Node) -> tuple[Setting, ...]:
    """The settings that differ, the op first."""
    changes = []
    if before.op.kind != after.op.kind:
        changes.append(Setting("op", before.op.kind, after.op.kind))
    old, new = ({**s.given, **s.default} for s in (settings(before), settings(after)))
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return (*changes, *(Setting(name, old.get(name), new.get(name)) for name in names))


# ---- wiring --------------------------------------------------------------------------------------


class _Explained:
    """Whether inputs differ only by layers that came or went before them.

    Where a shortcut's join is gone, what read the join now reads what the join read: that is the
    join's going, and no change of its own.
    """

    def __init__(self, a: LayerGraph, b: LayerGraph) -> None:
        self.both = a.nodes.keys() & b.nodes.keys()
        self.behind_a, self.behind_b = self._behind(a), self._behind(b)

    def __call__(self, before: tuple[str, ...], after: tuple[str, ...]) -> bool:
        gone: list[str] = []
        come: list[str] = []
        for what, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if what != "equal":
                gone += before[i:j]
                come += after[k:m]
        read_before = self._read_through(gone, self.behind_a)
        read_after = self._read_through(come, self.behind_b)
        come_in_both, gone_in_both = self.both.intersection(come), self.both.intersection(gone)
        return read_before >= come_in_both and read_after >= gone_in_both

    def _read_through(
        self, names: list[str], behind: Mapping[str, frozenset[str]]
    ) -> frozenset[str]:
        """The layers of both networks that are read through those of one alone."""
        return frozenset[str]().union(*(behind[name] for name in names if name not in self.both))

    def _behind(self, graph: LayerGraph) -> dict[str, frozenset[str]]:
        """The layers of both that each layer of this network alone reads, directly or not."""
        behind: dict[str, frozenset[str]] = {}
        for node in graph:
            if node.name not in self.both:
                sources = (behind.get(name, frozenset((name,))) for name in node.inputs)
                behind[node.name] = frozenset[str]().union(*sources)
        return behind


# ---- stages of other names -----------------------------------------------------------------------


def _stage_renames(a: LayerGraph, b: LayerGraph) -> dict[str, str]:
    """Stages of one network only that hold the same layers: the name in a to the name in b."""
    free = {name: _layers(b, name) for name in b.parts if name not in a.parts}
    renamed = {}
    for name in a.parts:
        stage = _layers(a, name) if name not in b.parts else []
        if stage and not any(name + rest in b.nodes for rest, _ in stage):
            new_name = next((key for key, layers in free.items() if layers == stage), None)
            if new_name is not None:
                renamed[name] = new_name
                del free[new_name]
    return renamed


def _layers(graph: LayerGraph, part: str) -> list[tuple[str, str]]:
    return [
        (node.name.removeprefix(part), node.op.kind) for node in graph if node.origin.part == part
    ]


def _with_stages(graph: LayerGraph, names: Mapping[str, str]) -> LayerGraph:
    """The graph with other names for some stages, and so for their layers."""
    if not names:
        return graph
    new = {}
    for node in graph:
        part = node.origin.part
        is_in_stage = part in names
        new[node.name] = names[part] + node.name.removeprefix(part) if is_in_stage else node.name

    def rename(node: Node) -> Node:
        part = names.get(node.origin.part, node.origin.part)
        inputs = tuple(new[i] for i in node.inputs)
        origin = replace(node.origin, part=part)
        return replace(node, name=new[node.name], inputs=inputs, origin=origin)

    return replace(
        graph,
        nodes={new[node.name]: rename(node) for node in graph},
        outputs={label: new[name] for label, name in graph.outputs.items()},
        parts={names.get(part, part): new[name] for part, name in graph.parts.items()},
        joins=tuple(new[name] for name in graph.joins),
    )
