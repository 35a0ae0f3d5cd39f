"""What is changed in a source, and that each change leaves a file that Python can read."""

import ast

import pytest

from tests.conftest import ROOT
from tests.mutants.run import EQUIVALENT, all_mutants, equivalents
from tests.mutants.sites import mutants

CHANGES = [
    ("a < b", ["a <= b"]),
    ("a not in b", ["a in b"]),
    ("a < b != c", ["a <= b != c", "a < b == c"]),
    ("x = (a\n     is not b)", ["x = (a\n     is b)"]),
    ("a + b // 2", ["a - b // 2", "a + b * 2", "a + b // 3"]),
    ("a and b or c", ["a or b or c", "a and b and c"]),
    ("not (a)", ["(a)"]),
    ("-a", ["a"]),
    ("'é' + a[1]", ["'é' - a[1]", "'é' + a[2]"]),
    ("x: int | None = 1.5", ["x: int | None = 2.5"]),
    ("def f(a: int | str = 0) -> int | None: ...", ["def f(a: int | str = 1) -> int | None: ..."]),
    ("isinstance(a, int | str)", []),
    ("Tree = Map | Scalar", []),
    ("True", []),
]


@pytest.mark.parametrize(("source", "changed"), CHANGES)
def test_each_place_is_changed_once(source: str, changed: list[str]) -> None:
    assert [mutant.apply(source) for mutant in mutants(source, "f.py")] == changed


def test_mutants_of_the_project_can_be_read() -> None:
    pool = all_mutants()
    assert len(pool) > 3000
    for mutant in pool[::40]:
        source = (ROOT / mutant.file).read_text()
        assert mutant.apply(source) != source
        ast.parse(mutant.apply(source))


def test_what_changes_nothing_is_still_there_and_has_a_reason() -> None:
    keys = {mutant.key for mutant in all_mutants()}
    for key, reason in equivalents().items():
        assert key in keys, f"{EQUIVALENT.name}: {key}"
        assert len(reason.split()) > 3
