"""The command line as a user meets it: exit codes, what goes to stdout and stderr, and what is
imported.

These run in this process through `main`, which is all that the console script calls;
`test_processes.py` has the rest.
"""

import json
import os
import sys
from pathlib import Path

import pytest

import archcompile
from archcompile.cli import app
from tests.command_line import Archc

GOOD = """\
archc: 1
about: a small net
vars: {width: 4}
input: [8, 8, 3]
stem: [conv: {filters: $width, kernel: 3}, relu]
head: [global_avg_pool, dense: {units: 2, activation: softmax}]
expect: {depth: 2}
"""
BAD = GOOD.replace("kernel: 3", "kernal: 3")
BAD_AT = (5, 32)


@pytest.fixture
def run(archc: Archc, tmp_path: Path) -> Archc:
    """`archc` in a folder that holds good.yaml and bad.yaml."""
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    return archc


# every command that takes a spec, and the flags under which it imports no framework
SPEC_COMMANDS = {
    "validate": (), "cost": (), "show": (), "graph": (), "build": ("--emit", "source,graph"),
}  # fmt: skip
JSON = ("validate", "cost", "build")


def command(name: str, spec: str, *more: str) -> list[str]:
    return [name, spec, *SPEC_COMMANDS[name], *more]


# ---- exit codes and streams ----------------------------------------------------------------------


@pytest.mark.parametrize("name", SPEC_COMMANDS)
def test_a_good_spec(run: Archc, name: str) -> None:
    result = run(*command(name, "good.yaml"))
    assert result.code == 0
    assert "error" not in result.err
    assert bool(result.out) == (name != "validate")
    assert run(*command(name, "-"), stdin=GOOD.encode()).code == 0


@pytest.mark.parametrize("name", SPEC_COMMANDS)
def test_a_wrong_spec_is_shown_at_its_line(run: Archc, name: str) -> None:
    result = run(*command(name, "bad.yaml"))
    assert result.code == 1
    assert result.out == ""
    line, column = BAD_AT
    first, source, caret, help_ = result.err.splitlines()[:4]
    assert (
        first
        == f"bad.yaml:{line}:{column}: error[unknown-attribute]: 'conv' has no attribute 'kernal'"
    )
    assert source == f"  {line} | {BAD.splitlines()[line - 1]}"
    assert caret == "    | " + " " * (column - 1) + "^" * len("kernal")
    assert help_ == "  help: did you mean `kernel`?"


@pytest.mark.parametrize("name", SPEC_COMMANDS)
def test_a_missing_file_and_a_bad_flag(run: Archc, name: str) -> None:
    for arguments in (
        command(name, "none.yaml"),
        command(name, "none"),
        command(name, "./x/y.yaml"),
        command(name, "good.yaml", "--no-such-flag"),
        [name],
    ):
        result = run(*arguments)
        assert (result.code, result.out) == (2, ""), arguments
        assert len(result.err) > 20


def test_near_names_are_suggested(run: Archc) -> None:
    assert "did you mean `good.yaml`?" in run("cost", "god.yaml").err
    assert "did you mean `resnet_v1_110`?" in run("cost", "resnt_v1_110").err
    for typo in ("resnet_v1_2O", "resnet_v1_2o", "resnet_v120"):
        assert "did you mean `resnet_v1_20`?" in run("cost", typo).err
    Path("loop.yaml").symlink_to("loop.yaml")
    assert "it is a link that leads nowhere" in run("cost", "loop.yaml").err
    assert "for the file write good.yaml" in run("cost", "good").err
    assert "there is no folder" in run("cost", "nowhere/x.yaml").err
    named = run("cost", "specs/resnet_v1_20.yaml").err
    assert "`resnet_v1_20` ships with archc, and its name alone means it in any folder" in named
    Path("mine").mkdir()
    assert "mine is a folder; name a spec in it as mine/FILE.yaml" in run("cost", "mine").err
    Path("mine/resolved.yaml").touch()
    assert "has its spec in mine/resolved.yaml" in run("cost", "mine").err
    assert "expected a YAML file, got a folder" in run("cost", "./").err


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize(
    "mistake", ["wrong spec", "no file", "bad flag", "no argument", "bad setting", "stdin"]
)
def test_json_on_failure(run: Archc, name: str, mistake: str) -> None:
    arguments, code = {
        "wrong spec": (command(name, "bad.yaml"), 1),
        "no file": (command(name, "none.yaml"), 2),
        "bad flag": (command(name, "good.yaml", "--nope"), 2),
        "no argument": ([name], 2),
        "bad setting": (command(name, "good.yaml", "--set", "nope"), 2),
        "stdin": (command(name, "-"), 1),
    }[mistake]
    result = run(*arguments, "--json", stdin=b"\xff\xfe\x00")
    data = json.loads(result.out)
    errors = data if name == "validate" else data["errors"]
    assert (result.code, result.err) == (code, "")
    assert errors
    for record in errors:
        assert set(record) == {"file", "line", "column", "code", "severity", "message", "hint"}
    if mistake == "wrong spec":
        assert (errors[0]["file"], errors[0]["line"], errors[0]["column"]) == ("bad.yaml", *BAD_AT)


