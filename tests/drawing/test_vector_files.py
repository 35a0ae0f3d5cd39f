"""PDF and TikZ: what the SVG shows, as lines and text; compiled where there is pdflatex."""

import re
import shutil
import subprocess
import zlib
from collections import Counter
from pathlib import Path

import pytest

from archcompile.analyses.differences import diff
from archcompile.drawing.formats.difference_drawing import draw_difference
from archcompile.drawing.formats.pdf import pdf
from archcompile.drawing.formats.svg_drawing import svg
from archcompile.drawing.formats.svg_shapes import Disc, Outline, Rectangle, Words, shapes_of
from archcompile.drawing.formats.tikz import tikz
from tests.conftest import shipped_graph

NAMES = ("stochastic_depth_110", "se_resnet_50", "googlenet")
PDFLATEX = shutil.which("pdflatex")


def drawings() -> dict[str, str]:
    drawn = {name: svg(shipped_graph(name)) for name in NAMES}
    both = diff(shipped_graph("resnet_a_20"), shipped_graph("plain_20"))
    return {**drawn, "difference": draw_difference(both)}


def test_all_shapes_of_a_drawing_are_read() -> None:
    drawn = drawings()["se_resnet_50"]
    page = shapes_of(drawn)
    kinds = Counter(map(type, page.shapes))
    assert kinds[Rectangle] == drawn.count("<rect") - 1 and kinds[Words] == drawn.count("<text")
    assert sum(isinstance(shape, Disc) for shape in page.shapes) == drawn.count("<circle")
    heads = [shape for shape in page.shapes if isinstance(shape, Outline) and shape.is_closed]
    assert len(heads) == drawn.count("data-from")


def test_a_pdf_has_its_words_as_text_and_always_the_same_bytes() -> None:
    drawn = svg(shipped_graph("resnet_v1_20"))
    written = pdf(drawn)
    assert written.startswith(b"%PDF") and written == pdf(drawn)
    assert b"/FontFile2" in written and b"/Subtype /Image" not in written
    streams = re.findall(rb"stream\r?\n(.*?)endstream", written, re.DOTALL)
    content = b"".join(zlib.decompress(s) for s in streams if s[:1] == b"x")
    assert content.count(b"BT") >= drawn.count("<text")


def test_tikz_escapes_what_latex_would_read() -> None:
    written = tikz(svg(shipped_graph("resnet_a_20")))
    assert r"resnet\_a\_20" in written and r"$\times$3" in written and written.isascii()


@pytest.mark.skipif(PDFLATEX is None, reason="no pdflatex: apt install texlive-pictures")
def test_pdflatex_compiles_the_picture_alone_and_within_a_paper(tmp_path: Path) -> None:
    for name, drawn in drawings().items():
        (tmp_path / f"{name}.tex").write_text(tikz(drawn))
    paper = "".join(rf"\resizebox{{\textwidth}}{{!}}{{\input{{{name}}}}}\par" for name in NAMES)
    start = r"\documentclass{article}\usepackage{tikz}\begin{document}"
    (tmp_path / "paper.tex").write_text(f"{start}{paper}\\end{{document}}\n")
    for name in (*drawings(), "paper"):
        run = subprocess.run(
            [str(PDFLATEX), "-halt-on-error", "-interaction=nonstopmode", f"{name}.tex"],
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout[-2000:]
        pages = re.search(r"\((\d+) pages?", run.stdout)
        assert pages is not None and (name == "paper" or pages.group(1) == "1")
