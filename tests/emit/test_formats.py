"""What may be asked of a drawing, and what each request means."""

from pathlib import Path
from typing import Any

import pytest

from archcompile.emit.formats import Request, drawn, request
from archcompile.errors import UsageError
from tests.emit import nets

ALLOWED: list[tuple[tuple[Any, ...], Request]] = [  # file, number of networks, level, style, words to show
    ((None, 1, None, None, ""), Request(None)), (("x.svg", 1, None, None, ""), Request(".svg")), (("x.SVG", 1, "block", None, ""), Request(".svg", "block")),
    (("x.svg", 1, None, "paper", ""), Request(".svg", None, "paper")), (("x.dot", 1, "layer", "full", "macs,shapes"), Request(".dot", "layer", "full", ("macs", "shapes"))),
    (("x.json", 1, None, None, ""), Request(".json")), (("x.json", 1, "stage", None, "params"), Request(".json", "stage", None, ("params",))),
    (("x.png", 3, None, "poster", ""), Request(".png", None, "poster")), (("x.svg", 1, "stage", "poster", ",macs,"), Request(".svg", "stage", "poster", ("macs",))),
    (("x.html", 1, "stage", None, "macs"), Request(".html", "stage", None, ("macs",))), (("x.mmd", 1, "layer", None, ""), Request(".mmd", "layer")),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(ALLOWED)))
def test_what_may_be_asked(case: int) -> None:
    (file, *rest), wanted = ALLOWED[case]
    assert request(file and Path(file), *rest) == wanted


REFUSED: list[tuple[tuple[Any, ...], str, str]] = [
    (("x.svg", 1, None, None, "macs,parms"), "--show knows no `parms`", "did you mean `params`?"),
    (("x.pdf", 1, None, None, ""), "no diagram can be written as x.pdf", "the suffix chooses the format: .svg, .png, .html, .mmd, .dot, .json"),
    (("x", 1, None, None, ""), "no diagram can be written as x", ""), (("x.svg", 2, None, None, ""), "several networks are drawn side by side only with --style poster", ""),
    (("x.svg", 2, None, "paper", ""), "several networks", "add --style poster"), ((None, 2, None, "poster", ""), "--style is for drawings in files", "name one with -o"),
    ((None, 1, "block", None, ""), "--level is for drawings in files", "name one with -o: .svg"), ((None, 1, None, "paper", ""), "--style is for", ""),
    ((None, 1, None, None, "macs"), "--show is for", ""), (("x.dot", 1, None, "poster", ""), "--style poster is for .svg and .png", "name such a file"),
    (("x.html", 1, None, "paper", ""), "--style paper is for .svg, .png, .dot, .json", "leave it out"), (("x.mmd", 1, None, "full", ""), "--style full is for", ""),
    (("x.svg", 1, "block", "paper", ""), "--style paper says which layers are drawn; at the level block none are", "say --level layer"),
    (("x.svg", 1, "stage", "full", ""), "at the level stage none are", ""), (("x.json", 1, None, "paper", ""), "without --level, .json is the graph itself", ""),
    (("x.json", 1, None, None, "macs"), "without --level, .json is the graph itself", "add --level layer"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_what_may_not(case: int) -> None:
    (file, *rest), message, hint = REFUSED[case]
    with pytest.raises(UsageError) as caught:
        request(file and Path(file), *rest)
    assert message in str(caught.value) and hint in (caught.value.hint or "")


def test_what_a_request_means() -> None:
    styles = {(".svg", None): "paper", (".dot", None): "full", (".dot", "paper"): "paper", (".svg", "full"): "full", (".svg", "poster"): "paper",
              (".json", None): "paper", (".dot", "poster"): "full"}  # fmt: skip
    assert {key: Request(key[0], None, key[1]).layer_style for key in styles} == styles  # type: ignore[arg-type]
    levels = {(None, None): None, (None, "paper"): "layer", (None, "full"): "layer", (None, "poster"): None, ("block", None): "block", ("layer", "paper"): "layer"}
    assert {key: Request(".svg", *key).wanted_level for key in levels} == levels  # type: ignore[arg-type]


NOTES = [  # a request, and what is told beside the drawing
    (Request(".svg"), None), (Request(".svg", "layer"), None), (Request(".json"), None), (Request(".dot"), None), (Request(".mmd"), None), (Request(None), None),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(NOTES)))
def test_a_small_net_needs_no_note(case: int) -> None:
    assert drawn([nets.residual(1)], NOTES[case][0])[1] is NOTES[case][1]


def test_what_is_told_of_a_large_net() -> None:
    graph = nets.residual(30)
    assert drawn([graph], Request(".svg"))[1] == "note: drawn by block, to be readable on a page; --level layer draws all layers"
    assert drawn([graph], Request(".svg", "layer"))[1] is None and drawn([graph], Request(".svg", "block"))[1] is None
    assert drawn([graph], Request(".mmd", "layer"))[1] is None
    assert drawn([nets.residual(90)], Request(".mmd", "layer"))[1] == "note: the level layer is too much for Mermaid; drawn by block"
    _, note = drawn([nets.residual(60)], Request(".svg", None, "poster"))
    assert note is not None and note.startswith("note: on a sheet of A4 its words are ")
