"""A difference of two networks as text."""

import sys
from collections.abc import Iterator
from typing import Any

from archcompile.analyses import (
    ChangeEntry,
    Difference,
    End,
    PartCost,
    Sign,
    end_words,
    field_words,
    group_changes,
    last_map,
    network_cost,
    part_pairs,
    path_lengths,
    receptive,
    renaming_notes,
    training_memory,
    unit_words,
)
from archcompile.cli.console import heading, table
from archcompile.cli.cost_report import number
from archcompile.errors import visible
from archcompile.graph import LayerGraph
from archcompile.interface import STAGE_COLUMNS, stage_cells
from archcompile.report import size
from archcompile.terminal import is_coloured, paint, table_rows, width_of

NAMES = 6  # of layers in a line
WORDS = {"-": "removed", "~": "changed", "+": "added"}
NONE = "none"  # what stands for a stage that one of the networks has not got


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
    for name, part_a, part_b in part_pairs(difference):
        before, after = _part_cells(part_a), _part_cells(part_b)
        if before != after:
            rows.append((name, *map(_cell_change, before, after)))
    return [("", *STAGE_COLUMNS), *rows] if rows else []


def _cell_change(before: str, after: str) -> str:
    return before if before == after else f"{before or NONE} -> {after or NONE}"


def _part_cells(part: PartCost | None) -> tuple[str, ...]:
    if part is None:
        return ("",) * len(STAGE_COLUMNS)
    return stage_cells(part, joins=str(part.joins or ""))


def _figure_rows(difference: Difference, batch: int) -> list[tuple[str, ...]]:
    a, b = difference.a, difference.b
    rows: list[tuple[str, ...]] = [("", visible(a.name), visible(b.name), "difference")]
    before, after = _figures(a, batch), _figures(b, batch)
    for name, (value_a, words_a) in before.items():
        value_b, words_b = after[name]
        if name == "attention" and not (value_a or value_b):
            continue
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
        "attention": cost.attention_macs,
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
