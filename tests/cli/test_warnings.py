"""Warnings on the command line: shown by every command, errors with --strict; `validate -v` tells
more.
"""

import json
from pathlib import Path

import pytest

from tests.command_line import Archc

WARNS = """archc: 1
input: [8, 8, 3]
blocks:
  unit: [conv: {filters: 3, kernel: 3, l2: 1e-4}, shortcut]
uses: [blocks/shortcuts.yaml]
stem: [conv: {filters: 3, kernel: 3, name: first}]
stages:
  s1: {block: unit, repeat: 2}
shortcut: identity
head: [global_avg_pool, dense: {units: 2}]
"""
MESSAGE = "warns.yaml:10:25: warning[no-softmax]: head_dense1 ends the network without a softmax"


@pytest.fixture(autouse=True)
def spec(archc: Archc, tmp_path: Path) -> None:
    (tmp_path / "warns.yaml").write_text(WARNS)


@pytest.mark.parametrize(
    "command", [("validate",), ("cost",), ("show",), ("graph",), ("build", "--emit", "graph")]
)
def test_every_command_tells_them_on_stderr(archc: Archc, command: tuple[str, ...]) -> None:
    code, out, err = archc(command[0], "warns.yaml", *command[1:])
    assert code == 0
    assert MESSAGE in err and "  help: write `activation: softmax`" in err
    assert "warning" not in out


@pytest.mark.parametrize("command", ["validate", "build"])
def test_strict_makes_them_errors(archc: Archc, command: str) -> None:
    code, out, err = archc(command, "warns.yaml", "--strict")
    assert (code, out) == (1, "") and "[no-softmax]" in err
    assert not Path("build").exists()


def test_strict_makes_notes_errors_and_remarks_not(archc: Archc) -> None:
    Path("claims.yaml").write_text(
        WARNS.replace("units: 2", "units: $n, activation: softmax")
        + "vars: {n: 2}\nexpect: {output: [2]}\n"
    )
    assert archc("validate", "claims.yaml", "--strict", "-v")[0] == 0
    assert archc("build", "claims.yaml", "--set", "n=3", "--emit", "graph")[0] == 0
    code, _, err = archc("build", "claims.yaml", "--set", "n=3", "--emit", "graph", "--strict")
    assert code == 1 and "error[expect-shape]: expected output [2], got [3]" in err


def test_they_are_in_the_json(archc: Archc) -> None:
    _, out, _ = archc("build", "warns.yaml", "--emit", "graph", "--json")
    (note,) = json.loads(out)["notes"]
    assert (note["code"], note["line"], note["severity"]) == ("no-softmax", 10, "warning")
    assert json.loads(archc("validate", "warns.yaml", "--json")[1]) == [note]
    assert archc("validate", "warns.yaml", "--format", "github")[1].startswith(
        "::warning file=warns.yaml,line=10,col=25,"
    )


def test_verbose_tells_stages_and_remarks(archc: Archc) -> None:
    code, out, err = archc("validate", "-v", "warns.yaml")
    assert code == 0
    assert out.splitlines()[0] == "warns.yaml"
    assert [line.split() for line in out.splitlines()[1:5]] == [
        ["part", "units", "joins", "output", "parameters", "multiply-adds"],
        ["stem", "8x8x3", "84", "5,184"],
        ["s1", "2", "x", "unit", "2", "identity", "8x8x3", "168", "10,368"],
        ["head", "2", "8", "6"],
    ]
    assert (
        "note[l2-is-twice-decay]" in err
        and "note[unused-name]" in err
        and "1 file checked, 1 warning" in err
    )
    assert "note[" not in archc("validate", "warns.yaml")[2]


def test_no_more_than_a_person_reads(archc: Archc) -> None:
    lines = "".join(f"  v{i}x: 1\n" for i in range(50))
    Path("many.yaml").write_text(f"archc: 1\ninput: [8, 8, 3]\nstem: [relu]\nvars:\n{lines}")
    _, _, err = archc("cost", "many.yaml")
    assert err.count("warning[unused-var]") == 20 and "… and 30 more" in err


@pytest.mark.parametrize(
    "command", [("validate",), ("cost",), ("graph",), ("build", "--emit", "graph")]
)
def test_max_nodes(archc: Archc, command: tuple[str, ...]) -> None:
    assert archc(command[0], "warns.yaml", *command[1:], "--max-nodes", "8")[0] == 0
    code, _, err = archc(command[0], "warns.yaml", *command[1:], "--max-nodes", "7")
    assert code == 1 and "error[too-large]: the network has more than 7 layers" in err
    assert archc(command[0], "warns.yaml", *command[1:], "--max-nodes", "0")[0] == 2


def test_training_tells_them(archc: Archc) -> None:
    code, _, err = archc("train", "warns.yaml")  # goes no further: the spec names no recipe
    assert code == 2 and MESSAGE in err
