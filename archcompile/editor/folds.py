"""Which lines of a file may be folded."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Fold


def list_folds(analysis: Analysis) -> tuple[Fold, ...]:
    """Every key whose value goes on in further lines, and every run of comments."""
    folds = set()
    for path, word in analysis.reading.keys.items():
        value = analysis.reading.value_spans.get(path)
        if value and value.end.line > word.span.start.line:
            folds.add((word.span.start.line, value.end.line))
    first = 0
    for line, text in enumerate((*analysis.reading.lines, ""), 1):
        is_comment = text.lstrip().startswith("#")
        if first and not is_comment and line - first > 1:
            folds.add((first, line - 1))
        first = (first or line) if is_comment else 0
    return tuple(Fold(*lines) for lines in sorted(folds))
