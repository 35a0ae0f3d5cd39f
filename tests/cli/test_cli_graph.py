"""`archc graph`: the suffix chooses the format; what cannot be done is said before anything is compiled or written."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from typer.testing import CliRunner, Result

from archcompile.cli.graph import graph
from archcompile.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
app = typer.Typer()
app.command()(graph)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_text_goes_to_stdout() -> None:
    result = run("resnet_v1_20")
    assert result.exit_code == 0
    assert result.stdout.startswith("resnet_v1_20   32x32x3 -> 10")
    assert result.stdout.splitlines()[-1].split() == ["total", "depth", "20", "9", "joins", "10", "274,442"]


def test_each_suffix(tmp_path: Path) -> None:
    for name in ("x.svg", "x.png", "x.mmd", "x.dot", "x.json", "y.SVG"):
        result = run("resnet_v1_20", "-o", tmp_path / name)
        assert (result.exit_code, result.stdout) == (0, ""), result.output
        assert str(tmp_path / name) in result.stderr
    assert ElementTree.parse(tmp_path / "x.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "x.mmd").read_text().startswith("---\ntitle: 'resnet_v1_20'\n---\nflowchart TD\n")
    assert (tmp_path / "x.dot").read_text().startswith('digraph "resnet_v1_20" {')
    assert len(json.loads((tmp_path / "x.json").read_text())["nodes"]) == 72
    assert (tmp_path / "y.SVG").read_bytes() == (tmp_path / "x.svg").read_bytes()


def test_style_and_set(tmp_path: Path) -> None:
    for style, bn in (("paper", False), ("full", True)):
        for name in ("x.svg", "x.dot"):
            assert run("resnet_v1_20", "-o", tmp_path / name, "--style", style).exit_code == 0
            assert ("s1_b1_bn1" in (tmp_path / name).read_text()) is bn
    assert "basic x5" in run("resnet_v1_20", "--set", "depth=32").stdout


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["-o", "x.gif"], "x.gif", ".svg, .png, .dot, .mmd, .json"),
        (["-o", "x"], "written as x", "suffix"),
        (["--style", "full"], "--style is for .svg, .png, .dot", "leave it out"),
        (["-o", "x.mmd", "--style", "paper"], "--style is for", "leave it out"),
    ],
)
def test_wrong_use(arguments: list[str], message: str, hint: str) -> None:
    error = run("resnet_v1_20", *arguments).exception
    assert isinstance(error, UsageError)
    assert message in error.message
    assert hint in (error.hint or "")


def test_drawing_imports_no_framework(tmp_path: Path) -> None:
    program = ("import sys, typer; from archcompile.cli.graph import graph; app = typer.Typer(); app.command()(graph);"
               "app(sys.argv[1:], standalone_mode=False);"
               "print([m for m in ('tensorflow', 'keras', 'numpy', 'matplotlib') if m in sys.modules])")  # fmt: skip
    for name in ("x.svg", "x.png", "x.mmd", "x.dot", "x.json"):
        done = subprocess.run([sys.executable, "-c", program, "resnet_v1_20", "-o", tmp_path / name], cwd=ROOT, check=True,
                              capture_output=True, text=True)  # fmt: skip
        assert done.stdout == "[]\n"
