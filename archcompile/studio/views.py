"""What the page shows of a network: a drawing with its lines, figures, tables, a difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archcompile.analyses import diff, field_words, last_map, network_cost, receptive
from archcompile.analyses import training_memory as memory_of
from archcompile.api import LayerGraph
from archcompile.choices import Level
from archcompile.drawing.formats import draw, lay_out
from archcompile.graph import ir
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


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of the network; `change` says by how much it differs from the saved text's."""

    name: str
    words: str
    change: str = ""


def figures(graph: LayerGraph, batch: int, saved: ir.LayerGraph | None) -> tuple[Figure, ...]:
    """The network at a glance, beside that of the saved text where there is one."""
    sums = network_cost(graph)
    before = network_cost(saved) if saved else sums
    ends = ", ".join(show(shape) for shape in graph.output_shapes.values())
    counts = {
        "depth": (sums.depth, before.depth),
        "parameters": (sums.params, before.params),
        "multiply-adds": (sums.macs, before.macs),
    }
    return (
        Figure(name="shapes", words=f"{show(graph.input_shape)} \N{RIGHTWARDS ARROW} {ends}"),
        *(
            Figure(name=name, words=f"{now:,}", change=f"{now - then:+,}" if now != then else "")
            for name, (now, then) in counts.items()
        ),
        Figure(name="receptive field", words=field_view(graph)),
        Figure(name="training memory", words=memory_words(graph, batch)),
        Figure(name="hash", words=sums.hash[:12]),
    )


def field_view(graph: LayerGraph) -> str:
    """What a pixel of the last map sees; nothing where there is no map."""
    return field_words(receptive(graph)[last_map(graph).name])


def memory_words(graph: LayerGraph, batch: int) -> str:
    return f"{size(memory_of(graph, batch, 'adam', precision='float32').total)} at batch {batch:,}"


def cost_view(graph: LayerGraph, level: Level, batch: int) -> Cost:
    """The costs of a network, whose table is shown."""
    return cost(graph, level=level, batch=batch)


def difference_view(before: ir.LayerGraph, after: LayerGraph, batch: int) -> NetworkDifference:
    return NetworkDifference(diff(before, after), batch)
