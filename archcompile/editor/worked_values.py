"""The values of expressions where they stand, and what they were worked out from."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archcompile.editor.analysis import Analysis, Compiled
from archcompile.editor.words import Word
from archcompile.spec.check import Sources
from archcompile.spec.expansion import Written
from archcompile.spec.expressions import Env, ExpressionError, is_expression, parse, value_words
from archcompile.spec.yaml import flow, plain

SHOWN = 3  # values of an expression that differ from unit to unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A value, the first part that had it, and what the names of the expression stood for."""

    value: Any
    part: str
    env: Env
    sources: Sources


def worked_values(analysis: Analysis, word: Word) -> tuple[Worked, ...]:
    """The different values of an expression of the file, in order; none where none is known."""
    compiled = analysis.newest
    line = analysis.lines_of_graph.get(word.span.start.line)
    if compiled is None or line is None or not is_expression(word.text):
        return ()
    different: dict[Any, Worked] = {}
    place = (analysis.shown_file, line, word.span.start.column)
    for part, _, written in compiled.uses_by_place.get(place, ()):
        for worked in _work_out(word.text, written, part):
            different.setdefault(str(worked.value), worked)
    return tuple(different.values()) or tuple(_of_variables(compiled, word))


def _work_out(expression: str, written: Written, part: str) -> Iterator[Worked]:
    try:
        value = parse(expression)(written.env)
    except ExpressionError:
        return
    yield Worked(value=value, part=part, env=written.env, sources=written.sources)


def _of_variables(compiled: Compiled, word: Word) -> Iterator[Worked]:
    """The value of an expression outside steps and rows, which sees variables alone."""
    if word.path[:1] in (("blocks",), ("shortcuts",)):
        return
    variables = compiled.expanded.variables
    try:
        value = parse(word.text)(variables)
    except ExpressionError:
        return
    yield Worked(value=value, part="", env=variables, sources={})


def values_in_words(values: tuple[Worked, ...]) -> str:
    """`16`, or `16, 32, 64` where it differs from place to place, `…` for further ones."""
    words = [value_words(worked.value) for worked in values[:SHOWN]]
    return ", ".join(words) + (", …" if len(values) > SHOWN else "")


def reasons(worked: Worked, expression: str) -> Iterator[str]:
    """What each name of an expression stood for, and where that was given."""
    for name in sorted(parse(expression).names, key=expression.find):
        if name in worked.env:
            source = worked.sources.get(name)
            line = f"`{name}` = {value_words(worked.env[name])}"
            if source:
                at = source.tree.at
                given = "the default" if source.is_default else f"`{flow(plain(source.tree))}`"
                line += f": {given}, {Path(at.file).name}:{at.line}"
            yield line
