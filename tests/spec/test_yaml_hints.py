"""Text that is no YAML, or stands at the wrong depth: the place and the mend."""

from dataclasses import dataclass

import pytest

from archcompile.api import compile_text
from archcompile.errors import SpecError
from archcompile.spec.yaml.yaml_hints import starts_at_context, yaml_hint

START = "archc: 1\ninput: [8, 8, 3]\n"
TEXTS = {
    "an item further left": (
        "stem:\n  - relu\n - bn\n",
        "5:2",
        "this `-` stands in column 2, the one above in column 3",
    ),
    "an item further right": (
        "stem:\n- relu: {name: a}\n    - relu\n",
        "5:5",
        "in column 5, the one above in column 1",
    ),
    "a key further right": (
        "stages:\n  s1:\n    block: basic\n     filters: 3\n",
        "6:13",
        "this key is indented further",
    ),
    "no dash": (
        "stem:\n- conv: {filters: 4, kernel: 3}\n  relu\n",
        "5:3",
        "an item of a list begins with `- `",
    ),
    "a key in the column of a list": (
        "stem:\n  - relu\n  blocks:\n    unit: [bn]\n",
        "5:3",
        "begin the line with `- ` if it is an item of the list above it; a key behind the list "
        "stands further left",
    ),
    "no comma": (
        "stem: [conv: {filters: 4 kernel: 3}]\n",
        "3:32",
        "a comma is missing, or `}` for the `{` of line 3",
    ),
    "no bracket": ("stem:\n- conv: {filters: 4\n", "4:9", "`}` for the `{` of line 4"),
    "a tab": ("stem:\n\t- relu\n", "4:1", "indent with spaces"),
    "a colon in text": (
        "about: one: two\nstem: [relu]\n",
        "3:11",
        "a colon in plain text needs quotes",
    ),
    "attributes as deep as the step": (
        "stem:\n  - conv:\n    filters: 4\n",
        "4:5",
        "further than `conv:`",
    ),
    "a row as deep as its stage": (
        "stages:\n  s1:\n  s2: [relu]\n",
        "4:6",
        "indent what belongs to this key",
    ),
    "no space behind a colon, and a key below": (
        "vars:\n  depth:20\n  n: 3\nstem: [relu]\n",
        "4:3",
        "write `depth: 20`: a space is missing after the colon",
    ),
    "no space behind several colons": (
        "vars:\n  depth:20 # so deep\n  n:3\n  m: 4\n",
        "4:3",
        "write `depth: 20`: a space",
    ),
    "no space behind the last colon": (
        "stem:\n- conv:\n    filters: 3\n    kernel:3\n- relu\n",
        "6:5",
        "write `kernel: 3`: a space",
    ),
    "no space where all is text": ("vars:\n  depth:20\n", "4:3", "write `depth: 20`: a space"),
    "no space in braces": ("vars: {depth:20, n: 3}\n", "3:8", "write `depth: 20`: a space"),
    "no space behind an op": (
        "stem:\n- conv:{filters: 3}\n",
        "4:18",
        "write `conv: {filters: 3}`: a space",
    ),
    "no space behind a step": ("stem:\n- dense:3\n", "4:3", "write `dense: 3`: a space"),
    "no space in an attribute": (
        "stem:\n- conv: {filters:3, kernel: 3}\n",
        "4:10",
        "write `filters: 3`: a space",
    ),
    "steps without a dash": ("stem:\n  relu: {}\n", "4:3", "begin each step with `- `"),
}


