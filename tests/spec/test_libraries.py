"""Mistakes in a library, and what a file is by its keys."""

from pathlib import Path

import pytest

from archcompile.errors import SpecError
from archcompile.spec.loading.kinds import kind_of_file
from archcompile.spec.loading.load_spec import check_library

LIBRARY = """archc: 1
blocks:
  outer: [inner, shortcut]
  inner: {args: {f: 4}, body: [conv: {filters: $f, kernel: 1}]}
shortcuts:
  rule: {args: {g: 1}, body: [inner, add: {with: branch}]}
"""
IN_LIBRARIES = {  # a change of the library above, and the mistakes that it makes: code and line
    "none": ("", "", []),
    "a block of none": ("[inner, shortcut]", "[inner, iner]", [("unknown-step", 3)]),
    "a rule as a step": ("[inner, shortcut]", "[inner, rule]", [("unknown-step", 3)]),
    "an argument": ("[inner, shortcut]", "[inner: {h: 3}]", [("unknown-argument", 3)]),
    "a rule that is there": ("[inner, shortcut]", "[inner, shortcut: {rule: rule}]", []),
    "a rule that is not there": (
        "[inner, shortcut]",
        "[inner, shortcut: {rule: ruel}]",
        [("unknown-rule", 3)],
    ),
    "a broken rule, told once": (
        "{args: {g: 1}, body: [inner, add: {with: branch}]}",
        "[lost]\n  b: [add: {with: branch}]",
        [("unknown-step", 6)],
    ),
    "a use of a broken rule": (
        (
            "[inner, shortcut]\n  inner: {args: {f: 4}, body: [conv: {filters: $f, kernel: "
            "1}]}\nshortcuts:\n  rule: {args: {g: 1}"
        ),
        "[shortcut: {rule: rule}]\n  inner: [relu]\nshortcuts:\n  rule: {args: {g: 1, index: 1}",
        [("reserved-name", 6)],
    ),
}


@pytest.mark.parametrize("case", IN_LIBRARIES)
def test_mistakes_in_a_library(case: str, tmp_path: Path) -> None:
    before, after, expected = IN_LIBRARIES[case]
    path = tmp_path / "library.yaml"
    path.write_text(LIBRARY.replace(before, after, 1))
    try:
        check_library(path)
        reported: list[tuple[str, int]] = []
    except SpecError as error:
        reported = [(d.code, d.location.line) for d in error.diagnostics]
    assert reported == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("input: [1, 1, 1]", "spec"),
        ("stages: {}", "spec"),
        ("blocks: {}", "library"),
        ("shortcuts: {}\nuses: []", "library"),
        ("blocks: {}\nstem: []", "spec"),
        ("specs: []\nrecipes: []", "experiment"),
        ("specs: []", "experiment"),
        ("recipes: []\nabout: x", "experiment"),
        ("specs: []\nname: x", "spec"),
        ("optimizer: {}", "recipe"),
        ("epochs: 3\nabout: x", "recipe"),
        ("[1]", "spec"),
        ("about: x", "spec"),
        ("specs: []\nrecipes: []\nname: x", "experiment"),
    ],
)
def test_what_a_file_is_by_its_keys(text: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text)
    assert kind_of_file(str(tmp_path / "x.yaml")) == kind
