"""A figure as a Mermaid flow chart, within what Mermaid takes; GitHub shows it in Markdown."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from archcompile.choices import Level
from archcompile.drawing.figure import LEVELS, Box, Edge, Figure, Frame, figure
from archcompile.drawing.formats.palette import PLAIN, box_colours, part_colours
from archcompile.errors import UsageError, visible
from archcompile.graph import LayerGraph

MOST_LINKS, MOST_CHARACTERS = 500, 50_000  # Mermaid's defaults of maxEdges and maxTextSize


def mermaid(
    graph: LayerGraph, level: Level = "block", shown: Sequence[str] = ()
) -> tuple[str, Level]:
    """The flow chart and its level: the one asked for, or a coarser one if Mermaid needs it.

    Raises UsageError where the stages are too many as well.
    """
    for tried in LEVELS[LEVELS.index(level) :]:
        fig = figure(graph, tried, shown=shown)
        chart = flow_chart(fig)
        if _links(fig) <= MOST_LINKS and len(chart) <= MOST_CHARACTERS:
            return chart, tried
    raise UsageError(
        "this network has too many parts for Mermaid", hint="write .svg or .dot instead"
    )


def _links(fig: Figure) -> int:
    return len(fig.edges) + sum(len(box.loops) for box in fig.boxes.values())


def flow_chart(fig: Figure) -> str:
    """The chart of any figure: a subgraph for each part and frame, dotted lines for dashed ones."""
    ids = {name: f"b{number}" for number, name in enumerate(fig.boxes)}
    frame_of = {name: frame for frame in fig.frames for name in frame.boxes}
    colours = part_colours(fig, box_colours(fig))
    lines = [
        "---",
        f"title: {_yaml(fig.title)}",
        "---",
        "flowchart TD",
        f"  %% {visible(fig.subtitle)}",
    ]
    order = {part: place for place, part in enumerate(fig.parts)}
    boxes = sorted(fig.boxes.values(), key=lambda box: order.get(box.part, -1))
    for number, (part, run) in enumerate(groupby(boxes, key=lambda box: box.part)):
        inside = list(_lines_in_frames(run, frame_of, ids, part=number))
        if part in fig.parts:
            fill, line = colours.get(part, PLAIN)
            inside = [
                f"  subgraph p{number}[{_quote(f'{part}   {fig.parts[part]}')}]",
                *(f"  {line}" for line in inside),
                "  end",
                f"  style p{number} fill:{fill},stroke:{line}",
            ]
        lines += inside
    links = (_link(edge, ids) for edge in fig.edges)
    loops = (
        _loop(ids[box.name], loop.words, loop.is_dashed) for box in boxes for loop in box.loops
    )
    return "\n".join([*lines, *links, *loops]) + "\n"


def _lines_in_frames(
    boxes: Iterable[Box], frame_of: dict[str, Frame], ids: dict[str, str], *, part: int
) -> Iterable[str]:
    """The boxes of a part, those of a frame in a subgraph of their own."""
    for number, (frame, run) in enumerate(groupby(boxes, key=lambda box: frame_of.get(box.name))):
        lines = [f"  {_box(box, ids[box.name])}" for box in run]
        if frame is not None:
            lines = [
                f"  subgraph p{part}f{number}[{_quote(frame.caption)}]",
                *(f"  {line}" for line in lines),
                "  end",
            ]
        yield from lines


def _box(box: Box, identity: str) -> str:
    words = "<br/>".join(_escape(line.words) for line in box.lines)
    return f'{identity}(("{words}"))' if box.form == "join" else f'{identity}["{words}"]'


def _link(edge: Edge, ids: dict[str, str]) -> str:
    return f"  {ids[edge.source]} {'-.->' if edge.is_dashed else '-->'} {ids[edge.target]}"


def _loop(identity: str, words: str, dashed: bool) -> str:
    return f"  {identity} {'-.->' if dashed else '-->'}|{_quote(words)}| {identity}"


def _quote(text: str) -> str:
    return f'"{_escape(text)}"'


def _escape(text: str) -> str:
    """The inside of a Mermaid string: anything that could end it or be markup as character codes.

    A `+` alone would be a list.
    """
    return "".join(c if c.isalnum() or c in " .,:-/_()" else f"#{ord(c)};" for c in visible(text))


def _yaml(text: str) -> str:
    return "'" + visible(text).replace("'", "''") + "'"