@pytest.mark.parametrize(("text", "place", "hint"), TEXTS.values(), ids=TEXTS)
def test_a_wrong_indent_and_its_kin(text: str, place: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        compile_text(START + text)
    actual = caught.value.diagnostics[0]
    assert str(actual.location) == f"spec.yaml:{place}" and hint in (actual.hint or "")
    assert actual.location.text


@dataclass
class Mark:
    line: int
    column: int


@dataclass
class Trouble:
    """What PyYAML raises, as far as hints look at it."""

    problem: str | None
    problem_mark: Mark | None = None
    context_mark: Mark | None = None


NO_TOKEN, NO_KEY, NO_END = (
    "found character that cannot start any token",
    "could not find expected ':'",
    "did not find expected ',' or '}'",
)
COMMA = "a comma is missing, or `}` for the `{` of line 1"
ITEMS = "the indentation is off: items of a list, and keys of a map, start in the same column"
HINTS = [  # the lines, what PyYAML says of which place and from which on, and the hint
    (["a:", "\tb"], Trouble(NO_TOKEN, Mark(1, 0)), "indent with spaces: YAML allows no tabs there"),
    (["a:", "@b"], Trouble(NO_TOKEN, Mark(1, 0)), None),
    (["a: @\t"], Trouble(NO_TOKEN, Mark(0, 3)), None),
    ([], Trouble(NO_TOKEN, Mark(0, 0)), None),
    (["a: {b: 1 c: 2}"], Trouble(NO_END, Mark(0, 9), Mark(0, 3)), COMMA),
    (["a: {b: 1"], Trouble(NO_END, Mark(1, 0), Mark(0, 3)), COMMA),
    (
        ["a: [1"],
        Trouble("expected the node content", Mark(1, 0), Mark(0, 3)),
        "a comma is missing, or `]` for the `[` of line 1",
    ),
    (
        ["a: [1"],
        Trouble(NO_KEY, Mark(1, 0), Mark(0, 3)),
        "a key ends with `: `, an item of a list begins with `- `",
    ),
    (["a: [1"], Trouble("something else", Mark(0, 0), Mark(0, 3)), None),
    (["a", "b"], Trouble(None), None),
    (["- a", "- b", "c"], Trouble("expected <block end>", Mark(2, 0), Mark(0, 0)), ITEMS),
    (["  a: 1", " - b"], Trouble("expected <block end>", Mark(1, 1), Mark(0, 2)), ITEMS),
    (
        ["- a", "", "  b", " - c"],
        Trouble("expected <block end>", Mark(3, 1), Mark(0, 0)),
        "the indentation is off: this `-` stands in column 2, the one above in column 1",
    ),
    (
        ["a: 1", "  - x", " b: 2"],
        Trouble("expected <block end>", Mark(2, 1), Mark(0, 0)),
        "the indentation is off: this line begins in column 2, the one above in column 1",
    ),
    (
        ["a: b: c"],
        Trouble("mapping values are not allowed here", Mark(0, 4)),
        "a colon in plain text needs quotes, or the indentation is off",
    ),
    (
        ["x:", "  - a: 1", "    b: 1"],
        Trouble("mapping values are not allowed here", Mark(2, 5)),
        (
            "the indentation is off: this key is indented further than the line above, which "
            "already has a value"
        ),
    ),
]


@pytest.mark.parametrize("case", range(len(HINTS)))
def test_the_hint_for_what_pyyaml_says(case: int) -> None:
    lines, trouble, hint = HINTS[case]
    assert yaml_hint(trouble, lines) == hint


@pytest.mark.parametrize(
    ("lines", "trouble", "begun"),
    [
        (["a", "b"], Trouble(NO_KEY, Mark(1, 0), Mark(0, 0)), True),
        (["a", "b"], Trouble("other", Mark(1, 0), Mark(0, 0)), False),
        (["a", " "], Trouble("other", Mark(1, 0), Mark(0, 0)), True),
        (["a"], Trouble("other", Mark(1, 0), Mark(0, 0)), True),
        (["a", "b"], Trouble(NO_KEY, Mark(1, 0), None), False),
        (["a", "b"], Trouble(None, None, Mark(0, 0)), False),
    ],
)
def test_whether_the_mistake_is_where_the_reading_began(
    lines: list[str], trouble: Trouble, begun: bool
) -> None:
    assert starts_at_context(trouble, lines) is begun
