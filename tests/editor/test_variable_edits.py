"""New values of variables stand where the old ones stood, or where the file begins to have some."""

from pathlib import Path

import pytest

from archcompile.editor import set_variables
from tests.editor.editing import analyse, apply

PARENT = """\
archc: 1
vars: {n: 2, width: 16}
input: [8, 8, 3]
head: [conv: {filters: $width, kernel: 1}]
"""
CHILD = "archc: 1\nextends: parent.yaml\n"


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("", "vars: {n: 3, width: 8}\n"),
        ("vars:\n", "vars: {n: 3, width: 8}\n"),
        ("vars: {}\n", "vars: {n: 3, width: 8}\n"),
        ("vars: {width: 4}  # few\n", "vars: {width: 8, n: 3}  # few\n"),
        ("vars:\n  width: 4  # few\n", "vars:\n  n: 3\n  width: 8  # few\n"),
        ("vars:\n  m: 1\n", "vars:\n  n: 3\n  width: 8\n  m: 1\n"),
        ("vars: {n: 1, width: 4}\n", "vars: {n: 3, width: 8}\n"),
    ],
)
def test_values_are_written(written: str, changed: str, tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(PARENT)
    file = tmp_path / "child.yaml"
    text = apply(CHILD + written, set_variables(analyse(CHILD + written, file), VALUES))
    assert text == CHILD + changed
    after = analyse(text, file).compiled
    assert after and {name: after.expanded.variables[name] for name in VALUES} == VALUES


VALUES = {"n": 3, "width": 8}
