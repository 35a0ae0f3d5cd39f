"""`archc table`: families and grids."""

import json

import pytest

from archcompile.api import compile as compile_spec
from tests.command_line import Archc

PAPER = """\
depth  parameters  multiply-adds
   20     274,442     40,813,184
   32     470,218     69,124,736
   44     665,994     97,436,288
   56     861,770    125,747,840
  110   1,742,762    253,149,824
"""


def test_the_family_of_the_paper(archc: Archc) -> None:
    done = archc("table", "resnet_v1", "--vary", "depth=20,32,44,56,110")
    assert (done.code, done.out, done.err) == (0, PAPER, "")


def test_a_grid_is_what_set_makes_of_each(archc: Archc) -> None:
    done = archc(
        "table",
        "resnet_v1",
        "--vary",
        "classes=10,100",
        "--vary",
        "depth=8,14",
        "--set",
        "shortcut=none",
        "--json",
    )
    rows = json.loads(done.out)["rows"]
    grid = [{"classes": c, "depth": d} for c in (10, 100) for d in (8, 14)]
    assert [row["settings"] for row in rows] == grid
    for row in rows:
        sets = [*(f"{key}={value}" for key, value in row["settings"].items()), "shortcut=none"]
        assert row["hash"] == compile_spec("resnet_v1", sets=sets).hash


def test_words_and_lists_are_values(archc: Archc) -> None:
    done = archc(
        "table",
        "resnet_v1",
        "--set",
        "depth=8",
        "--vary",
        "shortcut=none,projection",
        "--vary",
        "input=[32, 32, 1],[32, 32, 3]",
    )
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["shortcut", "input", "depth", "parameters", "multiply-adds"]
    assert [line[0] for line in lines[1:]] == ["none", "none", "projection", "projection"]


@pytest.mark.parametrize(
    ("limit", "kept", "dropped"),
    [
        (("--max-params", "470218"), ["20", "32"], "1 row dropped"),
        (("--max-macs", "69124735"), ["20"], "2 rows dropped"),
        (("--max-params", "1"), [], "3 rows dropped"),
    ],
)
def test_limits_drop_rows_and_say_so(
    archc: Archc, limit: tuple[str, str], kept: list[str], dropped: str
) -> None:
    done = archc("table", "resnet_v1", "--vary", "depth=20,32,44", *limit)
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == kept
    assert dropped in done.err


def test_what_does_not_compile_is_an_error_naming_its_combination(archc: Archc) -> None:
    done = archc("table", "resnet_v1", "--vary", "depth=20,21,22", "--vary", "classes=10")
    assert (done.code, done.out) == (1, "")
    assert (
        "error[not-whole]: with depth=21, classes=10: `repeat` for depth 21: expected a whole "
        "number, got 3 1/6"
    ) in done.err
    assert "with depth=22, classes=10" in done.err


@pytest.mark.parametrize(
    ("values", "code"), [("depht=20,32,44", "set-nothing"), ("n=1,2,3", "set-derived")]
)
def test_a_name_that_cannot_be_set_is_told_once(archc: Archc, values: str, code: str) -> None:
    done = archc("table", "resnet_v1", "--vary", values)
    assert (done.code, done.err.count(f"error[{code}]")) == (1, 1)


def test_claims_that_no_longer_hold_are_told_once(archc: Archc) -> None:
    done = archc("table", "resnet_v1_20", "--vary", "depth=20,32,44")
    assert done.code == 0
    assert done.err.count("note[expect-params]") == 1
    assert "got 470,218, and so on in 2 of 3 rows" in done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--vary", "depth"), "expected K=a,b,c"),
        (("--vary", "depth="), "expected K=a,b,c"),
        (("--vary", "depth=8", "--vary", "depth=14"), "'depth' is set twice"),
        (("--vary", "depth=8", "--set", "depth=14"), "'depth' is set twice"),
        (("--vary", "classes=" + ",".join(map(str, range(1, 1002)))), "1,001 combinations"),
        ((), "--vary"),
    ],
)
def test_wrong_use(archc: Archc, words: tuple[str, ...], message: str) -> None:
    done = archc("table", "resnet_v1", *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_not_from_stdin(archc: Archc) -> None:
    assert archc("table", "-", "--vary", "depth=8").code == 2
