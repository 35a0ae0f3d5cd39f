"""From a graph to the boxes and edges of a drawing.

First the layers that are not drawn are left out: each edge then starts at the nearest drawn layer
behind it (`wires`). Then layers that share a box are drawn together (`merge_edges`). Both are one
pass over the graph.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archcompile.drawing.figure.boxes import Edge, Style
from archcompile.drawing.figure.called_blocks import Calls
from archcompile.drawing.figure.repeats import UnitGroup
from archcompile.graph import LayerGraph, Node

# the roles that the style `paper` leaves out, unless the shape changes there
DROPPED = {"norm", "act", "tensor"}
# what they do not leave out though its shape stays: it moves channels to other places
MOVING = {"shuffle_channels"}


@dataclass(frozen=True)
class Wires:
    """The layers that are drawn, and the edges between them.

    `behind` maps every node to the nearest drawn one on the way back, itself where it is drawn; a
    node that lies outside the part of the graph that is drawn stands for itself. `into` holds the
    sources of each drawn one's edges.
    """

    edges: tuple[Edge, ...]
    behind: Mapping[str, str]
    into: Mapping[str, tuple[str, ...]]


def pads_by_reader(graph: LayerGraph) -> dict[str, Node]:
    """The pads that a window alone reads, by that window: `paper` draws the two as one."""
    readers: dict[str, list[Node]] = {}
    for node in graph:
        for source in node.inputs:
            readers.setdefault(source, []).append(node)
    pads = {}
    for pad in (node for node in graph if node.op.kind == "pad"):
        reads = readers.get(pad.name, [])
        if (
            len(reads) == 1
            and reads[0].op.role in ("conv", "pool")
            and _is_of_window(pad, reads[0])
        ):
            pads[reads[0].name] = pad
    return {name: pad for name, pad in pads.items() if pad.name not in graph.outputs.values()}


def _is_of_window(pad: Node, window: Node) -> bool:
    a, b = pad.origin, window.origin
    return (a.place, a.rule, a.inner) == (b.place, b.rule, b.inner)


def drawn_nodes(graph: LayerGraph, style: Style) -> frozenset[str]:
    """The nodes that are drawn.

    `full` draws all, `paper` weights, pools, merges, outputs, and all that changes the shape
    or moves channels, but for pads that are drawn with the window that reads them.
    """
    if style == "full":
        return frozenset(graph.nodes)
    merged = {pad.name for pad in pads_by_reader(graph).values()}
    ends = set(graph.outputs.values())
    return frozenset(
        node.name
        for node in graph
        if node.name not in merged
        and (
            node.op.role not in DROPPED
            or node.op.kind in MOVING
            or node.name in ends
            or len(node.inputs) != 1
            or node.shape != graph.nodes[node.inputs[0]].shape
        )
    )


def wires(
    nodes: Iterable[Node],
    drawn: frozenset[str],
    projections: frozenset[str],
    *,
    same: Mapping[str, str],
) -> Wires:
    """What is drawn of `nodes`; `same` maps nodes to those that are drawn in their place."""
    behind: dict[str, str] = {}
    dashed: dict[str, bool] = {}
    edges: list[Edge] = []
    into: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        sources = [same.get(i, i) for i in node.inputs]
        for outside in (i for i in sources if i not in behind):
            behind[outside], dashed[outside] = outside, False
        name, keep = node.name, node.name in drawn
        dashed[name] = name in projections or (not keep and dashed[sources[0]])
        if keep:
            into[name] = tuple(behind[i] for i in sources)
            behind[name] = name
            edges += [Edge(behind[i], name, dashed[i] or dashed[name]) for i in sources]
        else:
            behind[name] = behind[sources[0]]
    return Wires(tuple(edges), behind, into)


def merge_edges(
    edges: Iterable[Edge], home: Mapping[str, str], shared: frozenset[str]
) -> tuple[Edge, ...]:
    """The edges between the boxes of `home`; one from box to box where the target is `shared`.

    Edges within a box are left out.
    """
    merged: dict[tuple[str, str, int], Edge] = {}
    for edge in edges:
        source, target = home.get(edge.source, edge.source), home.get(edge.target, edge.target)
        if source == target:
            continue
        key = (source, target, 0 if target in shared else len(merged) + 1)
        dashed = edge.is_dashed and (key not in merged or merged[key].is_dashed)
        merged[key] = Edge(source, target, dashed)
    return tuple(merged.values())


def unit_home(unit: Sequence[Node], wired: Wires, calls: Calls) -> dict[str, str]:
    """The box of each node of a unit at the level `block`, called like its first node.

    The layers of a unit share one box, but for its shortcuts (`shortcut_layers`), whose layers
    share one if they are a chain. Where a layer follows such a merge, a further box begins, so that
    no box waits for itself.
    """
    drawn = [node for node in unit if node.name in wired.into]
    plain = {node.name for node in drawn if node.op.role != "merge"}
    inside, shortcuts = {node.name for node in unit}, shortcut_layers(unit, wired, calls)
    depth: dict[str, int] = {}  # how many shortcuts lie on the way from the unit's input
    first: dict[int, str] = {}  # box of the layers at that depth
    home: dict[str, str] = {}
    for node in unit:
        before = [depth[i] + (i in shortcuts) for i in node.inputs if i in inside]
        depth[node.name] = max(before, default=0)
    readers = Counter(source for node in drawn for source in wired.into[node.name])
    for node in drawn:
        if node.name in shortcuts:
            (source, *more) = wired.into[node.name]
            is_next = source in shortcuts and readers[source] == 1 and not more
            continues = is_next and node.op.role != "merge" and source in plain
            home[node.name] = home[source] if continues else node.name
        else:
            home[node.name] = first.setdefault(depth[node.name], node.name)
    for node in unit:
        if node.name not in home:
            home[node.name] = _box_of_undrawn(
                node, wired.behind[node.name], home, first=first, depth=depth[node.name]
            )
    return home


def _box_of_undrawn(
    node: Node, behind: str, home: Mapping[str, str], *, first: Mapping[int, str], depth: int
) -> str:
    """The box of an undrawn layer: of its shortcut, else of the unit's layers at that depth."""
    if behind in home and (node.origin.rule is not None or not first):
        return home[behind]
    if not first:
        return next(iter(home.values()))
    return first[max((d for d in first if d <= depth), default=min(first))]


