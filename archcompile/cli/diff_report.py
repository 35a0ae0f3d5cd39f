"""A difference of two networks, as text and as data."""

import sys
from collections.abc import Iterator
from typing import Any

from archcompile.analyses import (
    Changed,
    ChangeEntry,
    ChangeGroup,
    Difference,
    End,
    PartCost,
    Sign,
    end_words,
    group_changes,
    last_map,
    network_cost,
    part_order,
    parts,
    path_lengths,
    receptive,
    renaming_notes,
    training_memory,
    unit_words,
)
from archcompile.cli.console import heading, table
from archcompile.cli.cost_report import field_data, field_words, number
from archcompile.cli.stage_costs import COLUMNS, stage_cells
from archcompile.errors import visible
from archcompile.graph import LayerGraph
from archcompile.report import size
from archcompile.terminal import is_coloured, paint, table_rows, width_of

NAMES = 6  # of layers in a line
WORDS = {"-": "removed", "~": "changed", "+": "added"}
NONE = "none"  # what stands for a stage that one of the networks has not got


# ---- text ----------------------------------------------------------------------------------------


def text(difference: Difference, batch: int) -> str:
    """What differs, then the stages whose costs differ, then the figures side by side."""
    a, b = (visible(graph.name) for graph in (difference.a, difference.b))
    names = renaming_notes(difference, a, b)
    if difference.is_same:
        return "\n".join(names)
    lines = [heading(f"{a} -> {b}"), *names, "", *_change_lines(difference)]
    if stages := _stage_rows(difference):
        lines += ["", table(stages, least=(3, 2))]
    figures = table(_figure_rows(difference, batch), frozenset((1, 2, 3)), least=(3,))
    return "\n".join([*lines, "", figures])


def _change_lines(difference: Difference) -> Iterator[str]:
    """A line for each entry, the first of a group with its place."""
    rows, signs = [], []
    for group in group_changes(difference):
        place = f"{group.part} {unit_words(group.units)}".strip()
        for entry in group.entries:
            rows.append(
                (place, f"{entry.sign} {_names(entry)}", entry.words if entry.names else "")
            )
            signs.append(entry.sign)
            place = ""
    place = "outputs"
    for end in difference.outputs:
        sign = _output_sign(end)
        rows.append((place, f"{sign} {end_words(end)}", ""))
        signs.append(sign)
        place = ""
    colour = is_coloured(sys.stdout)
    blocks, _ = table_rows(rows, width=width_of(sys.stdout), has_heading=False)
    for sign, lines in zip(signs, blocks, strict=True):
        yield from (paint(WORDS[sign], line, colour) for line in lines)


def _output_sign(end: End) -> Sign:
    if end.before is None:
        return "+"
    return "-" if end.after is None else "~"


def _names(entry: ChangeEntry) -> str:
    """The layers of an entry; the words of one that stands for a whole unit or stage."""
    if not entry.names:
        return entry.words
    if len(entry.names) <= NAMES:
        return ", ".join(entry.names)
    shown = entry.names[: NAMES - 1]
    return f"{', '.join(shown)} and {len(entry.names) - len(shown)} more"


def _stage_rows(difference: Difference) -> list[tuple[str, ...]]:
    """A row for each part whose figures differ; nothing where none do."""
    rows: list[tuple[str, ...]] = []
    for name, part_a, part_b in _part_pairs(difference):
        before, after = _part_cells(part_a), _part_cells(part_b)
        if before != after:
            rows.append((name, *map(_cell_change, before, after)))
    return [("", *COLUMNS), *rows] if rows else []


def _cell_change(before: str, after: str) -> str:
    return before if before == after else f"{before or NONE} -> {after or NONE}"


def _part_cells(part: PartCost | None) -> tuple[str, ...]:
    if part is None:
        return ("",) * len(COLUMNS)
    return stage_cells(part, joins=str(part.joins or ""))


def _part_pairs(difference: Difference) -> list[tuple[str, PartCost | None, PartCost | None]]:
    """The parts of both networks, in order."""
    before, after = _parts_by_name(difference.a), _parts_by_name(difference.b)
    names = [name for name in part_order(difference) if name != "input"]
    return [(name, before.get(name), after.get(name)) for name in names]


def _parts_by_name(graph: LayerGraph) -> dict[str, PartCost]:
    return {part.name: part for part in parts(graph)}


def _figure_rows(difference: Difference, batch: int) -> list[tuple[str, ...]]:
    a, b = difference.a, difference.b
    rows: list[tuple[str, ...]] = [("", visible(a.name), visible(b.name), "difference")]
    before, after = _figures(a, batch), _figures(b, batch)
    for name, (value_a, words_a) in before.items():
        value_b, words_b = after[name]
        change = value_b - value_a if isinstance(value_a, int) else 0
        words = size(abs(change)) if " at batch " in name else number(abs(change))
        sign = "+" if change > 0 else "-"
        rows.append((name, words_a, words_b, f"{sign}{words}" if change else ""))
    return rows


def _figures(graph: LayerGraph, batch: int) -> dict[str, tuple[Any, str]]:
    """Figures of a network, each with its words; whole numbers can be subtracted."""
    cost, memory = network_cost(graph), training_memory(graph, batch)
    whole = {
        "parameters": cost.params,
        "trainable": cost.trainable,
        "multiply-adds": cost.macs,
        "depth": cost.depth,
        "layers": cost.layers,
        "joins": cost.joins,
        "paths": sum(lengths.total for lengths in path_lengths(graph).values()),
    }
    field = receptive(graph)[last_map(graph).name]
    bytes_ = {
        f"activations at batch {batch:,}": memory.activations,
        f"memory at batch {batch:,}": memory.total,
    }
    return {
        **{name: (n, number(n)) for name, n in whole.items()},
        "receptive field": (None, field_words(field)),
        **{name: (n, size(n)) for name, n in bytes_.items()},
    }


# ---- data ----------------------------------------------------------------------------------------


def as_data(difference: Difference, batch: int) -> dict[str, Any]:
    """Everything, for `--json`: `differences` grouped as in the text, `layers` in full."""
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
            for name, before, after in _part_pairs(difference)
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
        "params": part.totals.params,
        "macs": part.totals.macs,
    }
