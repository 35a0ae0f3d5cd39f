"""The outline of a file."""

from archcompile.editor.analysis import Analysis
from archcompile.editor.answers import Span, Symbol
from archcompile.editor.names import of_word
from archcompile.editor.words import Path, Word

DEPTH = 3  # of keys; what is deeper belongs to steps and rows
_KINDS = {"variable": "variable", "block": "class", "rule": "class", "part": "module"}


def outline(analysis: Analysis) -> tuple[Symbol, ...]:
    """The keys of a file, its variables, definitions and stages, and named steps."""
    return _symbols(analysis, ())


def _symbols(analysis: Analysis, path: Path) -> tuple[Symbol, ...]:
    reading = analysis.reading
    keys = (reading.keys.get((*path, name)) for name in reading.children.get(path, ()))
    return tuple(_symbol(analysis, word) for word in keys if word)


def _symbol(analysis: Analysis, word: Word) -> Symbol:
    reading, path = analysis.reading, word.path
    value = reading.value_spans.get(path)
    span = Span(word.span.start, max(word.span.end, value.end if value else word.span.end))
    meanings = [each.meaning.kind for each in of_word(word, analysis.surroundings)]
    kind = _KINDS.get(meanings[0], "key") if meanings else "key"
    children = _symbols(analysis, path) if len(path) < DEPTH and _is_listed(path) else ()
    block = reading.text_at(*path, "block") if path[0] == "stages" else None
    return Symbol(
        name=word.text,
        detail=block or reading.text_at(*path) or "",
        kind=kind,
        span=span,
        selection=word.span,
        children=children,
    )


def _is_listed(path: Path) -> bool:
    """Whether the keys below are names, or those of a definition."""
    if len(path) == 1:
        return path[0] in ("vars", "stages", "blocks", "shortcuts", "outputs", "expect", "defaults")
    return len(path) == 2 and path[0] in ("blocks", "shortcuts")
