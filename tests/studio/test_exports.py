"""What the page gives away is what the command line writes."""

from pathlib import Path

import pytest

from archcompile.api import compile as compile_spec
from archcompile.drawing.formats.choice import SUFFIXES
from archcompile.studio.exports import FORMATS, SOURCE, export_bytes, python_source
from tests.command_line import Archc

SPEC = "resnet_v1_20"
DATED = (".pdf",)  # with the moment of writing


def test_every_format_is_given() -> None:
    assert set(FORMATS) == {*SUFFIXES, SOURCE}


@pytest.mark.parametrize("suffix", [each for each in SUFFIXES if each not in DATED])
def test_an_export_is_the_file_of_the_command(suffix: str, archc: Archc, tmp_path: Path) -> None:
    file = tmp_path / f"given{suffix}"
    assert archc("graph", SPEC, "-o", str(file)).code == 0
    assert export_bytes(compile_spec(SPEC), suffix) == file.read_bytes()


def test_the_source_makes_the_same_network() -> None:
    graph = compile_spec(SPEC)
    source = export_bytes(graph, SOURCE).decode()
    assert source == python_source(graph) and f"spec hash {graph.hash[:12]}" in source


def test_a_pdf_is_given() -> None:
    assert export_bytes(compile_spec(SPEC), ".pdf").startswith(b"%PDF-")
