"""Every drawing: no two boxes overlap, no edge runs through a box, every edge ends where it
should.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest

from archcompile.api import compile_text
from archcompile.choices import Level
from archcompile.drawing.figure.boxes import Edge, Style
from archcompile.drawing.figure.levels import figure
from archcompile.drawing.layout.places import Placed
from archcompile.drawing.layout.routes import place
from archcompile.graph.ir import LayerGraph
from tests.drawing import geometry, nets

NETS = [
    *(pytest.param(nets.residual(n), id=f"residual-{n}") for n in (1, 3, 9)),
    pytest.param(nets.residual(3, rule="none"), id="no-shortcuts"),
    *(pytest.param(nets.preactivation(n), id=f"preactivated-{n}") for n in (2, 4)),
    pytest.param(nets.plain(), id="plain"),
    pytest.param(nets.branching(4), id="branched"),
    pytest.param(nets.nested_units(), id="nested"),
    pytest.param(nets.dense_block(), id="dense"),
    *(
        pytest.param(nets.random_graph(seed, 15 + 4 * seed), id=f"random-{seed}")
        for seed in range(12)
    ),
]
DRAWINGS: list[tuple[Level, Style]] = [
    ("layer", "paper"),
    ("layer", "full"),
    ("block", "paper"),
    ("stage", "paper"),
]
NEAR = 0.01


def each(graph: LayerGraph) -> Iterator[Placed]:
    for level, style in DRAWINGS:
        yield place(figure(graph, level, style))


@pytest.mark.parametrize("graph", NETS)
def test_nothing_overlaps_and_every_edge_leads_from_box_to_box(graph: LayerGraph) -> None:
    for placed in each(graph):
        assert geometry.overlapping_boxes(placed) == []
        assert geometry.crossed_boxes(placed) == []
        assert geometry.loose_ends(placed) == []
        assert geometry.outside(placed, placed.width, placed.height + 1) == []


def test_the_checks_find_what_they_look_for() -> None:
    placed = place(figure(nets.residual(2), "block"))
    name, below = "stem_conv1", "s1_b1_conv1"
    assert geometry.badly_framed(placed) == []
    placed.rects[name] = placed.rects[below]
    assert geometry.overlapping_boxes(placed) == [(below, name)]
    assert any("input -> stem_conv1" in end for end in geometry.loose_ends(placed))
    placed.ways[1] = [(10.0, 10.0), (400.0, 500.0)]
    assert any("aslant" in end for end in geometry.crossed_boxes(placed))
    assert geometry.badly_framed(placed) == ["stem_conv1 at the frame of s1_b1_conv1"]
    placed.ways[1] = [(placed.rects[below].x, 0.0), (placed.rects[below].x, placed.height)]
    assert any("runs through" in end for end in geometry.crossed_boxes(placed))
    assert geometry.outside(placed, 50, 50)


@pytest.mark.parametrize("graph", NETS)
def test_edges_do_not_lie_on_one_another(graph: LayerGraph) -> None:
    """Two edges may share a stretch only where they have an end in common, so that each can be
    followed by eye.
    """
    for placed in each(graph):
        runs: dict[tuple[str, float], list[tuple[float, float, Edge]]] = {}
        for edge, way in zip(placed.figure.edges, placed.ways, strict=True):
            for (x1, y1), (x2, y2) in pairwise(way):
                line = ("down", round(x1, 3)) if x1 == x2 else ("across", round(y1, 3))
                ends = (y1, y2) if x1 == x2 else (x1, x2)
                runs.setdefault(line, []).append((min(ends), max(ends), edge))
        for row in runs.values():
            for (low, high, first), (other_low, other_high, second) in combinations(row, 2):
                if low < other_high - NEAR and other_low < high - NEAR:
                    assert first.source == second.source or first.target == second.target


def test_the_trunk_is_straight_and_skips_lie_beside_it() -> None:
    placed = place(figure(nets.residual(3)))
    aside = [name for name, rect in placed.rects.items() if rect.x != placed.rects["input"].x]
    assert aside == ["s2_b1_shortcut_conv1", "s3_b1_shortcut_conv1"]
    assert len(placed.ports) == 0


def test_long_nets_fill_a_landscape_page_in_columns_that_start_with_a_unit() -> None:
    drawings: list[tuple[LayerGraph, Style]] = [
        (nets.residual(18), "paper"),
        (nets.preactivation(12), "paper"),
        (nets.residual(200), "paper"),
        *((nets.residual(n), "full") for n in (9, 10, 11, 12, 18)),
    ]
    for graph, style in drawings:
        placed = place(figure(graph, style=style))
        assert 1.15 < placed.width / placed.height < 1.75
        assert len(placed.ports) >= 4
        firsts = []
        for x, _ in placed.ports:
            column = {name: r.y for name, r in placed.rects.items() if abs(r.x - x) < NEAR}
            firsts += [name for name, y in column.items() if y == min(column.values())]
        assert len(firsts) == len(placed.ports)
        assert all(name.endswith("_conv1") for name in firsts)


def test_columns_end_only_where_one_box_feeds_all_that_follows() -> None:
    placed = place(figure(nets.nested_units()))
    assert len(placed.ports) >= 2
    columns = [placed.rects["input"].x, *(x for x, _ in placed.ports)]
    crossing = {
        e.source
        for e in placed.figure.edges
        if columns.index(placed.rects[e.source].x) != columns.index(placed.rects[e.target].x)
    }
    assert len(crossing) == len(placed.ports)
    assert crossing <= {f"o{i}_outer" for i in range(1, 9)}


def test_a_thousand_layers_cost_no_more_for_each_than_a_hundred() -> None:
    """The contraction is linear: neither edges nor corners grow faster than the net."""
    small, large = (place(figure(nets.residual(n))) for n in (20, 200))
    for count in (lambda p: len(p.figure.edges), lambda p: sum(map(len, p.ways))):
        assert count(large) < 10.1 * count(small)


def test_a_line_past_a_frame_leaves_above_it() -> None:
    text = """\
