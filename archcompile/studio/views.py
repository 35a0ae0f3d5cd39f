"""What the page shows of a network: a drawing with its lines, figures, tables, a difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archcompile.analyses import diff, field_words, last_map, network_cost, receptive
from archcompile.analyses import training_memory as memory_of
from archcompile.api import LayerGraph
from archcompile.choices import Level
from archcompile.drawing.formats import draw, lay_out
from archcompile.interface import Cost, NetworkDifference, cost
from archcompile.limits import MAX_DRAWN_LAYERS
from archcompile.ops import show
from archcompile.report import size


@dataclass(frozen=True, kw_only=True)
class DrawingView:
    """An SVG document, and the line of the open file that each of its boxes stems from."""

    svg: str
    level: Level
    lines: Mapping[str, tuple[int, ...]]

    def as_data(self) -> dict[str, Any]:
        return {
            "svg": self.svg,
            "level": self.level,
            "lines": {name: list(at) for name, at in self.lines.items()},
        }


def draw_view(
    graph: LayerGraph, level: Level | None, node_lines: Mapping[str, tuple[int, ...]]
) -> DrawingView:
    """A network at a level; without one, the most detailed that can be read on a page."""
    if level == "layer" and len(graph) > MAX_DRAWN_LAYERS:
        level = "block"
    placed = lay_out(graph, level, "paper")
    lines = {}
    for name, box in placed.figure.boxes.items():
        places = [line for node in box.nodes for line in node_lines.get(node, ())]
        lines[name] = tuple(dict.fromkeys(places))
    return DrawingView(svg=draw(placed), level=placed.figure.level, lines=lines)


def figures(graph: LayerGraph, batch: int) -> tuple[tuple[str, str], ...]:
    """The network at a glance: each figure with what it is called."""
    sums = network_cost(graph)
    ends = ", ".join(show(shape) for shape in graph.output_shapes.values())
    entries = [
        ("shapes", f"{show(graph.input_shape)} \N{RIGHTWARDS ARROW} {ends}"),
        ("depth", f"{sums.depth:,}"),
        ("parameters", f"{sums.params:,}"),
        ("multiply-adds", f"{sums.macs:,}"),
        ("receptive field", field_view(graph)),
        ("training memory", memory_words(graph, batch)),
        ("hash", sums.hash[:12]),
    ]
    return tuple((name, words) for name, words in entries if words)


def field_view(graph: LayerGraph) -> str:
    """What a pixel of the last map sees; nothing where there is no map."""
    return field_words(receptive(graph)[last_map(graph).name])


def memory_words(graph: LayerGraph, batch: int) -> str:
    return f"{size(memory_of(graph, batch, 'adam', precision='float32').total)} at batch {batch:,}"


def cost_view(graph: LayerGraph, level: Level, batch: int) -> Cost:
    """The costs of a network, whose table is shown."""
    return cost(graph, level=level, batch=batch)


def difference_view(before: LayerGraph, after: LayerGraph, batch: int) -> NetworkDifference:
    return NetworkDifference(diff(before, after), batch)