def shortcut_layers(unit: Sequence[Node], wired: Wires, calls: Calls) -> set[str]:
    """The layers of a unit's shortcuts: those of rules, and merges of what bypasses layers."""
    inside = {node.name for node in unit}
    shortcuts: set[str] = set()
    for node in (node for node in unit if node.name in wired.into and node.name not in calls):
        sources = wired.into[node.name]
        comes_past = any(source not in inside or source in shortcuts for source in sources)
        if node.origin.rule is not None or (node.op.role == "merge" and comes_past):
            shortcuts.add(node.name)
    return shortcuts


def steps_home(nodes: Sequence[Node], wired: Wires, calls: Calls) -> dict[str, str]:
    """The box of each node of a list of steps: one for a chain, else one for each step.

    A run of equal blocks within a chain has a box of its own.
    """
    into: dict[str, set[str]] = {}  # of each step, without what stays within it
    for node in (node for node in nodes if node.name in wired.into):
        item = calls.item(node.name)
        into.setdefault(item, set()).update(map(calls.item, wired.into[node.name]))
    sources = {item: read - {item} for item, read in into.items()}
    steps = list(sources)
    counts = {node.name: len(wired.into.get(node.name, ())) for node in nodes}
    is_chain = counts[steps[0]] <= 1 and all(
        sources[b] == {a} and (b in calls or counts[b] == 1) for a, b in pairwise(steps)
    )
    home = _chain_home(steps, calls) if is_chain else {step: step for step in steps}
    for node in nodes:
        behind = calls.item(wired.behind[node.name])
        home.setdefault(node.name, home.get(calls.item(node.name), home.get(behind, steps[0])))
    return home


def _chain_home(steps: Sequence[str], calls: Calls) -> dict[str, str]:
    """The box of each step of a chain, which runs of equal blocks cut."""
    home = {steps[0]: steps[0]}
    for before, step in pairwise(steps):
        is_cut = step in calls.runs or before in calls.runs
        home[step] = calls.runs.get(step, step if is_cut else home[before])
    return home


def group_home(group: UnitGroup, wired: Wires, calls: Calls) -> dict[str, str]:
    """The box of each node of the unit that stands for a group; at least one node must be drawn."""
    has_units = group.nodes[0].origin.unit is not None
    return (unit_home if has_units else steps_home)(group.nodes, wired, calls)
