"""A difference in as few lines as it takes: units that changed alike together, layers that changed
alike together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from archcompile.analyses.differences import Changed, Difference, End, Setting
from archcompile.graph import LayerGraph, Node, semantic_hash
from archcompile.ops import show
from archcompile.spec.yaml import flow

Sign = Literal["-", "~", "+"]  # gone, changed, come
Place = tuple[str, int | None]  # part and unit


@dataclass(frozen=True, slots=True)
class Entry:
    """Layers of a unit, by their names in it, with which the same happened; no names where it is
    all of a unit or stage.
    """

    sign: Sign
    names: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """What happened in some units of a stage, in each of them the same. `units` is empty where it
    is the whole part's.
    """

    part: str
    units: tuple[int, ...]
    entries: tuple[Entry, ...]


def groups(found: Difference) -> list[Group]:
    """All that differs, in the order of the networks."""
    entries: dict[Place, list[Entry]] = {}
    gone, come = (
        _moved(found.a, found.b, "-", nodes=found.removed),
        _moved(found.b, found.a, "+", nodes=found.added),
    )
    for place, entry in (*gone, *come, *_other_blocks(found)):
        entries.setdefault(place, []).append(entry)
    for change in found.changed:
        entry = Entry("~", (_local(change.before),), change_words(found, change))
        entries.setdefault(change.before.origin.place, []).append(entry)
    order = {part: i for i, part in enumerate(part_order(found))}
    places = sorted(entries, key=lambda place: (order[place[0]], place[1] or 0))
    return _alike((place, _together(entries[place])) for place in places)


def change_words(found: Difference, change: Changed) -> str:
    """What is other about a layer that both networks have: `filters 16 -> 32; reads s1_b1_add ->
    s1_b1_bn2`.
    """
    wiring = [_wiring_words(found, change)] if change.rewired else []
    return "; ".join([*map(_setting_words, change.settings), *wiring])


def end_words(end: End) -> str:
    """What is other about an output: `fine: stem_conv1 -> stem_conv2`, or `fine: stem_conv1` of one
    that came or went.
    """
    layers = " -> ".join(layer for layer in (end.before, end.after) if layer is not None)
    if end.label:
        return f"{end.label}: {layers}"
    return layers if end.before and end.after else f"{layers}, without a label"


def other_names(found: Difference, a: str, b: str) -> list[str]:
    """What is called otherwise in the network b than in a: stages; and any layers, where nothing
    else differs.
    """
    words = [f"stage {old} of {a} is called {new} in {b}" for old, new in found.renamed.items()]
    if found.same:
        words.append(f"{a} and {b} are the same architecture, hash {semantic_hash(found.a)[:12]}")
        words += (
            ["some layers have other names"] if list(found.a.nodes) != list(found.b.nodes) else []
        )
    return words


def _other_blocks(found: Difference) -> Iterator[tuple[Place, Entry]]:
    """Units that both networks have, of another block."""
    before, after = (
        {node.origin.place: node.origin.row for node in graph} for graph in (found.a, found.b)
    )
    for place, block in before.items():
        if not found.same and place in after and after[place] != block:
            yield place, Entry("~", (), f"block {block} -> {after[place]}")


def part_order(found: Difference) -> list[str]:
    """The parts of both networks in order; one that b has no more stands behind the one it was
    behind.
    """
    order = ["input", *found.b.parts]
    before = "input"
    for part in found.a.parts:
        if part not in order:
            order.insert(order.index(before) + 1, part)
        before = part
    return order


def _moved(
    graph: LayerGraph, other: LayerGraph, sign: Sign, *, nodes: Iterable[Node]
) -> Iterator[tuple[Place, Entry]]:
    """Entries for layers that only `graph` has: one for a stage or a unit that the other has not
    got at all.
    """
    theirs = {node.origin.place for node in other}
    told: set[Place] = set()
    for node in nodes:
        part, unit = place = node.origin.place
        if part not in other.parts and part != "input":
            place, words = (part, None), _stage_words(graph, part)
        elif unit is not None and place not in theirs:
            words = f"unit of {node.origin.row}, {show(_last(graph, place).shape)}"
        else:
            yield place, Entry(sign, (_local(node),), _layer_words(node))
            continue
        if place not in told:
            told.add(place)
            yield place, Entry(sign, (), words)


def _stage_words(graph: LayerGraph, part: str) -> str:
    nodes = [node for node in graph if node.origin.part == part]
    units = {node.origin.unit for node in nodes} - {None}
    holds = (
        f"{len(units)} x {nodes[0].origin.row}"
        if units
        else f"{len(nodes)} layer{'s' if len(nodes) > 1 else ''}"
    )
    return f"stage of {holds}, {show(graph.nodes[graph.parts[part]].shape)}"


def _last(graph: LayerGraph, place: Place) -> Node:
    return [node for node in graph if node.origin.place == place][-1]


def _layer_words(node: Node) -> str:
    label = node.op.label()
    return label if len(label) > 1 else node.op.kind


def _setting_words(setting: Setting) -> str:
    return f"{setting.name} {flow(_given(setting.before))} -> {flow(_given(setting.after))}"


def _given(value: Any) -> Any:
    """A map without the keys that say nothing."""
    return (
        {key: inner for key, inner in value.items() if inner is not None}
        if isinstance(value, dict)
        else value
    )


def _wiring_words(found: Difference, change: Changed) -> str:
    before = ", ".join(_seen_from(found.a, name, change.before) for name in change.before.inputs)
    return (
        f"reads {before} -> "
        f"{', '.join(_seen_from(found.b, name, change.after) for name in change.after.inputs)}"
    )


def _seen_from(graph: LayerGraph, name: str, reader: Node) -> str:
    """What a layer reads, so that units which read alike say alike: by its name in the unit, in the
    unit before, or in full.
    """
    node, (part, unit) = graph.nodes[name], reader.origin.place
    if node.origin.place == (part, unit):
        return _local(node)
    before = unit is not None and node.origin.place == (part, unit - 1)
    return f"{_local(node)} of the unit before" if before else name


def _local(node: Node) -> str:
    """A layer's name in its unit or part."""
    part, unit = node.origin.place
    return node.name.removeprefix(f"{part}_" if unit is None else f"{part}_b{unit}_")


def _together(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Layers with which the same happened as one entry: first what is gone, then what changed, then
    what came.
    """
    names: dict[tuple[Sign, str, bool], list[str]] = {}
    for entry in entries:
        names.setdefault((entry.sign, entry.words, bool(entry.names)), []).extend(entry.names)
    found = [Entry(sign, tuple(of), words) for (sign, words, _), of in names.items()]
    return tuple(sorted(found, key=lambda entry: "-~+".index(entry.sign)))


def _alike(units: Iterable[tuple[Place, tuple[Entry, ...]]]) -> list[Group]:
    """Units of a stage in which the same happened as one group, at the place of the first."""
    found: dict[tuple[str, bool, tuple[Entry, ...]], list[int]] = {}
    for (part, unit), entries in units:
        found.setdefault((part, unit is None, entries), []).extend([] if unit is None else [unit])
    return [Group(part, tuple(numbers), entries) for (part, _, entries), numbers in found.items()]


def unit_words(units: Iterable[int]) -> str:
    """`b1, b3…b9`."""
    runs: list[list[int]] = []
    for unit in units:
        if runs and runs[-1][-1] == unit - 1:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return ", ".join(f"b{run[0]}" if len(run) == 1 else f"b{run[0]}…b{run[-1]}" for run in runs)
