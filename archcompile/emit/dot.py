"""A figure in Graphviz' language, for those who have it: a cluster for each part."""

from itertools import groupby

from archcompile.emit.figure import Box, Edge, Style, figure
from archcompile.emit.palette import INK, PLAIN, part_colours
from archcompile.errors import visible
from archcompile.graph.ir import LayerGraph


def dot(graph: LayerGraph, style: Style = "full") -> str:
    """The network as a DOT digraph; node ids are node names."""
    fig = figure(graph, style)
    colours = part_colours(fig.parts)
    lines = [
        f"digraph {_quoted(fig.title)} {{",
        f"  graph [rankdir=TB, labelloc=t, fontname=Helvetica, label={_quoted(f'{fig.title}: {fig.subtitle}')}];",
        f'  node [shape=box, style="rounded,filled", fontname=Helvetica, fontsize=10, height=0.3, color="{INK}"];',
        f'  edge [color="{INK}", arrowsize=0.6];',
    ]
    order = {part: place for place, part in enumerate(fig.parts)}
    boxes = sorted(fig.boxes.values(), key=lambda box: order.get(box.part, -1))
    for part, run in groupby(boxes, key=lambda box: box.part):
        fill, line = colours.get(part, PLAIN)
        lines += [f"  subgraph {_quoted('cluster_' + part)} {{",
                  f'    label={_quoted(" ".join([part, fig.parts.get(part, "")]).strip())}; color="{line}";',
                  *(f"    {_box(box, fill)}" for box in run), "  }"]  # fmt: skip
    return "\n".join([*lines, *(f"  {_edge(edge)}" for edge in fig.edges), "}"]) + "\n"


def _box(box: Box, colour: str) -> str:
    fill = colour if box.form == "layer" else "#ffffff"
    shape = ", shape=circle, width=0.25, fixedsize=true" if box.form == "join" else ""
    tip = _quoted(box.tip.replace("\n", ", "))
    return f'{_quoted(box.name)} [label={_quoted(box.label)}, fillcolor="{fill}"{shape}, tooltip={tip}];'


def _edge(edge: Edge) -> str:
    dash = " [style=dashed]" if edge.dashed else ""
    return f"{_quoted(edge.source)} -> {_quoted(edge.target)}{dash};"


def _quoted(text: str) -> str:
    """A DOT string. Backslashes are doubled, so that none escapes a quote or starts one of DOT's own escapes."""
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
