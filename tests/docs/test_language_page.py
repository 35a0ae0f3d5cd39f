"""The language stays one sitting, and its two pages together name every word of it."""

import re

import pytest

from archcompile.spec.expressions import (
    EXPRESSION_WORDS,
    RULE_FACTS,
    SHAPE_FACTS,
    TURN_FACTS,
    UNIT_FACTS,
)
from archcompile.spec.language import ROW_KEYS
from archcompile.spec.language.file_forms import SpecFile
from archcompile.spec.loading.vocabulary import (
    ANY_STEP,
    BLOCK_KEYS,
    OP_ONLY,
    PLACE_KEYS,
    POINTS,
    TYPES,
)
from tests.conftest import ROOT

PAGE, DETAILS = (
    (ROOT / "docs" / name).read_text() for name in ("language.md", "language-details.md")
)
MOST_WORDS = 3400  # as `wc -w` counts them
LINES_OF_A_U_NET = 25
FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)


def test_the_page_is_one_sitting() -> None:
    assert len(PAGE.split()) <= MOST_WORDS, "move what is looked up to docs/language-details.md"


def test_a_u_net_is_short() -> None:
    (example,) = (text for text in FENCE.findall(PAGE) if "U-Net" in text)
    assert len(example.splitlines()) <= LINES_OF_A_U_NET


@pytest.mark.parametrize("page", [PAGE, DETAILS], ids=["language", "details"])
def test_both_pages_have_the_same_sections(page: str) -> None:
    """The code and the tests name sections by number, whichever page has what they mean."""
    assert re.findall(r"^## (\d+)\. ", page, re.M) == [str(number) for number in range(1, 13)]


WORDS = {
    "a key of a spec": SpecFile.model_fields,
    "a key of a block": BLOCK_KEYS,
    "a modifier": (*ANY_STEP, *OP_ONLY),
    "a key of a row": (*ROW_KEYS, *PLACE_KEYS, "block"),
    "a point": POINTS,
    "a type": TYPES,
    "a fact": (*SHAPE_FACTS, *UNIT_FACTS, *TURN_FACTS, *RULE_FACTS),
    "a word of expressions": EXPRESSION_WORDS,
    "a step": ("split", "shortcut"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_every_word_is_told(kind: str) -> None:
    """As code: in a sentence or a table, or in an example."""
    prose = [FENCE.sub("", page) for page in (PAGE, DETAILS)]
    code = [span for page in prose for span in re.findall(r"`([^`]+)`", page)]
    words = set(re.findall(r"[a-z_]+", " ".join(code)))
    assert [word for word in WORDS[kind] if word not in words] == []
