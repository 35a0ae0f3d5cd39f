"""Quick fixes that write another word or value in the place of a wrong one."""

import re
from collections.abc import Iterator

from archcompile.editor.answers import Fix, Position, Span, span_in_line
from archcompile.editor.problem import Problem
from archcompile.spec.expressions import is_expression

_QUOTED_NAME = re.compile(r"'([^']*)'")
_NUMBERS = re.compile(r"-?\d+")
_GOT = re.compile(r"^expected .*, got (.*)$")


def write_meant_word(problem: Problem, word: str) -> Iterator[Fix]:
    """`did you mean …`: the word of the mistake, or that name within an expression or a step."""
    wrong = problem.word
    named = _QUOTED_NAME.search(problem.message)
    title = f"write `{word}`"
    if wrong is None or named is None:
        return
    if not wrong.is_key and is_expression(wrong.text):
        edits = problem.replace_within(wrong, named.group(1), word)
        if edits:
            yield Fix(title, edits)
    elif (*wrong.path[:-1], word) not in problem.reading.keys or not wrong.is_key:
        yield Fix(title, problem.edits.replace(wrong.span, word))


def write_fitting_number(problem: Problem, name: str, numbers: str) -> Iterator[Fix]:
    """The nearest values that fit, each as a fix; a row that has kept a default says it anew."""
    word = problem.word
    for number in _NUMBERS.findall(numbers):
        if word and word.is_key and word.text != name:
            edits = problem.edits.set(word.path, name, number)
            yield Fix(f"write `{name}: {number}`", edits)
        else:
            yield from problem.replace_word(number)


def choose_fitting_rule(problem: Problem, rules: str) -> Iterator[Fix]:
    """Another shortcut rule where one was chosen that does not fit."""
    for at in problem.notes_in_file("the rule is chosen here"):
        path = problem.own_path(at)
        span = problem.own_edits.value_span(path) if path is not None else None
        for rule in rules.split(", ") if span else ():
            assert span is not None
            yield Fix(f"choose the rule `{rule}`", problem.own_edits.replace(span, rule))


def correct_claim(problem: Problem) -> Iterator[Fix]:
    """What holds in the place of a claim that does not."""
    actual = _GOT.search(problem.message)
    span = problem.edits.value_span(problem.path) if problem.path is not None else None
    if actual is None or span is None:
        return
    value = actual.group(1)
    value = value if value.startswith("[") else value.replace(",", "")
    yield Fix(f"claim {value}", problem.edits.replace(span, value))


def remove_quotes(problem: Problem) -> Iterator[Fix]:
    if problem.word:
        yield from problem.replace_word(problem.word.text, "remove the quotes")


def write_truth_value(problem: Problem) -> Iterator[Fix]:
    """`true` for yes and on, `false` for no and off."""
    if problem.word:
        is_yes = problem.word.text.lower() in ("yes", "on", "y", "true")
        yield from problem.replace_word("true" if is_yes else "false")


def make_expression(problem: Problem, written: str) -> Iterator[Fix]:
    """What was meant as an expression, as it is written."""
    yield from problem.replace_word(written)


def quote_expression(problem: Problem) -> Iterator[Fix]:
    """Quotes around an expression whose comma would end it within brackets."""
    start = problem.start
    line = problem.reading.lines[start.line - 1]
    depth = 0
    for at in range(start.column - 1, len(line)):
        depth += {"(": 1, ")": -1}.get(line[at], 0)
        if line[at] == ")" and depth == 0:
            text = line[start.column - 1 : at + 1]
            if '"' not in text:
                span = Span(start, Position(start.line, at + 2))
                yield Fix("put it in quotes", problem.edits.replace(span, f'"{text}"'))
            return


# how other languages write it, and the pattern that becomes ours
_OPERATORS = {
    "inside `$(…)` names are written without `$`": (r"(?<!^)\$", ""),
    "equality is `==`": (r"(?<![=!<>])=(?!=)", "=="),
    "write `and`": (r"&&?", "and"),
    "write `or`": (r"\|\|?", "or"),
    "write `not`": (r"!(?!=)|~", "not "),
    "write `true`": (r"\b(?:True|TRUE)\b", "true"),
    "write `false`": (r"\b(?:False|FALSE)\b", "false"),
    "write `turn` for the old value": (r"\bindex\b", "turn"),
    "write `turns` for the old value": (r"\brepeat\b", "turns"),
}


def write_operator(problem: Problem) -> Iterator[Fix]:
    """An operator of another language in the words of ours."""
    word = problem.word
    if word is None or problem.hint not in _OPERATORS:
        return
    pattern, ours = _OPERATORS[problem.hint]
    text = re.sub(pattern, ours, word.text)
    start = word.span.start
    inside = span_in_line(start.line, start.column + word.is_quoted, len(word.text))
    if text != word.text:
        yield Fix(f"write `{text}`", problem.edits.replace(inside, text))


def write_number(problem: Problem, number: str) -> Iterator[Fix]:
    """A number as YAML 1.2 has it."""
    yield from problem.replace_word(number)


def write_path(problem: Problem, path: str) -> Iterator[Fix]:
    """Another file where one was named that is not there."""
    yield from problem.replace_word(path)


def indent_with_spaces(problem: Problem) -> Iterator[Fix]:
    """Two spaces for each tab in front of the line."""
    line = problem.start.line
    text = problem.reading.lines[line - 1]
    blank = text[: len(text) - len(text.lstrip(" \t"))]
    span = span_in_line(line, 1, len(blank))
    edits = problem.edits.replace(span, blank.replace("\t", "  "))
    yield Fix("indent with spaces", edits)
