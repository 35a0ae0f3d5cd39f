"""Networks side by side: rows of one map size on one level, whatever the networks are."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from archcompile.choices import Level
from archcompile.drawing.figure.levels import figure
from archcompile.drawing.formats.palette import size_colours
from archcompile.drawing.formats.poster import Size, columns, merge_sizes, poster, size_runs
from archcompile.drawing.layout.layout_grid import arrange
from archcompile.graph.ir import LayerGraph
from tests.conftest import shipped_graph
from tests.drawing import geometry, nets

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
SETS = [
    ("vgg_19", "plain_34", "resnet_34"),
    ("alexnet", "googlenet", "keras_mobilenet_v2", "resnet_v1_20"),
    ("resnet_50_fpn", "highway_19"),
    ("densenet_bc_100_12",),
    ("keras_inception_v3", "se_resnet_50", "resnet_v1_20", "vgg_16", "keras_xception", "resnet_50"),
]


def squares(*sizes: int) -> list[Size]:
    return [(size, size) for size in sizes]


@pytest.mark.parametrize(
    ("sequences", "merged"),
    [
        ([squares(224, 112, 56, 1), squares(224, 56, 28, 1)], squares(224, 112, 56, 28, 1)),
        ([squares(32, 16, 8, 1), squares(224, 14, 1)], squares(224, 32, 16, 14, 8, 1)),
        ([squares(28, 14, 28, 1), squares(28, 1)], squares(28, 14, 28, 1)),  # down and up again
        ([squares(28, 1), squares(28, 14, 28, 1)], squares(28, 14, 28, 1)),
        ([squares(8, 4), squares(8, 4)], squares(8, 4)),
        ([[(8, 4), (4, 2)], [(8, 8), (4, 2)]], [(8, 8), (8, 4), (4, 2)]),
    ],
)
def test_one_sequence_of_sizes_holds_all(sequences: list[list[Size]], merged: list[Size]) -> None:
    assert merge_sizes(sequences) == merged


@pytest.mark.parametrize("level", ["layer", "block"])
@pytest.mark.parametrize("names", SETS, ids="+".join)
def test_rows_of_one_size_begin_on_one_level(names: tuple[str, ...], level: Level) -> None:
    figures = [figure(shipped_graph(name), level) for name in names]
    actual = columns(figures)
    tops = dict(zip(range(len(actual.sizes)), actual.tops, strict=True))
    assert list(tops.values()) == sorted(tops.values())
    right = 0.0
    for fig, placed, band in zip(figures, actual.placed, actual.bands, strict=True):
        grid = arrange(fig)
        assert [actual.sizes[at] for at in band] == [size for size, _ in size_runs(fig, grid)], (
            "every size of the trunk, in order"
        )
        for at, row in band.items():
            assert placed.rows[row] == tops[at]
            before = max(
                (rect.y for name, rect in placed.rects.items() if grid.row[name] < row), default=0
            )
            assert before < tops[at], "nothing of the band before reaches into this one"
        assert (
            geometry.overlapping_boxes(placed)
            == geometry.crossed_boxes(placed)
            == geometry.loose_ends(placed)
            == []
        )
        assert geometry.badly_framed(placed) == []
        assert min(geometry.sides(rect)[0] for rect in placed.rects.values()) > right, (
            "columns lie apart"
        )
        right = placed.width


def test_shortcuts_and_their_dashes_are_those_of_the_graphs() -> None:
    names = ("vgg_19", "plain_34", "resnet_34")
    root = ElementTree.fromstring(poster([shipped_graph(name) for name in names]))
    edges = [path for path in root.iter(f"{SVG}path") if "data-to" in path.attrib]
    expected_edges = [edge for name in names for edge in figure(shipped_graph(name)).edges]
    assert [(e.attrib["data-from"], e.attrib["data-to"]) for e in edges] == [
        (e.source, e.target) for e in expected_edges
    ]
    # three projections, each in and out
    assert sum("stroke-dasharray" in e.attrib for e in edges) == 6
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {
        "vgg_19",
        "plain_34",
        "resnet_34",
        "depth 34",
        "224x224",
        "112x112",
        "56x56",
        "28x28",
        "14x14",
        "7x7",
    } <= set(texts)


def named_net(name: str) -> LayerGraph:
    net = nets.Net(name=name)
    net.chain(net.input(8, 8, 3), "c", nets.conv(3))
    return net.graph()


def test_hostile_names_stay_text() -> None:
    hostile = '"><script>alert(1)</script>&amp;]]>\x00'
    root = ElementTree.fromstring(poster([named_net(hostile), named_net("b")]))
    assert not [element for element in root.iter() if "script" in element.tag]


def test_the_poster_in_the_documentation_is_up_to_date() -> None:
    drawn = poster([shipped_graph(name) for name in ("vgg_19", "plain_34", "resnet_34")])
    assert (ROOT / "docs" / "poster.svg").read_text(encoding="utf-8") == drawn


def test_sizes_of_many_networks_keep_the_colours_of_their_ranges() -> None:
    """Where there are more sizes than colours: 32 is green and 8 blue, as in a drawing of one."""
    many = size_colours(squares(149, 147, 112, 73, 71, 56, 35, 32, 28, 17, 16, 14, 8, 7))
    alone = size_colours(squares(32, 16, 8))
    assert {size: many[size] for size in alone} == alone
    few = size_colours(squares(32, 28, 17, 16))
    assert len(set(few.values())) == 4
