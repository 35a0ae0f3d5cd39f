"""What depends on the process itself: imports, pipes, streams, colour."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

import archcompile
from tests.cli.test_cli import BAD, GOOD, SPEC_COMMANDS, command
from tests.command_line import PROGRAM, Archc, heavy_modules, in_python


def shell(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "PYTHONPATH": str(Path(archcompile.__file__).parents[1]),
        **environment,
    }
    return subprocess.run(
        ["bash", "-c", f'archc() {{ {shlex.join(PROGRAM)} "$@"; }}; {line}'],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_light_commands_import_no_framework(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    calls = [
        *(command(name, "good.yaml") for name in SPEC_COMMANDS),
        ["list"],
        ["recipe", "show", "fast"],
        ["recipe", "diff", "article", "he2015"],
        ["recipe", "lint", "article", "--spec", "good.yaml"],
        ["export", "good.yaml", "--format", "source", "-o", "net.py"],
        ["diff", "good.yaml", "resnet_v1_20"],
        ["table", "resnet_v1", "--vary", "depth=20,32"],
        ["expect", "good.yaml"],
        ["new", "child", "--from", "good.yaml"],
        ["explain", "unknown-step"],
        ["schema"],
        ["--help"],
        *(
            ["graph", "good.yaml", "-o", name]
            for name in ("x.svg", "x.png", "x.html", "x.mmd", "x.dot", "x.json")
        ),
    ]
    assert heavy_modules(*calls, cwd=tmp_path) == set()


def test_the_image_of_a_rate_needs_no_framework(tmp_path: Path) -> None:
    assert heavy_modules(["recipe", "show", "fast", "-o", "x.png"], cwd=tmp_path) == set()


def test_which_kernels_an_engine_has_is_known_before_its_framework_starts(tmp_path: Path) -> None:
    """The start of which is to be quiet, lean, and where it fails, explained."""
    code = (
        "import sys\nfrom archcompile.engine import open_engine\n"
        "print([open_engine(name).KERNELS for name in ('tensorflow', 'jax')])\n"
        "print({'tensorflow', 'jax', 'keras'} & {*sys.modules})"
    )
    expected = "[('fused', 'portable', 'xla'), ('xla',)]\nset()\n"
    assert in_python(code, cwd=tmp_path) == expected


def test_a_closed_pipe_is_no_drama(tmp_path: Path) -> None:
    for line in (
        "archc cost resnet_v1_110 | head -1",
        "archc list | true",
        "archc cost resnet_v1_20 --json | head -c 10",
        "archc build bad.yaml --json | true",
    ):
        (tmp_path / "bad.yaml").write_text(BAD)
        done = shell(line, tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(tmp_path: Path) -> None:
    for line in ("archc list", "archc cost resnet_v1_110 --json"):
        done = shell(f"{line} > /dev/full", tmp_path)
        assert (
            done.returncode == 4
            and "No space left" in done.stderr
            and "Traceback" not in done.stderr
        )


def test_streams_that_are_not_there_or_know_few_characters(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "archc: 1\nabout: ×\ninput: [1, 1, 1]\nstem: [multiply: {branches: {ä: []}}]\n"
    )
    done = shell("archc show x.yaml; archc validate x.yaml", tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 1 and "internal" not in done.stderr
    assert "\\xe4" in done.stderr
    assert shell("archc cost - <&-", tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colour(tmp_path: Path, environment: dict[str, str], coloured: bool) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    environment = {"NO_COLOR": "", "FORCE_COLOR": "", **environment}
    done = shell("archc cost bad.yaml", tmp_path, **environment)
    assert ("\x1b[" in done.stderr) == coloured
    assert "\x1b[" not in done.stdout


def test_a_spec_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        'archc: 1\ninput: [1, 1, 1]\nstem: ["\\e]0;owned\\a\\u202e"]\n'
    )
    done = shell("archc validate x.yaml; archc validate x.yaml --format github", tmp_path)
    assert "\x1b" not in done.stderr + done.stdout and "\u202e" not in done.stderr + done.stdout
    assert "\\x1b]0;owned\\x07\\u202e" in done.stderr


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("archc list >&-", 4, "the output cannot be written: Bad file descriptor"),
        ("archc cost nothing --json >&-", 4, "the output cannot be written"),
        ("archc graph good.yaml -o x.svg >&-", 0, "wrote x.svg"),
    ],
)
def test_a_closed_output_is_no_success(line: str, code: int, words: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    done = shell(line, tmp_path)
    assert done.returncode == code and words in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("kinds", ["source", "graph"])
def test_an_interrupted_build_leaves_no_empty_folder(
    kinds: str, archc: Archc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "good.yaml").write_text(GOOD)
    monkeypatch.setattr("archcompile.source.to_source", interrupt)
    monkeypatch.setattr("archcompile.graph.to_json", interrupt)
    assert archc("build", "good.yaml", "-o", "made/it", "--emit", kinds).code == 130
    assert not (tmp_path / "made").exists()
