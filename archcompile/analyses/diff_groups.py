"""A difference in few lines: layers and units that changed alike are listed together."""

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
class ChangeEntry:
    """Layers of a unit that changed alike; without names, a whole unit or stage."""

    sign: Sign
    names: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """What changed alike in some units of a stage; `units` is empty for the part as a whole."""

    part: str
    units: tuple[int, ...]
    entries: tuple[ChangeEntry, ...]


def group_changes(difference: Difference) -> list[ChangeGroup]:
    """All that differs, in the order of the networks."""
    entries: dict[Place, list[ChangeEntry]] = {}
    gone = _moves(difference.a, difference.b, "-", nodes=difference.removed)
    come = _moves(difference.b, difference.a, "+", nodes=difference.added)
    for place, entry in (*gone, *come, *_other_blocks(difference)):
        entries.setdefault(place, []).append(entry)
    for change in difference.changed:
        entry = ChangeEntry("~", (_local_name(change.before),), change_words(difference, change))
        entries.setdefault(change.before.origin.place, []).append(entry)
    order = {part: i for i, part in enumerate(part_order(difference))}
    places = sorted(entries, key=lambda place: (order[place[0]], place[1] or 0))
    return _group_units((place, _group_entries(entries[place])) for place in places)


def change_words(difference: Difference, change: Changed) -> str:
    """What changed in a layer that both have: `filters 16 -> 32; reads s1_b1_add -> s1_b1_bn2`."""
    wiring = [_wiring_words(difference, change)] if change.is_rewired else []
    return "; ".join([*map(_setting_words, change.settings), *wiring])


def end_words(end: End) -> str:
    """What changed in an output: `fine: stem_conv1 -> stem_conv2`; one layer if it came or went."""
    layers = " -> ".join(layer for layer in (end.before, end.after) if layer is not None)
    if end.label:
        return f"{end.label}: {layers}"
    return layers if end.before and end.after else f"{layers}, without a label"


def renaming_notes(difference: Difference, a: str, b: str) -> list[str]:
    """The stages that have other names in b than in a; if nothing else differs, also the layers."""
    words = [
        f"stage {old} of {a} is called {new} in {b}" for old, new in difference.renamed.items()
    ]
    if difference.is_same:
        words.append(
            f"{a} and {b} are the same architecture, hash {semantic_hash(difference.a)[:12]}"
        )
        if list(difference.a.nodes) != list(difference.b.nodes):
            words.append("some layers have other names")
    return words


def _other_blocks(difference: Difference) -> Iterator[tuple[Place, ChangeEntry]]:
    """Units that both networks have, of another block."""
    before, after = _blocks(difference.a), _blocks(difference.b)
    for place, block in before.items():
        if not difference.is_same and place in after and after[place] != block:
            yield place, ChangeEntry("~", (), f"block {block} -> {after[place]}")


def _blocks(graph: LayerGraph) -> dict[Place, str | None]:
    """The block of each unit."""
    return {node.origin.place: node.origin.row for node in graph}


def part_order(difference: Difference) -> list[str]:
    """The parts of both networks in order; one of a alone stays behind the part before it."""
    order = ["input", *difference.b.parts]
    before = "input"
    for part in difference.a.parts:
        if part not in order:
            order.insert(order.index(before) + 1, part)
        before = part
    return order


def _moves(
    graph: LayerGraph, counterpart: LayerGraph, sign: Sign, *, nodes: Iterable[Node]
) -> Iterator[tuple[Place, ChangeEntry]]:
    """Entries for layers that only `graph` has: one for a stage or unit its counterpart lacks."""
    places = {node.origin.place for node in counterpart}
    reported: set[Place] = set()
    for node in nodes:
        part, unit = place = node.origin.place
        if part not in counterpart.parts and part != "input":
            place, words = (part, None), _stage_words(graph, part)
        elif unit is not None and place not in places:
            words = f"unit of {node.origin.row}, {show(_last(graph, place).shape)}"
        else:
            yield place, ChangeEntry(sign, (_local_name(node),), _layer_words(node))
            continue
        if place not in reported:
            reported.add(place)
            yield place, ChangeEntry(sign, (), words)


