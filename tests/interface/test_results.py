"""What a result shows: a table in a terminal and in a notebook, and rows."""

import sys
from collections.abc import Callable
from inspect import isclass
from pathlib import Path

import pytest

import archcompile
from archcompile import interface
from archcompile.errors import MissingError, UsageError
from archcompile.interface import RowResult
from tests.command_line import Archc

RESULTS: dict[str, Callable[[], RowResult]] = {
    "summary": lambda: archcompile.summary("resnet_v1_20"),
    "cost": lambda: archcompile.cost("resnet_v1_20"),
    "diff": lambda: archcompile.diff("resnet_a_20", "plain_20"),
    "list_specs": archcompile.list_specs,
}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("width", [60, 140])
def test_a_table_fits_the_terminal(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    result = RESULTS[name]()
    lines = repr(result).splitlines()
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)
    html = result._repr_html_()
    assert html.count("<tr>") == 1 + len(result.table().rows)


def test_a_summary_is_the_table_of_build(
    archc: Archc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")  # what a pipe gets is narrower
    words = ["build", "resnet_v1_20", "--emit", "source", "-o", str(tmp_path / "net")]
    printed = archc(*words).out.split("wrote ")[0].rstrip()
    summary = archcompile.summary("resnet_v1_20")
    assert repr(summary).startswith(printed + "\n\n274,442 parameters")
    assert '<td style="text-align: left">basic x3</td>' in summary._repr_html_()


def test_text_of_a_spec_is_text_in_a_page() -> None:
    html = archcompile.compile("resnet_v1_20")._repr_html_()
    assert "3x3 conv, 16" in html and "data:image/svg+xml;base64," in html
    assert "32x32x3 -&gt; 10" in html


def test_a_graph_is_short() -> None:
    graph = archcompile.compile("resnet_v1_1202")
    assert repr(graph).startswith("resnet_v1_1202   32x32x3 -> 10   hash ")
    assert len(repr(graph)) < 1000


OPS = [
    ("stem_conv1", "conv(filters=16, init=he_normal, l2=0.0001, kernel=3)"),
    ("s2_b1_conv1", "conv(filters=32, init=he_normal, l2=0.0001, kernel=3, stride=2)"),
    ("stem_bn1", "bn()"),
    ("head_avg_pool1", "avg_pool(size=8)"),
]


@pytest.mark.parametrize(("node", "words"), OPS)
def test_an_op_is_named(node: str, words: str) -> None:
    assert str(archcompile.compile("resnet_v1_20").nodes[node].op) == words


def test_a_node_is_one_line() -> None:
    graph = archcompile.compile("resnet_v1_20")
    words = "conv(filters=32, init=he_normal, l2=0.0001, kernel=3, stride=2)"
    node = graph.nodes["s2_b1_conv1"]
    assert str(node) == repr(node) == f"s2_b1_conv1 = {words}(s1_b3_relu2) -> 16x16x32"


def test_what_has_a_length_has_items() -> None:
    """So that `list_specs()[0]` is the first, as of every other list."""
    classes = [value for name in dir(interface) if isclass(value := getattr(interface, name))]
    lists = [each for each in classes if issubclass(each, RowResult) and hasattr(each, "__len__")]
    assert interface.SpecList in lists and all(hasattr(each, "__getitem__") for each in lists)
    assert archcompile.list_specs()[0] == next(iter(archcompile.list_specs()))


def test_columns_are_called_as_in_the_command(archc: Archc) -> None:
    head = set(archcompile.cost("resnet_v1_20").table().head)
    printed = archc("cost", "resnet_v1_20").out.splitlines()[0].split("  ")
    assert {word.strip() for word in printed} - {""} <= head


def test_rows_as_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    frame = archcompile.cost("resnet_v1_20", level="stage").to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["name"]) == ["input", "stem", "s1", "s2", "s3", "head"]
    assert frame["params"].sum() == 274442
    assert "receptive_field.largest" in frame.columns


def test_without_pandas_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingError, match=r"to_pandas needs the package pandas.*\n.*`\.rows`"):
        archcompile.list_specs().to_pandas()


def test_a_drawing(tmp_path: Path) -> None:
    graph = archcompile.compile("resnet_v1_20")
    drawing = archcompile.draw(graph)
    assert drawing._repr_html_().startswith("<img ")
    file = drawing.save(tmp_path / "x.svg")
    assert file.read_text() == drawing.content
    assert next(box["name"] for box in drawing.to_dict()["drawings"][0]["boxes"]) == "input"
    written = archcompile.draw(graph, output=tmp_path / "x.png")
    assert written.file is not None and written.file.read_bytes() == written._repr_png_()
    with pytest.raises(UsageError, match=r'output="x\.png"'):
        drawing.save("x.png")


def test_settings_of_a_compiled_graph_are_refused() -> None:
    graph = archcompile.compile("resnet_v1_20")
    with pytest.raises(UsageError, match="compiled already, so depth cannot be set"):
        archcompile.cost(graph, depth=32)


def test_source_as_an_export(tmp_path: Path) -> None:
    graph = archcompile.compile("resnet_v1", depth=8)
    exported = archcompile.export(graph, "source", style="flat", output=tmp_path / "net.py")
    assert (tmp_path / "net.py").read_text() == exported.text == graph.to_source()
    with pytest.raises(UsageError, match=r'`data` is not for format="source"'):
        archcompile.export(graph, "source", data="digits")
