"""`archc graph`: the suffix chooses the format; what cannot be done is said before anything is
compiled or written.
"""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.command_line import Archc, Done

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(archc: Archc) -> Archc:
    """`archc graph`."""

    def run(*arguments: object, stdin: bytes = b"") -> Done:
        return archc("graph", *arguments, stdin=stdin)

    return run


def test_text_goes_to_stdout(run: Archc) -> None:
    result = run("resnet_v1_20")
    assert result.code == 0
    assert result.out.startswith("resnet_v1_20   32x32x3 -> 10")
    assert result.out.splitlines()[-1].split() == [
        "total",
        "depth",
        "20",
        "9",
        "joins",
        "10",
        "274,442",
    ]


def test_each_suffix(run: Archc, tmp_path: Path) -> None:
    for name in ("x.svg", "x.png", "x.html", "x.mmd", "x.dot", "x.json", "y.SVG"):
        result = run("resnet_v1_20", "-o", tmp_path / name)
        assert (result.code, result.out) == (0, ""), result.err
        assert str(tmp_path / name) in result.err
    assert ElementTree.parse(tmp_path / "x.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    assert (
        (tmp_path / "x.mmd")
        .read_text()
        .startswith("---\ntitle: 'resnet_v1_20'\n---\nflowchart TD\n")
    )
    assert (tmp_path / "x.dot").read_text().startswith('digraph "resnet_v1_20" {')
    assert len(json.loads((tmp_path / "x.json").read_text())["nodes"]) == 72
    assert (tmp_path / "x.html").read_text().startswith("<!DOCTYPE html>\n")
    assert (tmp_path / "y.SVG").read_bytes() == (tmp_path / "x.svg").read_bytes()


def test_style_and_set(run: Archc, tmp_path: Path) -> None:
    for style, bn in (("paper", False), ("full", True)):
        for name in ("x.svg", "x.dot"):
            assert run("resnet_v1_20", "-o", tmp_path / name, "--style", style).code == 0
            assert ("s1_b1_bn1" in (tmp_path / name).read_text()) is bn
    assert "basic x5" in run("resnet_v1_20", "--set", "depth=32").out


@pytest.mark.parametrize("name", ["x.svg", "x.png", "x.html", "x.dot", "x.json", "x.mmd"])
@pytest.mark.parametrize("level", ["stage", "block", "layer"])
def test_each_level(run: Archc, tmp_path: Path, name: str, level: str) -> None:
    result = run("resnet_v1_56", "-o", tmp_path / name, "--level", level, "--show", "shapes,params")
    assert result.code == 0, result.err
    text = (tmp_path / name).read_bytes().decode(errors="replace")
    if name in ("x.svg", "x.dot"):
        assert ("basic" in text) is (level != "layer") and ("861,770" in text)
    if name == "x.json":
        data = json.loads(text)
        assert data["level"] == level and any(
            "32x32x16" in line for line in data["boxes"][1]["lines"]
        )


def test_the_level_is_said_where_it_was_chosen(run: Archc, tmp_path: Path) -> None:
    deep = run("keras_inception_v3", "-o", tmp_path / "deep.svg")
    assert (
        deep.err.splitlines()[0]
        == "note: drawn by block, to be readable on a page; --level layer draws all layers"
    )
    given = run("keras_inception_v3", "-o", tmp_path / "deep.svg", "--level", "layer")
    assert "note" not in given.err
    assert "note" not in run("resnet_v1_110", "-o", tmp_path / "page.svg").err
    assert "note" not in run("resnet_v1_110", "-o", tmp_path / "full.svg", "--style", "full").err
    assert "s3_b18_relu2" in (tmp_path / "full.svg").read_text(), "a style is one of layers"


def test_words_that_cannot_be_read_are_told(run: Archc, tmp_path: Path) -> None:
    stages = "".join(
        f"  s{place}: [conv: {{filters: 4, kernel: 3}}, relu]\n" for place in range(600)
    )
    (tmp_path / "many.yaml").write_text(f"archc: 1\ninput: [8, 8, 3]\nstages:\n{stages}")
    many = run(tmp_path / "many.yaml", "-o", tmp_path / "many.svg")
    assert "but on a sheet of A4 its words are 3." in many.err
    poster = run(
        "resnet_v1_20", "resnet_v1_110", "--style", "poster", "-o", tmp_path / "poster.svg"
    )
    assert "note: on a sheet of A4 its words are 1." in poster.err
    assert (
        "note"
        not in run("vgg_19", "vgg_16", "--style", "poster", "-o", tmp_path / "poster.svg").err
    )


def test_mermaid_says_that_it_takes_no_more(run: Archc, tmp_path: Path) -> None:
    result = run("resnet_v1_1202", "-o", tmp_path / "x.mmd", "--level", "layer")
    assert "note: the level layer is too large for Mermaid; drawn by block" in result.err
    assert "×200" in (tmp_path / "x.mmd").read_text().replace("#215;", "×")


def test_poster(run: Archc, tmp_path: Path) -> None:
    result = run(
        "vgg_19",
        "plain_34",
        "resnet_34",
        "--style",
        "poster",
        "-o",
        tmp_path / "x.svg",
        "--set",
        "classes=10",
    )
    assert result.code == 0, result.err
    assert (
        ElementTree.parse(tmp_path / "x.svg").getroot()[0].text
        == "vgg_19-classes_10, plain_34-classes_10, resnet_34-classes_10"
    )
    assert (tmp_path / "x.svg").read_text().count(">dense 10, softmax<") == 3
    assert (
        run("vgg_19", "--style", "poster", "-o", tmp_path / "x.png", "--level", "block").code == 0
    )


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["-o", "x.gif"], "x.gif", ".svg, .png, .pdf, .tex, .html, .mmd, .dot, .json"),
        (["-o", "x"], "written as x", "suffix"),
        (["--style", "full"], "--style is for drawings written to files", "-o"),
        (["--level", "block"], "--level is for drawings written to files", "-o"),
        (["--show", "params"], "--show is for drawings written to files", "-o"),
        (
            ["-o", "x.mmd", "--style", "paper"],
            "--style paper is for .svg, .png, .pdf, .tex, .dot, .json",
            "leave it out",
        ),
        (["-o", "x.html", "--style", "full"], "--style full is for", "leave it out"),
        (
            ["-o", "x.svg", "--style", "full", "--level", "stage"],
            "at the level stage there are none",
            "--level layer",
        ),
        (["-o", "x.svg", "--show", "shapes,parms"], "--show: unknown word `parms`", "`params`"),
        (["-o", "x.json", "--show", "params"], "the graph itself", "--level layer"),
        (["-o", "x.json", "--style", "full"], "the graph itself", "--level layer"),
        (["vgg_19", "-o", "x.svg"], "several networks", "--style poster"),
        (["vgg_19"], "several networks", "--style poster"),
        (["--style", "poster"], "--style is for drawings written to files", "-o"),
        (["-o", "x.html", "--style", "poster"], "--style poster is for .svg and .png", "-o"),
    ],
)
def test_wrong_use(run: Archc, arguments: list[str], message: str, hint: str) -> None:
    done = run("resnet_v1_20", *arguments)
    error, _, help_line = done.err.partition("\n  help: ")
    assert done.code == 2 and message in error and hint in help_line


def test_a_word_that_is_no_choice_is_told_plainly(archc: Archc) -> None:
    done = archc("graph", "resnet_v1_20", "--style", "papr", "-o", "x.svg")
    assert done.code == 2
    assert (
        "error: Invalid value for '--style': 'papr' is not one of 'paper', 'full', 'poster'."
        in " ".join(done.err.split())
    )
