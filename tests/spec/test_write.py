"""Trees as YAML: what stands on one line, what on several, what is quoted, and what a resolved
spec holds.
"""

from typing import Any

import pytest

from archcompile.spec.language.self_contained import resolved_text
from archcompile.spec.loading.load_spec import from_text
from archcompile.spec.yaml import strict_yaml
from archcompile.spec.yaml.tree import plain
from archcompile.spec.yaml.write import WIDTH, dump, flow


def text_of(length: int) -> str:
    return "x" * length


LAID_OUT: list[tuple[dict[str, Any], str]] = [
    ({"a": 1, "b": None, "c": [1, 2.5, True]}, "a: 1\nb: null\nc: [1, 2.5, true]\n"),
    # steps: a line each
    ({"stem": ["relu", {"conv": {"filters": 4}}]}, "stem:\n  - relu\n  - conv: {filters: 4}\n"),
    ({"a": [], "b": {}}, "a: []\nb: {}\n"),
    (
        {"stages": {"s1": {"block": "b"}, "s2": {"block": "b"}}},
        "stages:\n  s1: {block: b}\n  s2: {block: b}\n",
    ),
    ({"stages": {"s1": {"block": "b"}}}, "stages: {s1: {block: b}}\n"),
    ({"vars": {"a": 1, "b": {"c": 1}}}, "vars: {a: 1, b: {c: 1}}\n"),
    # only at the top a map of maps
    (
        {"a": {"x": {"c": {"d": {"e": 1}, "f": {"g": 1}}}, "y": {"z": 1}}},
        "a:\n  x: {c: {d: {e: 1}, f: {g: 1}}}\n  y: {z: 1}\n",
    ),
    # what holds steps
    ({"a": {"b": {"c": [{"d": 1}], "e": []}}}, "a:\n  b:\n    c:\n      - d: 1\n    e: []\n"),
    ({"a": [{"b": 1, "c": 2}, [{"d": 1}], {}]}, "a:\n  - {b: 1, c: 2}\n  - [{d: 1}]\n  - {}\n"),
    ({"k": text_of(WIDTH)}, f"k: {text_of(WIDTH)}\n"),  # nothing to break
    ({"k": [text_of(WIDTH - 5)]}, f"k: [{text_of(WIDTH - 5)}]\n"),
    ({"k": [text_of(WIDTH - 4)]}, f"k:\n  - {text_of(WIDTH - 4)}\n"),
    ({"k": {"a": text_of(WIDTH - 8)}}, f"k: {{a: {text_of(WIDTH - 8)}}}\n"),
    ({"k": {"a": text_of(WIDTH - 7)}}, f"k:\n  a: {text_of(WIDTH - 7)}\n"),
    ({"k": {"a": [text_of(WIDTH - 7)], "b": 1}}, f"k:\n  a: [{text_of(WIDTH - 7)}]\n  b: 1\n"),
    ({"k": {"a": [text_of(WIDTH - 6)], "b": 1}}, f"k:\n  a:\n    - {text_of(WIDTH - 6)}\n  b: 1\n"),
    ({"k": [{"op": {"a": text_of(WIDTH - 13)}}]}, f"k:\n  - op: {{a: {text_of(WIDTH - 13)}}}\n"),
    ({"k": [{"op": {"a": text_of(WIDTH - 12)}}]}, f"k:\n  - op:\n      a: {text_of(WIDTH - 12)}\n"),
    ({"k": [{"op": [text_of(WIDTH)]}]}, f"k:\n  - op:\n      - {text_of(WIDTH)}\n"),
]


@pytest.mark.parametrize("case", range(len(LAID_OUT)))
def test_lines(case: int) -> None:
    values, text = LAID_OUT[case]
    assert dump(values) == text
    assert plain(strict_yaml.parse(f"archc: 1\n{text}", "")) == {"archc": 1, **values}


def test_lines_are_as_wide_as_said() -> None:
    assert WIDTH == 110


SCALARS = {  # values -> as they are written
    "relu": "relu",
    "$width": "$width",
    "$(2 * n)": "$(2 * n)",
    "blocks/se.yaml": "blocks/se.yaml",
    "two words": "two words",
    "./a.yaml": "./a.yaml",
    "true": '"true"',
    "null": '"null"',
    "1": '"1"',
    "": '""',
    "1.5": '"1.5"',
    " a": '" a"',
    "a ": '"a "',
    "a: b": '"a: b"',
    "a #b": '"a #b"',
    "a, b": '"a, b"',
    "-": '"-"',
    "[": '"["',
    "é": '"é"',
    'a"b': '"a\\"b"',
    "a\nb": '"a\\nb"',
    "\u200b": '"\\U0000200b"',
    "a\n": '"a\\n"',
}


@pytest.mark.parametrize("value", SCALARS)
def test_what_is_quoted(value: str) -> None:
    assert flow(value) == SCALARS[value]
    assert plain(strict_yaml.parse(f"a: {SCALARS[value]}", "")) == {"a": value}


def test_numbers_keep_their_kind() -> None:
    assert (
        flow([1, 1.0, -0.5, True, False, None, {"a": {}}])
        == "[1, 1.0, -0.5, true, false, null, {a: {}}]"
    )


SPEC = """archc: 1
input: [8, 8, 4]
expect: {depth: 1}
"""
BLOCKS = """blocks:
  used: {args: {f: 4}, body: [concat: {branches: {a: [inner], b: []}}, shortcut: {rule: here}]}
  inner: [relu]
  by_default: {args: {f: 4}, body: [relu]}
  by_rule: [relu]
  unused: [deeper]
  deeper: [relu]
shortcuts:
  top: [by_rule, add: {with: branch}]
  here: [add: {with: branch}]
  of_first: [add: {with: branch}]
  of_row: [add: {with: branch}]
  of_step: [add: {with: branch}]
  unused_rule: [relu, add: {with: branch}]
"""
USES = """shortcut: top
defaults: {by_default: {f: 8}}
stages: {s: {block: used, shortcut: {of_row: {}}, first: {shortcut: of_first}}}
head: [conv: {filters: 4, kernel: 1}, used: {shortcut: of_step}]
"""


def test_a_resolved_spec_holds_what_it_uses_alone() -> None:
    text = SPEC + "vars: {}\n" + BLOCKS + USES
    keys = plain(strict_yaml.parse(resolved_text(from_text(text)), ""))
    assert isinstance(keys, dict)
    assert list(keys) == [
        "archc",
        "name",
        "input",
        "defaults",
        "blocks",
        "shortcuts",
        "stages",
        "shortcut",
        "head",
        "expect",
    ]
    assert set(keys["blocks"]) == {"used", "inner", "by_default", "by_rule"}
    assert set(keys["shortcuts"]) == {"top", "here", "of_first", "of_row", "of_step"}
    assert keys["archc"] == 1 and keys["name"] == "spec" and keys["expect"] == {"depth": 1}


def test_claims_of_a_file_do_not_hold_for_its_settings() -> None:
    text = SPEC + "stem: [conv: {filters: 4, kernel: 1, name: c}]\n"
    assert "expect" in resolved_text(from_text(text)) and "expect" not in resolved_text(
        from_text(text, sets=["stem.c.filters=8"])
    )
