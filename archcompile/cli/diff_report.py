"""A difference of two networks, as text and as data."""

from collections.abc import Iterator
from typing import Any

from archcompile.analyses import (
    Difference,
    Entry,
    PartCost,
    Sign,
    end_words,
    groups,
    last_map,
    other_names,
    part_order,
    parts,
    path_lengths,
    receptive,
    summary,
    training_memory,
    unit_words,
)
from archcompile.cli.console import table
from archcompile.cli.cost_report import field_data, field_words, number
from archcompile.errors import visible
from archcompile.graph import LayerGraph
from archcompile.ops import show
from archcompile.report import size

NAMES = 6  # of layers in a line
WORDS = {"-": "removed", "~": "changed", "+": "added"}
COLOURS = {"-": "\x1b[31m", "~": "\x1b[33m", "+": "\x1b[32m"}
NONE = "none"  # what stands for a stage that one of the networks has not got


# ---- text ----------------------------------------------------------------------------------------


def text(found: Difference, batch: int, colour: bool) -> str:
    """What differs, then the stages that cost something else, then the figures side by side."""
    a, b = (visible(graph.name) for graph in (found.a, found.b))
    names = other_names(found, a, b)
    if found.same:
        return "\n".join(names)
    lines = [f"{a} -> {b}", *names, "", *_changes(found, colour)]
    if stages := _stages(found):
        lines += ["", table(stages, frozenset())]
    return "\n".join([*lines, "", table(_figures(found, batch), frozenset((1, 2, 3)))])


def _changes(found: Difference, colour: bool) -> Iterator[str]:
    """A line for each entry, the first of a group with its place."""
    rows, signs = [], []
    for group in groups(found):
        place = f"{group.part} {unit_words(group.units)}".strip()
        for entry in group.entries:
            rows.append(
                (place, f"{entry.sign} {_names(entry)}", entry.words if entry.names else "")
            )
            signs.append(entry.sign)
            place = ""
    place = "outputs"
    for end in found.outputs:
        sign: Sign = "+" if end.before is None else "-" if end.after is None else "~"
        rows.append((place, f"{sign} {end_words(end)}", ""))
        signs.append(sign)
        place = ""
    for sign, line in zip(signs, table(rows, frozenset()).splitlines(), strict=True):
        yield f"{COLOURS[sign]}{line}\x1b[0m" if colour else line


def _names(entry: Entry) -> str:
    """The layers of an entry; of what is whole, what it is."""
    more = len(entry.names) - NAMES
    shown = entry.names[: NAMES - 1] if more > 0 else entry.names
    return (
        ", ".join(shown) + (f" and {more + 1} more" if more > 0 else "")
        if entry.names
        else entry.words
    )


def _stages(found: Difference) -> list[tuple[str, ...]]:
    """A row for each part whose figures differ; nothing where none do."""
    rows: list[tuple[str, ...]] = []
    for name, before, after in _parts(found):
        pairs = list(zip(_part_words(before), _part_words(after), strict=True))
        if any(x != y for x, y in pairs):
            rows.append((name, *(x if x == y else f"{x or NONE} -> {y or NONE}" for x, y in pairs)))
    return [("", "units", "joins", "output", "parameters", "multiply-adds"), *rows] if rows else []


def _part_words(part: PartCost | None) -> tuple[str, ...]:
    if part is None:
        return ("",) * 5
    units = f"{part.units} x {part.block}" if part.units else ""
    return (
        units,
        str(part.joins or ""),
        show(part.shape),
        f"{part.totals.params:,}",
        f"{part.totals.macs:,}",
    )


def _parts(found: Difference) -> list[tuple[str, PartCost | None, PartCost | None]]:
    """The parts of both networks, in order."""
    before, after = ({part.name: part for part in parts(graph)} for graph in (found.a, found.b))
    return [
        (name, before.get(name), after.get(name)) for name in part_order(found) if name != "input"
    ]


def _figures(found: Difference, batch: int) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("", visible(found.a.name), visible(found.b.name), "difference")]
    before, after = _measured(found.a, batch), _measured(found.b, batch)
    for name, (x, shown) in before.items():
        y, other = after[name]
        off = y - x if isinstance(x, int) else 0
        change = size(abs(off)) if " at batch " in name else number(abs(off))
        rows.append((name, shown, other, f"{'+' if off > 0 else '-'}{change}" if off else ""))
    return rows


def _measured(graph: LayerGraph, batch: int) -> dict[str, tuple[Any, str]]:
    """Figures of a network with the words for them; those that are whole numbers are subtracted."""
    sums, memory = summary(graph), training_memory(graph, batch)
    whole = {
        "parameters": sums["params"]["total"],
        "trainable": sums["params"]["trainable"],
        "multiply-adds": sums["macs"],
        "depth": sums["depth"],
        "layers": sums["nodes"],
        "joins": sums["joins"],
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


def as_data(found: Difference, batch: int) -> dict[str, Any]:
    """Everything, for `--json`: folded as in the text under `differences`, layer by layer under
    `layers`.
    """
    folded = [
        {
            "part": group.part,
            "units": list(group.units),
            "changes": [
                {"change": WORDS[entry.sign], "layers": list(entry.names), "what": entry.words}
                for entry in group.entries
            ],
        }
        for group in groups(found)
    ]
    changed = [
        {
            "name": change.before.name,
            "settings": {s.name: [s.before, s.after] for s in change.settings},
            "inputs": [list(change.before.inputs), list(change.after.inputs)]
            if change.rewired
            else None,
        }
        for change in found.changed
    ]
    return {
        "a": _network(found.a, batch),
        "b": _network(found.b, batch),
        "batch": batch,
        "same": found.same,
        "renamed": dict(found.renamed),
        "outputs": [dict(found.a.outputs), dict(found.b.outputs)] if found.outputs else None,
        "differences": folded,
        "layers": {
            "removed": [node.name for node in found.removed],
            "added": [node.name for node in found.added],
            "changed": changed,
        },
        "stages": [
            {"name": name, "a": _part(before), "b": _part(after)}
            for name, before, after in _parts(found)
            if _part(before) != _part(after)
        ],
    }


def _network(graph: LayerGraph, batch: int) -> dict[str, Any]:
    memory, seen = training_memory(graph, batch), last_map(graph)
    return {
        **summary(graph),
        "receptive_field": field_data(receptive(graph)[seen.name]),
        "paths": {label: lengths.total for label, lengths in path_lengths(graph).items()},
        "memory_bytes": {"activations": memory.activations, "total": memory.total},
    }


def _part(part: PartCost | None) -> dict[str, Any] | None:
    return (
        None
        if part is None
        else {
            "units": part.units,
            "block": part.block,
            "joins": part.joins,
            "rules": list(part.rules),
            "shape": list(part.shape),
            "params": part.totals.params,
            "macs": part.totals.macs,
        }
    )
