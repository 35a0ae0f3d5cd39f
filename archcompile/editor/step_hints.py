"""Inlay hints: the shape behind a step or a row, and the value behind an expression."""

from collections.abc import Iterator

from archcompile.editor.analysis import Analysis, Compiled
from archcompile.editor.answers import InlayHint, Position
from archcompile.editor.node_words import shape_words
from archcompile.editor.words import Word
from archcompile.editor.worked_values import reasons, values_in_words, worked_values
from archcompile.ops import Shape
from archcompile.spec.expressions import is_expression


def list_hints(analysis: Analysis, first_line: int, last_line: int) -> tuple[InlayHint, ...]:
    """The hints of these lines, the last one included; of several steps on a line the last shape.

    A line that has changed since the text whose graph is shown has none.
    """
    compiled = analysis.newest
    if compiled is None:
        return ()
    hints: list[InlayHint] = []
    for line in sorted(analysis.lines_of_graph):
        if first_line <= line <= last_line:
            words = analysis.reading.words_by_line.get(line, ())
            shapes = [hint for word in words for hint in _shape_hint(analysis, compiled, word)]
            hints += [hint for word in words for hint in _value_hint(analysis, word)]
            hints += shapes[-1:]
    return tuple(sorted(hints, key=lambda hint: hint.position))


def _value_hint(analysis: Analysis, word: Word) -> Iterator[InlayHint]:
    """`= 3` behind `$n`."""
    if word.is_key or not is_expression(word.text):
        return
    values = worked_values(analysis, word)
    if values:
        why = "\n".join(reasons(values[0], word.text)).replace("`", "")
        yield InlayHint(word.span.end, f"= {values_in_words(values)}", why or None)


def _shape_hint(analysis: Analysis, compiled: Compiled, word: Word) -> Iterator[InlayHint]:
    """`→ 16×16×32` behind a step, a stage's row or the input."""
    shapes = list(dict.fromkeys(_shapes(analysis, compiled, word)))
    if not shapes:
        return
    text = f"→ {shape_words(shapes[0])}"
    text += f" … {shape_words(shapes[-1])}" if len(shapes) > 1 else ""
    span = analysis.reading.value_spans.get(word.path, word.span)
    end = max(span.end, word.span.end)
    if end.line == word.span.start.line:
        yield InlayHint(end, text)
    else:
        line = analysis.reading.lines[word.span.start.line - 1]
        yield InlayHint(Position(word.span.start.line, len(line.rstrip()) + 1), text)


def _shapes(analysis: Analysis, compiled: Compiled, word: Word) -> Iterator[Shape]:
    """The shapes behind what a word begins, in order."""
    line = analysis.lines_of_graph[word.span.start.line]
    place = (analysis.shown_file, line, word.span.start.column)
    for node_at_place in compiled.nodes_by_place.get(place, ()):
        if node_at_place.inputs:
            yield node_at_place.shape
    for end in compiled.ends_by_use.get(place, ()):
        yield end.shape