def test_json_of_build_and_cost(run: Archc) -> None:
    built = json.loads(run("build", "good.yaml", "--emit", "graph", "--json").out)
    assert {
        key: built[key]
        for key in ("name", "depth", "params", "macs", "input_shape", "output_shape", "nodes")
    } == {
        "name": "good",
        "depth": 2,
        "params": {"total": 122, "trainable": 122, "non_trainable": 0},
        "macs": 8 * 8 * 27 * 4 + 8,
        "input_shape": [8, 8, 3],
        "output_shape": [2],
        "nodes": 5,
    }
    assert built["files"] == {"graph": "build/good/graph.json"}
    cost = json.loads(run("cost", "good.yaml", "--json").out)
    assert cost["hash"] == built["hash"] and len(cost["hash"]) == 64
    assert (
        sum(layer["params"] for layer in cost["layers"])
        == sum(p["params"] for p in cost["parts"])
        == 122
    )
    assert sum(layer["macs"] for layer in cost["layers"]) == cost["macs"]


# ---- validate ------------------------------------------------------------------------------------


def test_validate_many(run: Archc) -> None:
    Path("sub").mkdir()
    Path("sub/lib.yaml").write_text("archc: 1\nblocks: {pair: [relu, relu]}\n")
    Path("sub/worse.yml").write_text("archc: 1\ninput: [1]\n")
    result = run("validate", ".", "resnet_v1_20", "none", "--json")
    actual = [(r["file"], r["code"]) for r in json.loads(result.out)]
    assert actual == [
        ("bad.yaml", "unknown-attribute"),
        ("sub/worse.yml", "wrong-type"),
        (None, "usage"),
    ]
    assert result.code == 2, "a file that is not there weighs more than a wrong one"
    assert run("validate", "sub/lib.yaml", "good.yaml").code == 0
    assert "2 files checked" in run("validate", "sub/lib.yaml", "good.yaml").err
    Path("empty").mkdir()
    assert run("validate", "./empty").code == 2


def test_a_pipe_in_place_of_a_file_is_not_waited_for(run: Archc) -> None:
    os.mkfifo("pipe.yaml")
    result = run("validate", "pipe.yaml")
    assert result.code == 2 and "pipe.yaml is not a regular file" in result.err


def test_validate_github(run: Archc) -> None:
    result = run("validate", "bad.yaml", "--format", "github")
    line, column = BAD_AT
    assert result.code == 1
    assert result.out.startswith(
        f"::error file=bad.yaml,line={line},col={column},title=unknown-attribute::'conv' has no"
    )
    assert json.loads(run("validate", "good.yaml", "--format", "json").out) == []
    assert run("validate", "good.yaml", "--format", "xml").code == 2


def test_validate_walks_libraries_and_recipes(run: Archc, root: Path) -> None:
    """The specs themselves are compiled once in tests/graph, which also finds no warning in
    them.
    """
    for folder in ("blocks", "recipes"):
        assert run("validate", str(root / "specs" / folder), "--strict").code == 0


def test_strict_makes_notes_errors(run: Archc) -> None:
    Path("noted.yaml").write_text(GOOD.replace("expect: {depth: 2}", "expect: {params: 122}"))
    noted = run("cost", "noted.yaml", "--set", "width=5")
    assert noted.code == 0 and "note[expect-params]" in noted.err


# ---- the rest ------------------------------------------------------------------------------------


def test_version_help_and_list(run: Archc) -> None:
    assert run("--version").out == f"archc {archcompile.__version__}\n"
    for arguments in (["--help"], ["-h"], ["cost", "--help"], ["data", "-h"]):
        result = run(*arguments)
        assert result.code == 0 and "Usage:" in result.out
    assert run().code == 2
    assert run("frobnicate").code == 2
    names = [line.split()[0] for line in run("list").out.splitlines()]
    assert names.index("resnet_v1_20") < names.index("resnet_v1_110"), (
        "in the order of their numbers"
    )
    listed = json.loads(run("list", "--json").out)["specs"]
    assert [s["name"] for s in listed] == names and all(s["about"] for s in listed)


