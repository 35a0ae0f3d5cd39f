"""Figures of networks and runs in words: cells of the tables of commands and of results."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archcompile.analyses import CostRow, NetworkCost, PartCost, field_words, parts
from archcompile.graph import LayerGraph
from archcompile.ops import show
from archcompile.report import size

if TYPE_CHECKING:
    from archcompile.report import Scores

STAGE_COLUMNS = ("units", "joins", "output", "parameters", "multiply-adds")


def network_words(graph: LayerGraph, cost: NetworkCost) -> str:
    """`NAME   32x32x3 -> 10   depth 20   hash bc3212f6a067`."""
    ends = ", ".join(show(shape) for shape in graph.output_shapes.values())
    shapes = f"{show(graph.input_shape)} -> {ends}"
    return "   ".join((graph.name, shapes, f"depth {cost.depth}", f"hash {cost.hash[:12]}"))


def cost_columns(cost: NetworkCost) -> tuple[str, ...]:
    """The headings over the figures of a row; that of attention where a network has any."""
    attention = ("attention",) if cost.attention_macs else ()
    return "output", "parameters", "multiply-adds", *attention, "activations", "receptive field"


def cost_cells(row: CostRow, batch: int, cost: NetworkCost) -> tuple[str, ...]:
    """A row's entries under the columns of its network, activations those at this batch."""
    attention = (f"{row.attention_macs:,}",) if cost.attention_macs else ()
    return (
        show(row.shape),
        f"{row.params:,}",
        f"{row.macs:,}",
        *attention,
        size(batch * row.activations) if row.activations else "",
        field_words(row.field),
    )


def stage_rows(graph: LayerGraph) -> list[tuple[str, ...]]:
    """A row for the stem, each stage and the head: its name, and what STAGE_COLUMNS say."""
    rows = []
    for part in parts(graph):
        joins = f"{part.joins} {', '.join(part.rules)}" if part.joins else ""
        rows.append((part.name, *stage_cells(part, joins)))
    return rows


def stage_cells(part: PartCost, joins: str) -> tuple[str, ...]:
    """A part's entries under STAGE_COLUMNS; `joins` are the words for its joins."""
    units = f"{part.units} x {part.block}" if part.units else ""
    sums, shapes = part.totals, ", ".join(map(show, part.ends))
    return units, joins, shapes, f"{sums.params:,}", f"{sums.macs:,}"


def score_cells(scores: "Scores") -> tuple[str, str, str]:
    """Loss, cross-entropy and accuracy."""
    return f"{scores.loss:.4f}", f"{scores.cross_entropy:.4f}", f"{scores.accuracy:.4f}"


def outcome_words(result: Mapping[str, Any]) -> str:
    """What a run came to on its test set."""
    return (
        f"test loss {result['test_loss']:.4f}, test accuracy {result['test_accuracy']:.4f}  "
        f"[{result['dataset']}]"
    )
