"""What may be asked of a drawing, and what each request means."""

from pathlib import Path
from typing import Any

import pytest

import archcompile
from archcompile.drawing.formats.choice import DrawingRequest, check_request, draw_networks
from archcompile.errors import UsageError
from tests.drawing import nets

# file, number of networks, level, style, words to show
ALLOWED: list[tuple[tuple[Any, ...], DrawingRequest]] = [
    ((None, 1, None, None, ""), DrawingRequest(suffix=None)),
    (("x.svg", 1, None, None, ""), DrawingRequest(suffix=".svg")),
    (("x.SVG", 1, "block", None, ""), DrawingRequest(suffix=".svg", level="block")),
    (("x.svg", 1, None, "paper", ""), DrawingRequest(suffix=".svg", style="paper")),
    (
        ("x.dot", 1, "layer", "full", "macs,shapes"),
        DrawingRequest(suffix=".dot", level="layer", style="full", shown=("macs", "shapes")),
    ),
    (("x.json", 1, None, None, ""), DrawingRequest(suffix=".json")),
    (
        ("x.json", 1, "stage", None, "params"),
        DrawingRequest(suffix=".json", level="stage", shown=("params",)),
    ),
    (("x.png", 3, None, "poster", ""), DrawingRequest(suffix=".png", style="poster")),
    (
        ("x.svg", 1, "stage", "poster", ",macs,"),
        DrawingRequest(suffix=".svg", level="stage", style="poster", shown=("macs",)),
    ),
    (
        ("x.html", 1, "stage", None, "macs"),
        DrawingRequest(suffix=".html", level="stage", shown=("macs",)),
    ),
    (("x.mmd", 1, "layer", None, ""), DrawingRequest(suffix=".mmd", level="layer")),
]


@pytest.mark.parametrize("case", range(len(ALLOWED)))
def test_what_may_be_asked(case: int) -> None:
    (file, networks, level, style, shown), expected = ALLOWED[case]
    asked = check_request(file and Path(file), networks, level, style=style, shown=shown)
    assert asked == expected


REFUSED: list[tuple[tuple[Any, ...], str, str]] = [
    (
        ("x.svg", 1, None, None, "macs,parms"),
        "--show: unknown word `parms`",
        "did you mean `params`?",
    ),
    (
        ("x.gif", 1, None, None, ""),
        "a diagram cannot be written as x.gif",
        "the suffix chooses the format: .svg, .png, .pdf, .tex, .html, .mmd, .dot, .json",
    ),
    (("x", 1, None, None, ""), "a diagram cannot be written as x", ""),
    (
        ("x.svg", 2, None, None, ""),
        "several networks are drawn side by side only with --style poster",
        "",
    ),
    (("x.svg", 2, None, "paper", ""), "several networks", "add --style poster"),
    (
        (None, 2, None, "poster", ""),
        "--style is for drawings written to files",
        "name a file with -o",
    ),
    (
        (None, 1, "block", None, ""),
        "--level is for drawings written to files",
        "name a file with -o: .svg",
    ),
    ((None, 1, None, "paper", ""), "--style is for", ""),
    ((None, 1, None, None, "macs"), "--show is for", ""),
    (("x.dot", 1, None, "poster", ""), "--style poster is for .svg and .png", "name such a file"),
    (
        ("x.html", 1, None, "paper", ""),
        "--style paper is for .svg, .png, .pdf, .tex, .dot, .json",
        "leave it out",
    ),
    (("x.mmd", 1, None, "full", ""), "--style full is for", ""),
    (
        ("x.svg", 1, "block", "paper", ""),
        "--style paper chooses which layers are drawn; at the level block there are none",
        "say --level layer",
    ),
    (("x.svg", 1, "stage", "full", ""), "at the level stage there are none", ""),
    (("x.json", 1, None, "paper", ""), "without --level, .json is the graph itself", ""),
    (
        ("x.json", 1, None, None, "macs"),
        "without --level, .json is the graph itself",
        "add --level layer",
    ),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_what_may_not(case: int) -> None:
    (file, networks, level, style, shown), message, hint = REFUSED[case]
    with pytest.raises(UsageError) as caught:
        check_request(file and Path(file), networks, level, style=style, shown=shown)
    assert message in caught.value.message and hint in (caught.value.hint or "")


def test_what_a_request_means() -> None:
    styles = {
        (".svg", None): "paper",
        (".dot", None): "full",
        (".dot", "paper"): "paper",
        (".svg", "full"): "full",
        (".svg", "poster"): "paper",
        (".json", None): "paper",
        (".dot", "poster"): "full",
    }
    assert {
        (suffix, style): DrawingRequest(suffix=suffix, style=style).layer_style  # type: ignore[arg-type]
        for suffix, style in styles
    } == styles
    levels = {
        (None, None): None,
        (None, "paper"): "layer",
        (None, "full"): "layer",
        (None, "poster"): None,
        ("block", None): "block",
        ("layer", "paper"): "layer",
    }
    assert {
        (level, style): DrawingRequest(suffix=".svg", level=level, style=style).drawn_level  # type: ignore[arg-type]
        for level, style in levels
    } == levels


NOTES = [  # a request, and what is told beside the drawing
    (DrawingRequest(suffix=".svg"), None),
    (DrawingRequest(suffix=".svg", level="layer"), None),
    (DrawingRequest(suffix=".json"), None),
    (DrawingRequest(suffix=".dot"), None),
    (DrawingRequest(suffix=".mmd"), None),
    (DrawingRequest(suffix=None), None),
]


@pytest.mark.parametrize("case", range(len(NOTES)))
def test_a_small_net_needs_no_note(case: int) -> None:
    assert draw_networks([nets.residual(1)], NOTES[case][0])[1] is NOTES[case][1]


def test_what_is_told_of_a_large_net() -> None:
    graph = nets.residual(30)
    assert draw_networks([graph], DrawingRequest(suffix=".svg"))[1] is None, "blocks say all"
    branches = archcompile.compile("keras_inception_v3")
    assert (
        draw_networks([branches], DrawingRequest(suffix=".svg"))[1]
        == "note: drawn by block, to be readable on a page; --level layer draws all layers"
    )
    assert (
        draw_networks([archcompile.compile("hrnet_w18")], DrawingRequest(suffix=".svg"))[1]
        == "note: drawn by stage, to be readable on a page; --level block draws more, "
        "--level layer all layers"
    )
    assert (
        draw_networks([graph], DrawingRequest(suffix=".svg", level="layer"))[1] is None
        and draw_networks([graph], DrawingRequest(suffix=".svg", level="block"))[1] is None
    )
    assert draw_networks([graph], DrawingRequest(suffix=".mmd", level="layer"))[1] is None
    assert (
        draw_networks([nets.residual(90)], DrawingRequest(suffix=".mmd", level="layer"))[1]
        == "note: the level layer is too large for Mermaid; drawn by block"
    )
    _, note = draw_networks([nets.residual(60)], DrawingRequest(suffix=".svg", style="poster"))
    assert note is not None and note.startswith("note: on a sheet of A4 its words are ")
