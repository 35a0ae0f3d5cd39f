"""The words that the language itself has are explained wherever they may stand."""

from pathlib import Path

import pytest

from archcompile.editor import describe
from archcompile.editor.language_words import POINT_WORDS, STEP_WORDS
from archcompile.spec.loading.vocabulary import BLOCK_KEYS
from tests.editor.editing import analyse, with_cursor

SPEC = """\
archc: 1
uses: [blocks/residual.yaml]
input: [32, 32, 3]
stem:
  - conv: {filters: 16, kernel: 3}
  - split: {parts: [left, right]}
  - add: {branches: {a: [relu: {from: block_input}], b: [bn: {from: input}]}}
blocks:
  join:
    about: Two maps
    label: join
    inputs: [deep, skip]
    args: {filters: int}
    allow: [unused-point]
    body:
      - conv: {filters: $skip_channels, kernel: 1}
      - add: {with: [skip]}
      - shortcut
shortcuts:
  beside:
    changes_shape: true
    body: [concat: {with: branch}]
stages:
  s1: {block: basic, filters: 16}
  j1: {block: join, with: previous, filters: 3}
shortcut: projection
head: [join: {with: s1, filters: 2}]
"""
# where the word stands, if it is not the first of its kind
PLACES = {
    "input": "from: @input",
    "block_input": "from: @block_input",
    "branch": "with: @branch",
    "split": "- @split",
    "shortcut": "- @shortcut",
    "about": "@about: Two",
    "label": "@label:",
    "allow": "@allow:",
    "args": "@args:",
    "body": "@body:",
    "inputs": "@inputs:",
}


@pytest.mark.parametrize("word", [*POINT_WORDS, *STEP_WORDS, *BLOCK_KEYS, "parts", "with"])
def test_a_word_is_explained(word: str, tmp_path: Path) -> None:
    marked = PLACES.get(word, f"@{word}")
    text, at = with_cursor(SPEC.replace(marked.replace("@", ""), marked, 1))
    hover = describe(analyse(text, tmp_path / "spec.yaml"), at)
    assert hover is not None
    line = text.split("\n")[hover.span.start.line - 1]
    assert line[hover.span.start.column - 1 : hover.span.end.column - 1] == word
    words = {**POINT_WORDS, **STEP_WORDS}.get(word, "")
    assert hover.markdown.startswith(f"**{word}**: {words}") and len(hover.markdown) > 25


def test_a_block_says_what_it_takes(tmp_path: Path) -> None:
    text, at = with_cursor(SPEC.replace("block: join", "block: @join"))
    hover = describe(analyse(text, tmp_path / "spec.yaml"), at)
    assert hover and "inputs: `deep`, `skip`" in hover.markdown
