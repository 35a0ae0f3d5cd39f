"""Which nodes of the graph stem from which line of the open file, for lighting up either."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import NodeLines
from archcompile.graph import Node


def map_lines(analysis: Analysis) -> NodeLines:
    """The nodes of each line, and the lines of each node: its step, then the row that used it."""
    if analysis.newest is None:
        return NodeLines({}, {})
    graph, lines_now = analysis.newest.graph, analysis.graph_lines
    rows = _rows(analysis)
    lines: dict[str, tuple[int, ...]] = {}
    nodes: dict[int, list[str]] = {}
    for node in graph:
        written = dict.fromkeys(
            (*_written_at(node, analysis.shown_file), *rows.get(node.origin.part, ()))
        )
        lines[node.name] = tuple(lines_now[line] for line in written if line in lines_now)
        for line in lines[node.name]:
            nodes.setdefault(line, []).append(node.name)
    return NodeLines({line: tuple(names) for line, names in nodes.items()}, lines)


def _written_at(node: Node, file: str) -> list[int]:
    """The lines of a file that a node stems from, the nearest first."""
    places = (node.origin.location, *reversed(node.origin.rows))
    return [at.line for at in places if at.file == file]


def _rows(analysis: Analysis) -> dict[str, tuple[int, ...]]:
    """The line of each part that stands in the file."""
    if analysis.newest is None:
        return {}
    return {
        part.name: (part.at.line,)
        for part in analysis.newest.spec.parts
        if part.at.file == analysis.shown_file
    }
