"""A graph as a figure of one level: what is a box, and what is said in it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from archcompile.choices import Level
from archcompile.drawing.figure.boxes import (
    Box,
    Edge,
    Figure,
    Frame,
    Line,
    Loop,
    Style,
)
from archcompile.drawing.figure.called_blocks import Calls
from archcompile.drawing.figure.captions import (
    TIMES,
    cap_lines,
    chain_lines,
    content_lines,
    count_outputs,
    facts,
    headline,
    is_chain,
    part_shape,
    tip,
    unit_words,
    with_count,
)
from archcompile.drawing.figure.contraction import (
    Wires,
    group_home,
    merge_edges,
    shortcut_layers,
    wires,
)
from archcompile.drawing.figure.drawn_layers import DrawnLayers
from archcompile.drawing.figure.repeats import UnitGroup, differences
from archcompile.drawing.figure.shortcuts import (
    changing_layers,
    fork_of,
    has_only_identities,
    rule_name,
    unchanged_chain,
)
from archcompile.graph import LayerGraph, Node
from archcompile.ops import show

LEVELS: tuple[Level, ...] = ("layer", "block", "stage")  # from the most detailed on
SKETCHED = 3  # how many kinds of units the box of a stage shows


def figure(
    graph: LayerGraph, level: Level = "layer", style: Style = "paper", *, shown: Sequence[str] = ()
) -> Figure:
    """The figure of a graph; `shown` names the facts that boxes tell besides (`captions.FACTS`)."""
    return Drawing(graph, shown).at(level, style)


class Drawing(DrawnLayers):
    """The figures of a graph at every level."""

    def at(self, level: Level, style: Style = "paper") -> Figure:
        """The figure of one level; the style is that of layers."""
        if level == "layer":
            return self.figure(level, *self.layers(self.graph, style))
        return self.blocks() if level == "block" else self.stages()

    def figure(
        self,
        level: Level,
        boxes: Mapping[str, Box],
        edges: Iterable[Edge],
        *,
        frames: Iterable[Frame] = (),
    ) -> Figure:
        graph = self.graph
        return Figure(
            title=graph.name,
            subtitle=headline(graph),
            level=level,
            boxes=boxes,
            edges=tuple(edges),
            parts={part: part_shape(graph, part) for part in graph.parts},
            sizes=self.sizes,
            frames=tuple(frames),
            has_only_identities=has_only_identities(graph, self.projections),
            has_shortcuts=bool(graph.joins),
            has_branches=self.has_branches,
            forked=frozenset(part for part in graph.parts if count_outputs(graph, part) > 1),
        )

    # ---- blocks ----------------------------------------------------------------------------------

    def blocks(self) -> Figure:
        """The level `block`: the first unit of every group."""
        same = {
            node.name: first.name
            for group in self.groups
            for unit in group.units[1:]
            for node, first in zip(unit, group.nodes, strict=True)
        }
        wired = wires(
            (n for group in self.groups for n in group.nodes),
            self.drawn_names,
            self.projections,
            same=same,
        )
        boxes: dict[str, Box] = {}
        frames: list[Frame] = []
        home: dict[str, str] = {}
        for group in self.groups:
            group_boxes, homes = self.block(group, wired)
            home |= homes
            boxes |= group_boxes
            if len(group.units) > 1:
                frames.append(
                    Frame(tuple(group_boxes), len(group.units), differences(group, self.graph))
                )
        edges = merge_edges(wired.edges, home, shared_boxes(boxes, wired))
        return self.figure("block", boxes, edges, frames=frames)

    def block(self, group: UnitGroup, wired: Wires) -> tuple[dict[str, Box], dict[str, str]]:
        """The boxes of the unit that stands for a group, and the box of each of its nodes."""
        home = group_home(group, wired, self.calls)
        home |= {
            self.pads[node.name].name: home[node.name]
            for node in group.nodes
            if node.name in self.pads
        }
        members: dict[str, list[Node]] = {}
        for node in group.nodes:
            members.setdefault(home[node.name], []).append(node)
        # a box is called like its first
        named = (node.name for node in group.nodes if home[node.name] == node.name)
        return {name: self._block_box(group, members[name], wired) for name in named}, home

    def _block_box(self, group: UnitGroup, members: list[Node], wired: Wires) -> Box:
        """The box of some nodes of a unit: of one layer, or of several with the block's name."""
        labels, edges = self._labels_and_edges(members, wired)
        first, unit = self.graph.nodes[next(iter(labels))], group.nodes[0].origin.unit
        is_shortcut = unit is not None and first.name in shortcut_layers(
            group.nodes, wired, self.calls
        )
        is_layer = len(labels) == 1 and first.name not in self.calls
        if is_layer and (unit is None or is_shortcut):
            return self.layer(first, *(node for node in members if node is not first))
        lines = self._content(first.name, labels, edges, members=members, wired=wired)
        if group.block and not is_shortcut:
            lines.insert(0, Line(group.block, "title"))
        loops = self._loops(members)
        is_whole = is_chain(labels, edges) and not loops and len(lines) <= len(labels) + 1
        is_whole &= not any(map(self._is_named_only, labels))
        last, costs = members[-1], self.costs_of(members)
        fact_lines = facts(costs, show(last.shape), self.shown)
        words = tip(_units(group), show(last.shape), sum(cost.params for cost in costs))
        return Box(
            name=first.name,
            lines=(*lines, *fact_lines),
            form="block",
            part=group.part,
            unit=unit,
            tip=words,
            shape=last.shape,
            nodes=tuple(node.name for node in members),
            loops=loops,
            is_whole=is_whole,
        )

    def _content(
        self,
        first: str,
        labels: Mapping[str, str],
        edges: Sequence[Edge],
        *,
        members: Sequence[Node],
        wired: Wires,
    ) -> list[Line]:
        """What a box says of its layers; of equal blocks in a list of steps, also their name."""
        if first not in self.calls.runs or set(labels) - set(self.calls.runs):
            return [Line(words) for words in content_lines(labels, edges)]
        title = with_count(self.calls.words[first], len(labels))
        block = [node for node in members if self.calls.item(node.name) == first]
        inside = self._labels_and_edges(block, wired, are_called=False)
        return [Line(title, "title"), *(Line(words) for words in content_lines(*inside))]

    def _is_named_only(self, item: str) -> bool:
        """Whether a block is called by its name, which says less than a label of its own would."""
        inner = self.graph.nodes[item].origin.inner
        return item in self.calls and inner is not None and not inner.is_labelled

    # ---- stages ----------------------------------------------------------------------------------

    def stages(self) -> Figure:
        """The level `stage`: a box for each part, called like it."""
        wired = wires(self.graph, self.drawn_names, self.projections, same={})
        parts: dict[str, list[UnitGroup]] = {}
        for group in self.groups:
            parts.setdefault(group.part, []).append(group)
        boxes = {part: self.part(groups, wired) for part, groups in parts.items()}
        home = {name: part for part, box in boxes.items() for name in box.nodes}
        return self.figure("stage", boxes, merge_edges(wired.edges, home, frozenset(boxes)))

    def part(self, groups: Sequence[UnitGroup], wired: Wires) -> Box:
        """The box of a part, with what goes past its layers as loops at its side."""
        nodes = [node for group in groups for unit in group.units for node in unit]
        part, costs = nodes[0].origin.part, self.costs_of(nodes)
        if part == "input":
            return self.layer(nodes[0])
        shape = part_shape(self.graph, part) if part in self.graph.parts else show(nodes[-1].shape)
        words = tip(part, shape, sum(cost.params for cost in costs))
        lines = self._stage_lines(groups, wired) + facts(costs, shape, self.shown)
        return Box(
            name=part,
            lines=tuple(lines),
            form="part",
            part=part,
            unit=None,
            tip=words,
            shape=nodes[-1].shape,
            nodes=tuple(n.name for n in nodes),
            loops=self._loops(nodes),
        )

    def _stage_lines(self, groups: Sequence[UnitGroup], wired: Wires) -> list[Line]:
        """The steps of a part; or the blocks of its units and, if these are chains, layers."""
        if groups[0].nodes[0].origin.unit is None:
            return [
                Line(words)
                for words in content_lines(*self._labels_and_edges(groups[0].nodes, wired))
            ]
        sketches = Counter[tuple[str, ...]]()
        for group in groups:
            labels, edges = self._labels_and_edges(
                [n for n in group.nodes if n.origin.rule is None], wired
            )
            sketches[tuple(labels.values()) if is_chain(labels, edges) else ()] += len(group.units)
        lines = []
        for sketch, times in sketches.items() if len(sketches) <= SKETCHED else ():
            more = f"{TIMES}{times}: " if len(sketches) > 1 else ""
            lines += chain_lines([more + sketch[0], *sketch[1:]]) if sketch else []
        return [Line(unit_words(groups), "title"), *(Line(words) for words in cap_lines(lines))]

    def _labels_and_edges(
        self, nodes: Iterable[Node], wired: Wires, *, are_called: bool = True
    ) -> tuple[dict[str, str], list[Edge]]:
        """The labels of the drawn ones among these nodes, and the edges that lead there.

        A block that is called by name is one of them, if blocks `are_called`.
        """
        calls = self.calls if are_called else Calls()
        labels: dict[str, str] = {}
        edges: list[Edge] = []
        for node in (node for node in nodes if node.name in wired.into):
            item = calls.item(node.name)
            labels.setdefault(item, calls.words.get(item) or self.label(node))
            sources = [calls.item(source) for source in wired.into[node.name]]
            edges += [Edge(source, item, False) for source in sources if source != item]
        return labels, list(edges if not calls.words else dict.fromkeys(edges))

    def _loops(self, nodes: Sequence[Node]) -> tuple[Loop, ...]:
        """The shortcuts past layers among these nodes, at joins of rules and at other merges.

        Those that are alike are one loop.
        """
        inside, loops = {node.name for node in nodes}, Counter[tuple[str, bool, bool]]()
        for node in nodes:
            if node.name in self.joins:
                rule = rule_name(self.graph, node.name)
                loops[rule, bool(changing_layers(self.graph, node.name)), False] += 1
                continue
            item = self.calls.item(node.name)
            is_hidden = node.name in self.calls and item not in self.calls.runs
            merges = node.op.role == "merge" and node.origin.rule is None and not is_hidden
            fork = fork_of(self.graph, node, inside, places=self.places) if merges else None
            is_identity = fork is not None and self._reads_unchanged(node, fork)
            if is_identity or (fork and node.op.kind == "add"):
                loops[node.op.kind, not is_identity, not is_identity] += 1
        return tuple(Loop(f"{TIMES}{n} {words}", *look) for (words, *look), n in loops.items())

    @cached_property
    def has_branches(self) -> bool:
        """Whether lines lead to a merge that is no rule's and reads nothing but branches."""
        free = (n for n in self.graph if n.op.role == "merge" and n.origin.rule is None)
        return any(map(self._has_only_branches, filter(self._has_lines, free)))

    def _has_lines(self, merge: Node) -> bool:
        """Whether a merge is drawn by itself, or lines lead to it in the block that is called."""
        if merge.name not in self.calls:
            return True
        item = self.calls.item(merge.name)
        return any(self.calls.item(source) != item for source in merge.inputs)

    def _has_only_branches(self, merge: Node) -> bool:
        fork = fork_of(self.graph, merge, self.graph.nodes, places=self.places)
        return fork is not None and not self._reads_unchanged(merge, fork)

    def _reads_unchanged(self, merge: Node, fork: str) -> bool:
        """Whether an input of a merge is the fork's output, unchanged."""
        return any(fork in unchanged_chain(self.graph, source) for source in merge.inputs)


def shared_boxes(boxes: Mapping[str, Box], wired: Wires) -> frozenset[str]:
    """The boxes that stand for several drawn layers: from another box, one edge leads there."""

    def is_shared(box: Box) -> bool:
        return sum(node in wired.into for node in box.nodes) > 1

    return frozenset(name for name, box in boxes.items() if is_shared(box))


def _units(group: UnitGroup) -> str:
    """`s1: basic, units 2 to 18`."""
    first, last = (unit[0].origin.unit for unit in (group.units[0], group.units[-1]))
    if first is None:
        return group.part
    units = f"unit {first}" if first == last else f"units {first} to {last}"
    return f"{group.part}: {group.block}, {units}"