def _stage_words(graph: LayerGraph, part: str) -> str:
    nodes = [node for node in graph if node.origin.part == part]
    units = {node.origin.unit for node in nodes} - {None}
    if units:
        content = f"{len(units)} x {nodes[0].origin.row}"
    else:
        content = f"{len(nodes)} layer{'s' if len(nodes) > 1 else ''}"
    return f"stage of {content}, {show(graph.nodes[graph.parts[part]].shape)}"


def _last(graph: LayerGraph, place: Place) -> Node:
    return [node for node in graph if node.origin.place == place][-1]


def _layer_words(node: Node) -> str:
    label = node.op.label()
    return label if len(label) > 1 else node.op.kind


def _setting_words(setting: Setting) -> str:
    before, after = _without_unset(setting.before), _without_unset(setting.after)
    return f"{setting.name} {flow(before)} -> {flow(after)}"


def _without_unset(value: Any) -> Any:
    """A value; of a map only the keys that are set."""
    if not isinstance(value, dict):
        return value
    return {key: inner for key, inner in value.items() if inner is not None}


def _wiring_words(difference: Difference, change: Changed) -> str:
    before = _input_words(difference.a, change.before)
    return f"reads {before} -> {_input_words(difference.b, change.after)}"


def _input_words(graph: LayerGraph, reader: Node) -> str:
    return ", ".join(_name_seen_from(graph, name, reader) for name in reader.inputs)


def _name_seen_from(graph: LayerGraph, name: str, reader: Node) -> str:
    """The name of what a layer reads: in its unit, in the unit before, or in full.

    So units that read alike are described alike.
    """
    node, (part, unit) = graph.nodes[name], reader.origin.place
    if node.origin.place == (part, unit):
        return _local_name(node)
    before = unit is not None and node.origin.place == (part, unit - 1)
    return f"{_local_name(node)} of the unit before" if before else name


def _local_name(node: Node) -> str:
    """A layer's name in its unit or part."""
    part, unit = node.origin.place
    return node.name.removeprefix(f"{part}_" if unit is None else f"{part}_b{unit}_")


def _group_entries(entries: Iterable[ChangeEntry]) -> tuple[ChangeEntry, ...]:
    """Layers that changed alike as one entry: first what is gone, then what changed or came."""
    names: dict[tuple[Sign, str, bool], list[str]] = {}
    for entry in entries:
        names.setdefault((entry.sign, entry.words, bool(entry.names)), []).extend(entry.names)
    grouped = [
        ChangeEntry(sign, tuple(layers), words) for (sign, words, _), layers in names.items()
    ]
    return tuple(sorted(grouped, key=lambda entry: "-~+".index(entry.sign)))


def _group_units(units: Iterable[tuple[Place, tuple[ChangeEntry, ...]]]) -> list[ChangeGroup]:
    """Units of a stage in which the same happened as one group, at the place of the first."""
    alike: dict[tuple[str, bool, tuple[ChangeEntry, ...]], list[int]] = {}
    for (part, unit), entries in units:
        numbers = alike.setdefault((part, unit is None, entries), [])
        if unit is not None:
            numbers.append(unit)
    return [
        ChangeGroup(part, tuple(numbers), entries) for (part, _, entries), numbers in alike.items()
    ]


def unit_words(units: Iterable[int]) -> str:
    """`b1, b3…b9`."""
    runs: list[list[int]] = []
    for unit in units:
        if runs and runs[-1][-1] == unit - 1:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return ", ".join(f"b{run[0]}" if len(run) == 1 else f"b{run[0]}…b{run[-1]}" for run in runs)