def test_set(run: Archc) -> None:
    cost = json.loads(run("cost", "good.yaml", "--set", "width=8", "--json").out)
    assert cost["params"]["total"] == 28 * 8 + 18 and cost["name"] == "good-width_8"
    wrong = run("cost", "good.yaml", "--set", "widht=8")
    assert wrong.code == 1
    assert (
        "--set widht:1:1: error[set-nothing]" in wrong.err and "did you mean `width`?" in wrong.err
    )
    assert "widht=8" in wrong.err, "the command line is the source line"
    late = run("cost", "good.yaml", "--set", "width=2.5")
    assert (late.code, "expected a whole number, got 2.5" in late.err) == (1, True)


def test_show_resolves(run: Archc) -> None:
    shown = run("show", "good.yaml", "--set", "width=6").out
    Path("again.yaml").write_text(shown)
    before, after = (
        json.loads(run("cost", *a, "--json").out)["hash"]
        for a in (("good.yaml", "--set", "width=6"), ("again.yaml",))
    )
    assert before == after


def test_build_writes_what_is_asked_for(run: Archc) -> None:
    result = run("build", "good.yaml", "--emit", "source, graph", "-o", "öut put")
    assert result.code == 0
    assert sorted(p.name for p in Path("öut put").iterdir()) == ["graph.json", "model.py"]
    compile(Path("öut put/model.py").read_text(), "model.py", "exec")
    assert json.loads(Path("öut put/graph.json").read_text())["name"] == "good"
    assert run("build", "good.yaml", "--emit", "source,grahp").code == 2
    assert run("build", "good.yaml", "--emit", ",").code == 2
    assert "model.py" not in run("build", "good.yaml", "--emit", "graph").err


def test_build_keeps_what_it_cannot_replace(run: Archc) -> None:
    Path("taken").write_text("mine")
    assert run("build", "good.yaml", "--emit", "graph", "-o", "taken").code == 2
    assert Path("taken").read_text() == "mine"
    Path("trained").mkdir()
    for name in ("model.keras", "environment.json", "result.json"):
        Path("trained", name).write_text("mine")
    stopped = run("build", "good.yaml", "--emit", "graph,keras", "-o", "trained")
    assert stopped.code == 2 and "trained/model.keras belongs to a run" in stopped.err
    assert sorted(path.name for path in Path("trained").iterdir()) == [
        "environment.json",
        "model.keras",
        "result.json",
    ]
    assert run("build", "bad.yaml", "--emit", "graph", "-o", "out").code == 1
    assert not Path("out").exists(), "nothing is made for a wrong spec"


@pytest.mark.skipif(
    not Path("/proc/self").is_dir(), reason="needs a folder that even root cannot write to"
)
@pytest.mark.parametrize("name", ["build", "graph"])
def test_a_folder_that_cannot_be_written(run: Archc, name: str) -> None:
    target = "/proc/self/x" if name == "build" else "/proc/self/x.svg"
    arguments = (
        ["build", "good.yaml", "--emit", "graph"] if name == "build" else ["graph", "good.yaml"]
    )
    result = run(*arguments, "-o", target)
    assert (result.code, result.out) == (4, "")
    assert "cannot be" in result.err


def test_a_path_that_is_not_ascii(run: Archc) -> None:
    Path("büild").mkdir()
    Path("büild/netz-ä.yaml").write_text(BAD)
    assert "büild/netz-ä.yaml:5:32" in run("cost", "büild/netz-ä.yaml").err
    Path("büild/netz-ä.yaml").write_text(GOOD)
    shown = run("show", "büild/netz-ä.yaml").out
    assert "name: netz-_" in shown, "a name is safe wherever it is used"


def test_debug_shows_the_traceback(run: Archc) -> None:
    result = run("cost", "bad.yaml", "--debug")
    assert (
        result.code == 1 and "Traceback" in result.err and "error[unknown-attribute]" in result.err
    )


def test_our_own_faults_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from archcompile import shipped

    def fail(kind: str) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(shipped, "shipped_files", fail)
    monkeypatch.setattr(sys, "argv", ["archc", "list"])
    with pytest.raises(SystemExit) as left:
        app.main()
    captured = capsys.readouterr()
    assert (left.value.code, captured.out) == (70, "")
    assert "internal error: ZeroDivisionError: ours" in captured.err and "report" in captured.err


@pytest.mark.parametrize(
    ("arguments", "problem", "usage"),
    [
        (["foo"], "error: No such command 'foo'.", "archc [OPTIONS] COMMAND [ARGS]...; `archc -h`"),
        (["build"], "error: Missing argument 'SPEC'.", "archc build [OPTIONS] SPEC; `archc build"),
        (["validate", "--foo"], "error: No such option: --foo", "archc validate [OPTIONS] SPEC..."),
    ],
)
def test_mistakes_of_the_command_line_look_as_all_others(
    archc: Archc, arguments: list[str], problem: str, usage: str
) -> None:
    done = archc(*arguments)
    first, help_ = done.err.splitlines()
    assert done.code == 2 and first.startswith(problem)
    assert help_.startswith(f"  help: {usage}")