archc: 1
uses: [blocks/residual.yaml]
input: [8, 8, 4]
stages:
  one: [conv: {filters: 8, kernel: 3}]
  two: {block: basic, repeat: 3, filters: 8}
shortcut: identity
head: [conv: {filters: 8, kernel: 1, from: one}, add: {with: two}, global_avg_pool]
"""
    fig = figure(compile_text(text), "block")
    placed = place(fig)
    (frame,) = placed.frames
    left, top, right, bottom = geometry.sides(frame)
    (way,) = (
        way for edge, way in zip(fig.edges, placed.ways, strict=True) if edge.target == "head_conv1"
    )
    assert all(not (left < x < right and top < y < bottom) for x, y in way)
    assert any(y < top and x > right for x, y in way), "it turns above the frame"


@pytest.mark.parametrize("streams", [1, 2, 3])
def test_a_frame_beside_the_trunk_holds_its_own_boxes(streams: int) -> None:
    """Units that are repeated in one of several columns."""
    names = [f"low{number}" for number in range(streams)]
    stages = "".join(
        f"  start{number}: [conv: {{from: high, filters: 16, kernel: 3}}]\n"
        f"  {name}: {{block: basic, repeat: {number + 2}, filters: 16}}\n"
        for number, name in enumerate(names)
    )
    text = f"""\
archc: 1
uses: [blocks/residual.yaml]
input: [8, 8, 4]
stem: [conv: {{filters: 8, kernel: 3}}]
stages:
  high: {{block: basic, repeat: 2, filters: 8}}
{stages}  wide: [basic: {{from: high, filters: 8, repeat: 2}}, conv: {{filters: 16, kernel: 1}}]
shortcut: identity
head: [add: {{with: [{", ".join(names)}]}}, global_avg_pool]
"""
    placed = place(figure(compile_text(text), "block"))
    assert len(placed.frames) == 1 + streams
    assert geometry.badly_framed(placed) == []
