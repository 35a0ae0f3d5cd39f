"""What may be called what: nothing ends in a line break, and no word of expressions names a
value.
"""

import pytest

from archcompile.api import compile_text
from archcompile.errors import SpecError
from archcompile.spec.expressions.expression import EXPRESSION_WORDS

START = "archc: 1\ninput: [8, 8, 3]\n"
LINES = {
    "variable": 'vars: {"a\\n": 1}\nstem: [relu]',
    "argument": 'blocks: {u: {args: {"a\\n": 1}, body: [relu]}}\nstem: [u]',
    "block": 'blocks: {"u\\n": [relu]}\nstem: [relu]',
    "rule": 'shortcuts: {"u\\n": [add: {with: branch}]}\nstem: [relu]',
    "stage": 'stages: {"s\\n": [relu]}',
    "step": 'stem: [relu: {name: "a\\n"}, relu: {from: "a\\n"}]',
    "branch": 'stem: [add: {branches: {"a\\n": [relu], b: []}}]',
    "output": 'stem: [relu]\noutputs: {"a\\n": stem}',
    "spec": 'name: "a\\n"\nstem: [relu]',
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES)
def test_a_name_that_ends_in_a_line_break(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        compile_text(START + text)
    assert {d.code for d in caught.value.diagnostics} == {"reserved-name"}


@pytest.mark.parametrize(
    "word", ["true", "false", "if", "else", "and", "or", "not", "min", "make_divisible"]
)
def test_words_of_expressions_name_no_value(word: str) -> None:
    assert word in EXPRESSION_WORDS
    for text in (
        f"vars: {{{word}: 1}}\nstem: [relu]",
        f"blocks: {{u: {{args: {{{word}: 1}}, body: [relu]}}}}\nstem: [u]",
    ):
        with pytest.raises(SpecError) as caught:
            compile_text(START + text)
        assert [d.code for d in caught.value.diagnostics] == ["reserved-name"], text
