"""Inlay hints: the shape behind a step or a row, and the value behind an expression."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import InlayHint, Position
from archcompile.editor.line_map import map_lines
from archcompile.ops import Shape


def list_hints(analysis: Analysis, first_line: int, last_line: int) -> tuple[InlayHint, ...]:
    """The hints of these lines, the last one included."""
    if analysis.newest is None:
        return ()
    graph = analysis.newest.graph
    hints = []
    lines = analysis.text.splitlines()
    for line, names in map_lines(analysis).nodes.items():
        if first_line <= line <= last_line:
            shapes = dict.fromkeys(graph.nodes[name].shape for name in names)
            words = shape_words(list(shapes)[-1])
            hints.append(InlayHint(Position(line, len(lines[line - 1]) + 1), f"→ {words}"))
    return tuple(sorted(hints, key=lambda hint: hint.position))


def shape_words(shape: Shape) -> str:
    """`16×16×32`."""
    return "×".join(map(str, shape))
