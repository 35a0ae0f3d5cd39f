"""Every shipped spec at every level: whole, without overlaps, readable, and with the numbers of the
network.
"""

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import ImageFont

import archcompile.drawing.formats.png as png_module
from archcompile.analyses.cost import layers, totals
from archcompile.choices import Level
from archcompile.drawing.figure.boxes import Figure
from archcompile.drawing.figure.levels import LEVELS, figure
from archcompile.drawing.formats.svg_drawing import draw, is_whole, lay_out, legend_of, size
from archcompile.drawing.layout.places import Placed
from archcompile.drawing.layout.routes import place
from archcompile.drawing.layout.sizes import fits_a_page, font
from tests.conftest import every_shipped, shipped_graph
from tests.drawing import geometry

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
SPECS = every_shipped()


@cache
def placed_figure(name: str, level: Level) -> Placed:
    return place(figure(shipped_graph(name), level))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SPECS)
def test_nothing_lies_on_anything(name: str, level: Level) -> None:
    placed = placed_figure(name, level)
    assert geometry.overlapping_boxes(placed) == []
    assert geometry.crossed_boxes(placed) == []
    assert geometry.loose_ends(placed) == []
    assert geometry.badly_framed(placed) == []
    assert geometry.outside(placed, *size(placed)) == []


@cache
def letters(points: float, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(png_module.font_files()[bold]), round(10 * points))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SPECS)
def test_words_fit_their_boxes(name: str, level: Level) -> None:
    fig = figure(shipped_graph(name), level, shown=("shapes", "params", "macs"))
    placed = place(fig)
    assert geometry.overlapping_boxes(placed) == []
    for box in fig.boxes.values():
        for line in box.lines if box.form != "join" else ():
            width = letters(font(line, box.form), line.kind == "title").getlength(line.words) / 10
            assert width < placed.rects[box.name].w - 4, line.words


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SPECS)
def test_the_svg_is_xml_with_every_edge_into_every_merge(name: str, level: Level) -> None:
    """Counted in the document, against the arguments in the graph: a merge that is drawn by itself
    has them all.
    """
    graph, placed = shipped_graph(name), placed_figure(name, level)
    root = ElementTree.fromstring(draw(placed))
    into = Counter(
        path.attrib["data-to"] for path in root.iter(f"{SVG}path") if "data-to" in path.attrib
    )
    assert sum(into.values()) == len(placed.figure.edges)
    boxes = {
        group.attrib["data-node"] for group in root.iter(f"{SVG}g") if "data-node" in group.attrib
    }
    assert boxes == set(placed.figure.boxes)
    for name, box in placed.figure.boxes.items():
        merges = [graph.nodes[node] for node in box.nodes if graph.nodes[node].op.role == "merge"]
        if box.form in ("join", "plain") and merges:
            assert into[name] == len(merges[0].inputs) >= 2, name


@pytest.mark.parametrize("name", SPECS)
def test_shortcuts_are_visible_at_every_level(name: str) -> None:
    """All joins are drawn at the level `layer`; at `block` as often as their frames say; at `stage`
    the loops count them.
    """
    graph = shipped_graph(name)
    joins = set(graph.joins)
    assert {
        n for box in placed_figure(name, "layer").figure.boxes.values() for n in box.nodes
    } >= joins
    fig = placed_figure(name, "block").figure
    drawn = sum(times(fig, box) for box in fig.boxes if box in joins)
    assert drawn + count_arcs(fig, *joins - set(fig.boxes)) == len(joins)
    assert count_arcs(placed_figure(name, "stage").figure, *joins) >= len(joins)


def count_arcs(fig: Figure, *joins: str) -> int:
    """How many shortcuts the loops of the boxes that hold these joins count."""
    holders = (box for box in fig.boxes.values() if set(box.nodes) & set(joins))
    loops = [loop.words.split()[0] for box in holders for loop in box.loops]
    return sum(int(count.removeprefix("×")) for count in loops)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SPECS)
def test_boxes_stand_for_every_layer_once(name: str, level: Level) -> None:
    """Names, and so parameters and multiply-adds: what `--show` tells adds up to the network's,
    repeats counted.
    """
    graph = shipped_graph(name)
    costs = {cost.name: cost for cost in layers(graph)}
    fig = figure(graph, level, "full")
    held = [
        costs[node]
        for box in fig.boxes.values()
        for node in box.nodes
        for _ in range(times(fig, box.name))
    ]
    expected = totals(costs.values())
    assert len(held) == len(graph)
    if any(frame.notes for frame in fig.frames):  # these units differ
        return
    assert (totals(held).params, totals(held).macs) == (expected.params, expected.macs)


