"""A figure in Graphviz' language, for those who have it: a cluster for each part and each frame."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from archcompile.choices import Level
from archcompile.drawing.figure import Box, Edge, Figure, Frame, Loop, Style, figure
from archcompile.drawing.formats.palette import INK, PLAIN, Colours, box_colours, part_colours
from archcompile.errors import visible
from archcompile.graph import LayerGraph


def dot(
    graph: LayerGraph, level: Level = "layer", style: Style = "full", *, shown: Sequence[str] = ()
) -> str:
    """The network as a DOT digraph; node ids are names of nodes, at the level `stage` of parts."""
    fig = figure(graph, level, style, shown=shown)
    lines = [
        f"digraph {_quote(fig.title)} {{",
        *_looks(fig),
        *_clusters(fig),
        *(f"  {_edge(edge)}" for edge in fig.edges),
        *(f"  {_loop(box, loop)}" for box in _boxes_by_part(fig) for loop in box.loops),
        "}",
    ]
    return "\n".join(lines) + "\n"


INK_IN_FULL = "#" + "".join(2 * digit for digit in INK[1:])  # Graphviz knows no `#333`


def _looks(fig: Figure) -> list[str]:
    """The title, and how boxes and edges look."""
    return [
        "  graph [rankdir=TB, labelloc=t, fontname=Helvetica, "
        f"label={_quote(f'{fig.title}: {fig.subtitle}')}];",
        '  node [shape=box, style="rounded,filled", fontname=Helvetica, fontsize=10, '
        f'height=0.3, color="{INK_IN_FULL}"];',
        f'  edge [color="{INK_IN_FULL}", arrowsize=0.6, fontname=Helvetica, fontsize=9];',
    ]


def _boxes_by_part(fig: Figure) -> list[Box]:
    order = {part: place for place, part in enumerate(fig.parts)}
    return sorted(fig.boxes.values(), key=lambda box: order.get(box.part, -1))


def _clusters(fig: Figure) -> Iterable[str]:
    """A cluster for each part."""
    inside = box_colours(fig)
    colours = part_colours(fig, inside)
    frame_of = {name: frame for frame in fig.frames for name in frame.boxes}
    for part, run in groupby(_boxes_by_part(fig), key=lambda box: box.part):
        _, line = colours.get(part, PLAIN)
        yield from (
            f"  subgraph {_quote('cluster_' + part)} {{",
            f"    label={_quote(' '.join([part, fig.parts.get(part, '')]).strip())}; "
            f'color="{line}";',
            *_lines_in_frames(run, frame_of, inside, line=line),
            "  }",
        )


def _lines_in_frames(
    boxes: Iterable[Box], frame_of: dict[str, Frame], fills: Mapping[str, Colours], *, line: str
) -> Iterable[str]:
    """The boxes of a part, those of a frame in a cluster of their own."""
    for frame, run in groupby(boxes, key=lambda box: frame_of.get(box.name)):
        lines = [f"    {_box(box, fills[box.name][0])}" for box in run]
        if frame is not None:
            opening = f"    subgraph {_quote('cluster_repeated_' + frame.boxes[0])} {{"
            lines = [
                opening,
                f'      label={_quote(frame.caption)}; color="{line}"; style="rounded,dashed";',
                *(f"  {line}" for line in lines),
                "    }",
            ]
        yield from lines


def _box(box: Box, colour: str) -> str:
    fill = colour if box.form in ("layer", "block", "part") else "#ffffff"
    shape = ", shape=circle, width=0.25, fixedsize=true" if box.form == "join" else ""
    label = '"' + "\\n".join(_escape(line.words) for line in box.lines) + '"'
    tip = _quote(box.tip.replace("\n", ", "))
    return f'{_quote(box.name)} [label={label}, fillcolor="{fill}"{shape}, tooltip={tip}];'


def _edge(edge: Edge) -> str:
    dash = " [style=dashed]" if edge.is_dashed else ""
    return f"{_quote(edge.source)} -> {_quote(edge.target)}{dash};"


def _loop(box: Box, loop: Loop) -> str:
    dash = ", style=dashed" if loop.is_dashed else ""
    name = _quote(box.name)
    return f"{name} -> {name} [label={_quote(loop.words)}{dash}];"


def _quote(text: str) -> str:
    return f'"{_escape(text)}"'


def _escape(text: str) -> str:
    """The inside of a DOT string: backslashes are doubled, so that DOT reads no escapes."""
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')
