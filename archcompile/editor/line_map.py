"""Which nodes of the graph stem from which line of the open file, for lighting up either."""

from archcompile.editor.analysis import Analysis, Compiled
from archcompile.editor.answers import NodeLines
from archcompile.graph import Node


def map_lines(analysis: Analysis) -> NodeLines:
    """The nodes of each line, and the lines of each node: its step, then the row that used it.

    A node that comes from other files alone has the line that brings these in: `extends`, or an
    entry of `uses`.
    """
    if analysis.newest is None:
        return NodeLines({}, {})
    parts = _lines_of_parts(analysis, analysis.newest)
    ways_in: dict[str, list[int]] = {}
    lines: dict[str, tuple[int, ...]] = {}
    nodes: dict[int, list[str]] = {}
    for node in analysis.newest.graph:
        written = _written_at(node, analysis.shown_file) + parts.get(node.origin.part, [])
        if not written:
            file = _outermost_file(node)
            if file not in ways_in:
                ways_in[file] = _brought_in_at(analysis, file)
            written = ways_in[file]
        kept = [analysis.graph_lines[line] for line in written if line in analysis.graph_lines]
        lines[node.name] = tuple(dict.fromkeys(kept))
        for line in lines[node.name]:
            nodes.setdefault(line, []).append(node.name)
    return NodeLines({line: tuple(names) for line, names in nodes.items()}, lines)


def _written_at(node: Node, file: str) -> list[int]:
    """The lines of a file that a node stems from, the nearest first."""
    places = (node.origin.location, *reversed(node.origin.rows))
    return [at.line for at in places if at.file == file]


def _lines_of_parts(analysis: Analysis, compiled: Compiled) -> dict[str, list[int]]:
    """The line of each part that stands in the file."""
    parts = compiled.spec.parts
    return {part.name: [part.at.line] for part in parts if part.at.file == analysis.shown_file}


def _outermost_file(node: Node) -> str:
    outermost = node.origin.rows[0] if node.origin.rows else node.origin.location
    return outermost.file


def _brought_in_at(analysis: Analysis, file: str) -> list[int]:
    """The line, in the text of the graph, of the entry by which another file came in."""
    way_in = analysis.surroundings.way_in(analysis.locate(file))
    word = analysis.reading.values.get(way_in) if way_in else None
    line = analysis.lines_of_graph.get(word.span.start.line) if word else None
    return [line] if line else []
