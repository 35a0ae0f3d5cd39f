"""The costs of stages as a table: a row for the stem, each stage and the head."""

from archcompile.analyses import PartCost, parts
from archcompile.cli.console import table
from archcompile.graph import LayerGraph
from archcompile.ops import show

COLUMNS = ("units", "joins", "output", "parameters", "multiply-adds")


def stage_table(graph: LayerGraph) -> str:
    """Units, joins and their rules, output shape, parameters and multiply-adds of each part."""
    rows: list[tuple[str, ...]] = [("part", *COLUMNS)]
    for part in parts(graph):
        joins = f"{part.joins} {', '.join(part.rules)}" if part.joins else ""
        rows.append((part.name, *stage_cells(part, joins)))
    return table(rows, frozenset((4, 5)), least=(5, 3))


def stage_cells(part: PartCost, joins: str) -> tuple[str, ...]:
    """A part's entries under `COLUMNS`; `joins` are the words for its joins."""
    units = f"{part.units} x {part.block}" if part.units else ""
    sums = part.totals
    return units, joins, show(part.shape), f"{sums.params:,}", f"{sums.macs:,}"