def times(fig: Figure, box: str) -> int:
    return next((frame.times for frame in fig.frames if box in frame.boxes), 1)


@pytest.mark.parametrize("name", SPECS)
def test_without_a_level_blocks_are_drawn_or_what_fits_a_page(name: str) -> None:
    placed = lay_out(shipped_graph(name), None, "paper")
    assert fits_a_page(*size(placed))
    if not is_whole(placed_figure(name, "block").figure):
        finer = LEVELS[: LEVELS.index(placed.figure.level)]
        assert not any(fits_a_page(*size(placed_figure(name, level))) for level in finer)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("resnet_v1_20", "block"),
        ("resnet_v1_110", "block"),
        ("googlenet", "layer"),
        ("resnet_v2_1001", "block"),
        ("resnet_50_fpn", "block"),
        ("vgg_19", "block"),
    ],
)
def test_the_level_that_is_chosen(name: str, level: Level) -> None:
    assert lay_out(shipped_graph(name), None, "paper").figure.level == level


def test_lines_that_overlap_the_next_one_only_take_two_lanes() -> None:
    """Each cell of NASNet reads the cell before the last one."""
    placed = placed_figure("nasnet_mobile", "block")
    trunk = {rect.x for rect in placed.rects.values()}
    lanes = {x for way in placed.ways for x, _ in way} - trunk
    assert len(lanes) == 4  # two where a part begins, since that line is a chain of its own
    assert max(lanes) < placed.width


def test_equal_blocks_in_a_list_of_steps_are_one_box_with_all_that_they_hold() -> None:
    boxes = placed_figure("shufflenet_v2_x1_0", "block").figure.boxes.values()
    (box,) = (box for box in boxes if box.part == "s3" and box.label.startswith("unit"))
    assert [line.words for line in box.lines] == [
        "unit ×7",
        "∥ channels 0 to 115",
        "∥ channels 116 to 231 → 1x1 conv, 116",
        " → 3x3 depthwise → 1x1 conv, 116",
        "concat → shuffle channels, 2 groups",
    ]
    assert not box.is_whole  # nothing shows where the branches begin


def test_a_called_block_shows_its_shortcuts_as_arcs() -> None:
    boxes = placed_figure("hrnet_w18", "block").figure.boxes.values()
    units = [box for box in boxes if box.label.startswith("4 basic units")]
    assert len(units) == 26
    assert {loop.words for box in units for loop in box.loops} == {"×4 identity"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hrnet_w18", "identity shortcut or branch"),
        ("resnet_50_fpn", "identity shortcut or branch"),
        ("resnet_50", "identity shortcut"),
        ("cbam_resnet_50", "shortcut without weights"),
        ("nasnet_mobile", "branch without weights"),
    ],
)
def test_the_legend_tells_branches_from_shortcuts(name: str, words: str) -> None:
    for level in LEVELS[1:]:
        assert next(iter(legend_of([placed_figure(name, level).figure]))) == words


def test_blocks_of_a_deep_net_are_few() -> None:
    fig = placed_figure("resnet_v2_1001", "block").figure
    assert [frame.times for frame in fig.frames] == [110, 110, 110]
    assert len(fig.boxes) == 18


def test_the_bytes_do_not_depend_on_hash_seeds() -> None:
    program = (
        "import sys, archcompile\n"
        "from archcompile.drawing.formats.svg_drawing import svg\nfrom "
        "archcompile.drawing.formats.html import html\nfrom archcompile.drawing.formats.mermaid "
        "import mermaid\n"
        "from archcompile.drawing.formats.poster import poster\nfrom "
        "archcompile.drawing.formats.dot import dot\n"
        "graphs = [archcompile.compile(n) for n in ('keras_inception_v3', 'se_resnet_50', "
        "'resnet_50_fpn')]\n"
        "for g in graphs:\n"
        "    sys.stdout.write(''.join([*(svg(g, level) for level in ('stage', 'block', 'layer')), "
        "html(g), dot(g), mermaid(g)[0]]))\n"
        "sys.stdout.write(poster(graphs))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            check=True,
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
