"""What to do about text that is no YAML.

PyYAML says where it gave up, which is seldom where the mistake is.
"""

import re
from collections.abc import Sequence
from typing import Any

BRACKETS = {"{": "}", "[": "]"}
STUCK = re.compile(r"(?P<start> *(?:- )?)(?P<key>\w+):(?P<value>[^\s:/].*)")  # `depth:20`
SHORT = 30  # characters of a value that a hint repeats


def yaml_hint(error: Any, lines: Sequence[str]) -> str | None:
    """How to mend it, from a `MarkedYAMLError` and the lines of the text."""
    problem, mark, context = error.problem or "", error.problem_mark, error.context_mark
    line = _line(lines, mark.line) if mark else ""
    if "cannot start any token" in problem and line[mark.column :][:1] == "\t":
        return "indent with spaces: YAML allows no tabs there"
    if "mapping values are not allowed" in problem:
        return _of_colon(line[: mark.column])
    if "could not find expected ':'" in problem:
        return "a key ends with `: `, an item of a list begins with `- `"
    opening = _line(lines, context.line)[context.column :][:1] if context else ""
    if opening in BRACKETS and (
        "did not find expected" in problem or problem.startswith("expected ")
    ):
        return (
            f"a comma is missing, or `{BRACKETS[opening]}` for the `{opening}` of line "
            f"{context.line + 1}"
        )
    if "expected '-' indicator" in problem and context and mark.column == context.column:
        return (
            "begin the line with `- ` if it is an item of the list above it; a key behind the "
            "list stands further left"
        )
    if "did not find expected" in problem or "expected <block end>" in problem:
        return _of_indent(line, lines[: mark.line])
    return None


def starts_at_context(error: Any, lines: Sequence[str]) -> bool:
    """Whether the mistake is where what PyYAML was reading began, rather than where it gave up."""
    is_behind = bool(error.problem_mark and not _line(lines, error.problem_mark.line).strip())
    return bool(error.context_mark) and (
        "could not find expected ':'" in (error.problem or "") or is_behind
    )


def missing_space(text: str) -> str | None:
    """How to mend a text that begins with `key:value`, which YAML reads as one word."""
    stuck = STUCK.match(text)
    if stuck is None:
        return None
    value = stuck["value"].partition(" #")[0].rstrip()
    shown = value if len(value) <= SHORT else "…"
    return f"write `{stuck['key']}: {shown}`: a space is missing after the colon"


def find_missing_space(error: Any, lines: Sequence[str]) -> tuple[int, int] | None:
    """The first line and column of `key:value` that made PyYAML give up, in that line or behind.

    Without the space it is text, and goes on in the lines below.
    """
    mark = error.context_mark if starts_at_context(error, lines) else error.problem_mark
    if not mark or "cannot start any token" in (error.problem or ""):
        return None
    number = mark.line
    if not STUCK.match(_line(lines, number)):
        number -= 1
    while number > 0 and STUCK.match(lines[number - 1]):
        number -= 1
    stuck = STUCK.match(_line(lines, number)) if number >= 0 else None
    return (number, len(stuck["start"])) if stuck else None


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""


def _of_colon(before: str) -> str:
    if re.fullmatch(r"\s+(- )?\w+", before):
        return (
            "the indentation is off: this key is indented further than the line above, which "
            "already has a value"
        )
    return "a colon in plain text needs quotes, or the indentation is off"


def _of_indent(line: str, above: Sequence[str]) -> str:
    """For a line that belongs to no open list or map, by the last line above that begins alike."""
    is_item = line.lstrip().startswith("-")
    alike = [text for text in above if text.strip() and text.lstrip().startswith("-") == is_item]
    column = _column(line)
    column_above = _column(alike[-1] if alike else line)
    what = "this `-` stands" if is_item else "this line begins"
    if column == column_above:
        return (
            "the indentation is off: items of a list, and keys of a map, start in the same column"
        )
    return (
        f"the indentation is off: {what} in column {column}, the one above in column {column_above}"
    )


def _column(line: str) -> int:
    """The column in which a line begins, from 1."""
    return len(line) - len(line.lstrip()) + 1
