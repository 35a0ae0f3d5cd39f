"""What a network costs as plain data: its sums, and every level of its table."""

from dataclasses import asdict, dataclass
from typing import Any

from archcompile.analyses.cost import PartCost, network_cost, parts
from archcompile.analyses.cost_table import CostRow, cost_rows, layer_figures
from archcompile.analyses.memory import Memory
from archcompile.analyses.paths import Lengths, path_lengths
from archcompile.analyses.receptive_fields import Receptive
from archcompile.choices import Precision
from archcompile.graph import LayerGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingMemory:
    """What memory was worked out for, and how much it is."""

    batch: int
    optimizer: str
    precision: Precision
    memory: Memory


def cost_record(graph: LayerGraph, training: TrainingMemory) -> dict[str, Any]:
    """Everything, as `cost --json` prints it. Bytes of rows are those of a batch."""
    figures, batch = layer_figures(graph, training.precision), training.batch
    by_name = {part.name: part for part in parts(graph)}
    return {
        **network_cost(graph).record(),
        "batch": batch,
        "optimizer": training.optimizer,
        "precision": training.precision,
        "memory_bytes": {**asdict(training.memory), "total": training.memory.total},
        "paths": {label: _paths_data(lengths) for label, lengths in path_lengths(graph).items()},
        "layers": [
            {**_row_data(row, batch), "op": row.what} for row in cost_rows(graph, "layer", figures)
        ],
        "blocks": [
            {**_row_data(row, batch), "block": row.what or None, "unit": row.unit}
            for row in cost_rows(graph, "block", figures)
        ],
        "parts": [
            {**_row_data(row, batch), **_part_data(by_name.get(row.name))}
            for row in cost_rows(graph, "stage", figures)
        ],
    }


def _row_data(row: CostRow, batch: int) -> dict[str, Any]:
    return {
        "name": row.name,
        "part": row.part,
        "shape": list(row.shape),
        "params": row.params,
        "trainable": row.trainable,
        "macs": row.macs,
        "attention_macs": row.attention_macs,
        "activation_bytes": batch * row.activations,
        "receptive_field": field_data(row.field),
    }


def _part_data(part: PartCost | None) -> dict[str, Any]:
    """What a stage has beside the figures of its row; nothing for the input."""
    if part is None:
        return {}
    return {
        "block": part.block,
        "units": part.units,
        "joins": part.joins,
        "rules": list(part.rules),
    }


def field_data(field: Receptive) -> dict[str, list[float]]:
    return {
        "smallest": list(field.smallest),
        "largest": list(field.largest),
        "jump": [jump if isinstance(jump, int) else float(jump) for jump in field.jump],
    }


def _paths_data(lengths: Lengths) -> dict[str, Any]:
    return {
        "total": lengths.total,
        "shortest": lengths.shortest,
        "longest": lengths.longest,
        "mean": float(lengths.mean),
        "counts": list(lengths.counts),
    }


def field_words(field: Receptive) -> str:
    """`3 … 15`, or `3x1 … 15x9` where height and width differ."""
    is_square = all(height == width for height, width in (field.smallest, field.largest))
    words = [str(s[0]) if is_square else f"{s[0]}x{s[1]}" for s in (field.smallest, field.largest)]
    return words[0] if words[0] == words[1] else " … ".join(words)
