"""A difference of two networks as plain data."""

from dataclasses import replace
from typing import Any

from archcompile.analyses.cost import PartCost, network_cost, parts
from archcompile.analyses.cost_data import field_data
from archcompile.analyses.diff_groups import ChangeGroup, group_changes, part_order
from archcompile.analyses.differences import Changed, Difference
from archcompile.analyses.memory import training_memory
from archcompile.analyses.paths import path_lengths
from archcompile.analyses.receptive_fields import last_map, receptive
from archcompile.graph import LayerGraph

WORDS = {"-": "removed", "~": "changed", "+": "added"}


def difference_record(difference: Difference, batch: int) -> dict[str, Any]:
    """Everything, as `diff --json` prints it.

    `differences` are grouped as in the text, `layers` are in full.
    """
    a, b = difference.a, difference.b
    return {
        "a": _network_data(a, batch),
        "b": _network_data(b, batch),
        "batch": batch,
        "same": difference.is_same,
        "renamed": dict(difference.renamed),
        "outputs": [dict(a.outputs), dict(b.outputs)] if difference.outputs else None,
        "differences": [_group_data(group) for group in group_changes(difference)],
        "layers": {
            "removed": [node.name for node in difference.removed],
            "added": [node.name for node in difference.added],
            "changed": [_change_data(change) for change in difference.changed],
        },
        "stages": [
            {"name": name, "a": _part_data(before), "b": _part_data(after)}
            for name, before, after in part_pairs(difference)
            if _part_data(before) != _part_data(after)
        ],
    }


def _group_data(group: ChangeGroup) -> dict[str, Any]:
    changes = [
        {"change": WORDS[entry.sign], "layers": list(entry.names), "what": entry.words}
        for entry in group.entries
    ]
    return {"part": group.part, "units": list(group.units), "changes": changes}


def _change_data(change: Changed) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "name": before.name,
        "settings": {setting.name: [setting.before, setting.after] for setting in change.settings},
        "inputs": [list(before.inputs), list(after.inputs)] if change.is_rewired else None,
    }


def _network_data(graph: LayerGraph, batch: int) -> dict[str, Any]:
    memory, seen = training_memory(graph, batch), last_map(graph)
    return {
        **network_cost(graph).record(),
        "receptive_field": field_data(receptive(graph)[seen.name]),
        "paths": {label: lengths.total for label, lengths in path_lengths(graph).items()},
        "memory_bytes": {"activations": memory.activations, "total": memory.total},
    }


def _part_data(part: PartCost | None) -> dict[str, Any] | None:
    if part is None:
        return None
    return {
        "units": part.units,
        "block": part.block,
        "joins": part.joins,
        "rules": list(part.rules),
        "shape": list(part.shape),
        "ends": [list(shape) for shape in part.ends],
        "params": part.totals.params,
        "macs": part.totals.macs,
    }


def part_pairs(difference: Difference) -> list[tuple[str, PartCost | None, PartCost | None]]:
    """The parts of both networks, in order."""
    before, after = _parts_by_name(difference.a), _parts_by_name(difference.b)
    names = [name for name in part_order(difference) if name != "input"]
    return [(name, before.get(name), after.get(name)) for name in names]


def _parts_by_name(graph: LayerGraph) -> dict[str, PartCost]:
    return {part.name: part for part in parts(graph)}


def with_distinct_names(difference: "Difference") -> "Difference":
    """The difference with other names for networks that are called alike."""
    if difference.a.name != difference.b.name or difference.is_same:
        return difference
    return replace(
        difference,
        a=replace(difference.a, name=f"{difference.a.name} (first)"),
        b=replace(difference.b, name=f"{difference.b.name} (second)"),
    )
