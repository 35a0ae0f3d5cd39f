"""Quick fixes: from every hint that names a change, the change.

A hint is a sentence for people; the table says which sentences lead to which change, and a test
applies each of them to a planted mistake.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from archcompile.editor import tree_fixes, word_fixes
from archcompile.editor.answers import Fix, Span
from archcompile.editor.problem import Problem
from archcompile.errors import Diagnostic

if TYPE_CHECKING:
    from archcompile.editor.analysis import Analysis

MakeFixes = Callable[..., Iterator[Fix]]  # takes the problem and the groups of the pattern

# By a pattern of the hint; all that match are offered.
BY_HINT: tuple[tuple[str, MakeFixes], ...] = (
    (r"did you mean `([^`]+)`\?", word_fixes.write_meant_word),
    (r"the nearest values? of `(\w+)` that fits?: (.+)", word_fixes.write_fitting_number),
    (r"rules that would join them: (.+)", word_fixes.choose_fitting_rule),
    (r"`uses: \[([^\]]+)\]` brings it in", tree_fixes.bring_in),
    (r"pass it on: ", tree_fixes.hand_over),
    (r"^remove the quotes", word_fixes.remove_quotes),
    (r"^write ([\d.]+): YAML 1\.2", word_fixes.write_number),
    (r"^write `true` or `false`", word_fixes.write_truth_value),
    (r"^an expression begins with `\$`: write `(.+)`$", word_fixes.make_expression),
    (r"an expression with a comma needs quotes", word_fixes.quote_expression),
    (r"^for the file beside this one write (\S+)$", word_fixes.write_path),
    (r"^`([^`]+)` is the shipped one", word_fixes.write_path),
    (r"^write `archc: 1`", tree_fixes.write_version),
    (r"^for instance `(input): (\[[^`]+\])`", tree_fixes.add_top_key),
    (r"^add `shortcut: RULE` to the spec or the stage: (.+)", tree_fixes.choose_rule),
    (r"^add `\w+: …`", tree_fixes.give_variable),
    (r"^write `bias: false`, for all of them `defaults: \{(\w+):", tree_fixes.set_bias),
    (r"^write `(activation): (softmax)`", tree_fixes.set_attribute),
    (r"`first: \{stride: 2\}` strides in the first", tree_fixes.stride_in_first),
    (r"^put `(\w+)` or `\w+` before it", tree_fixes.put_in_front),
    (r"^put `\w+` or `(\w+)` before it", tree_fixes.put_in_front),
    (r"^start the head with `(bn)` and `(relu)`", tree_fixes.put_in_front),
    (r"^blocks do not see variables: ", tree_fixes.pass_variable),
    (r"`allow: \[([a-z-]+)\]`", tree_fixes.allow_code),
    (r"^indent with spaces", word_fixes.indent_with_spaces),
    (
        r"^remove (?:it|this|them)\b|^remove (?:one of them|or rename one of them)$",
        tree_fixes.remove_it,
    ),
    (r"^use it, or remove it|, or remove it$|; remove it if it was meant", tree_fixes.remove_it),
)


def fixes_for(analysis: "Analysis", diagnostic: Diagnostic, span: Span) -> tuple[Fix, ...]:
    """The changes that mend a mistake which the file shows at `span`."""
    problem = Problem(analysis, diagnostic, span)
    fixes = list(_by_hint(problem))
    if problem.is_editable:
        fixes += word_fixes.write_operator(problem)
    if diagnostic.code.startswith("expect-"):
        fixes += word_fixes.correct_claim(problem)
    if diagnostic.severity != "error":
        fixes += tree_fixes.allow_code(problem)
    return tuple({fix.title: fix for fix in reversed(fixes) if fix.edits}.values())[::-1]


def _by_hint(problem: Problem) -> Iterator[Fix]:
    for pattern, make in BY_HINT:
        match = re.search(pattern, problem.hint)
        needs_own = (
            make.__module__.endswith("word_fixes") and make is not word_fixes.choose_fitting_rule
        )
        if match and (problem.is_editable or not needs_own):
            yield from partial(make, problem)(*match.groups())
