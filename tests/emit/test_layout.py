"""Every drawing: no two boxes overlap, no edge runs through a box, every edge ends where it should."""

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest

from archcompile.emit.figure import Edge, Style, figure
from archcompile.emit.route import Placed, Rect, place
from archcompile.graph.ir import LayerGraph
from tests.emit import nets

NETS = [
    *(pytest.param(nets.residual(n), id=f"residual-{n}") for n in (1, 3, 9)),
    pytest.param(nets.residual(3, rule="none"), id="no-shortcuts"),
    *(pytest.param(nets.preactivated(n), id=f"preactivated-{n}") for n in (2, 4)),
    pytest.param(nets.plain(), id="plain"),
    pytest.param(nets.branched(4), id="branched"),
    pytest.param(nets.nested(), id="nested"),
    pytest.param(nets.dense_block(), id="dense"),
    *(pytest.param(nets.random_graph(seed, 15 + 4 * seed), id=f"random-{seed}") for seed in range(12)),
]
STYLES: list[Style] = ["paper", "full"]
NEAR = 0.01


def each(graph: LayerGraph) -> Iterator[Placed]:
    for style in STYLES:
        yield place(figure(graph, style))


def edges_of(rect: Rect) -> tuple[float, float, float, float]:
    return rect.x - rect.w / 2, rect.y - rect.h / 2, rect.x + rect.w / 2, rect.y + rect.h / 2


@pytest.mark.parametrize("graph", NETS)
def test_boxes_do_not_overlap(graph: LayerGraph) -> None:
    for placed in each(graph):
        rects = [edges_of(rect) for rect in placed.rects.values()]
        assert all(left > 0 and right < placed.width and top > 0 and bottom <= placed.height
                   for left, top, right, bottom in rects)  # fmt: skip
        for i, (left, top, right, bottom) in enumerate(rects):
            for other_left, other_top, other_right, other_bottom in rects[:i]:
                assert right < other_left or other_right < left or bottom < other_top or other_bottom < top


@pytest.mark.parametrize("graph", NETS)
def test_no_edge_runs_through_a_box(graph: LayerGraph) -> None:
    for placed in each(graph):
        rects = {name: edges_of(rect) for name, rect in placed.rects.items()}
        for edge, way in zip(placed.figure.edges, placed.ways, strict=True):
            for (x1, y1), (x2, y2) in pairwise(way):
                assert x1 == x2 or y1 == y2, "edges run straight down or across"
                low, high = (min(x1, x2), min(y1, y2)), (max(x1, x2), max(y1, y2))
                hit = [name for name, (left, top, right, bottom) in rects.items()
                       if low[0] < right - NEAR and high[0] > left + NEAR
                       and low[1] < bottom - NEAR and high[1] > top + NEAR]  # fmt: skip
                assert not hit, f"{edge.source} -> {edge.target} crosses {hit}"


@pytest.mark.parametrize("graph", NETS)
def test_edges_lead_from_source_to_target(graph: LayerGraph) -> None:
    for placed in each(graph):
        for edge, way in zip(placed.figure.edges, placed.ways, strict=True):
            source, target = placed.rects[edge.source], placed.rects[edge.target]
            from_box = abs(way[0][0] - source.x) < NEAR and abs(way[0][1] - source.y - source.h / 2) < NEAR
            assert from_box or way[0] in placed.ports
            left, top, right, _ = edges_of(target)
            on_top = abs(way[-1][1] - top) < NEAR and abs(way[-1][0] - target.x) < NEAR
            on_side = abs(way[-1][0] - right) < NEAR and abs(way[-1][1] - target.y) < NEAR
            assert on_top or on_side, f"{edge.source} -> {edge.target} ends at {way[-1]}, not at {left, top, right}"


@pytest.mark.parametrize("graph", NETS)
def test_edges_do_not_lie_on_one_another(graph: LayerGraph) -> None:
    """Two edges may share a stretch only where they have an end in common, so that each can be followed by eye."""
    for placed in each(graph):
        runs: dict[tuple[str, float], list[tuple[float, float, Edge]]] = {}
        for edge, way in zip(placed.figure.edges, placed.ways, strict=True):
            for (x1, y1), (x2, y2) in pairwise(way):
                line = ("down", round(x1, 3)) if x1 == x2 else ("across", round(y1, 3))
                ends = (y1, y2) if x1 == x2 else (x1, x2)
                runs.setdefault(line, []).append((min(ends), max(ends), edge))
        for row in runs.values():
            for (low, high, one), (other_low, other_high, other) in combinations(row, 2):
                if low < other_high - NEAR and other_low < high - NEAR:
                    assert one.source == other.source or one.target == other.target


def test_the_trunk_is_straight_and_skips_lie_beside_it() -> None:
    placed = place(figure(nets.residual(3)))
    aside = [name for name, rect in placed.rects.items() if rect.x != placed.rects["input"].x]
    assert aside == ["s2_b1_shortcut_conv1", "s3_b1_shortcut_conv1"]
    assert len(placed.ports) == 0


def test_long_nets_fill_a_landscape_page_in_columns_that_start_with_a_unit() -> None:
    drawings: list[tuple[LayerGraph, Style]] = [
        (nets.residual(18), "paper"), (nets.preactivated(12), "paper"), (nets.residual(200), "paper"),
        *((nets.residual(n), "full") for n in (9, 10, 11, 12, 18)),
    ]  # fmt: skip
    for graph, style in drawings:
        placed = place(figure(graph, style))
        assert 1.15 < placed.width / placed.height < 1.75
        assert len(placed.ports) >= 4
        tops = [min(r.y for r in placed.rects.values() if abs(r.x - x) < NEAR) for x, _ in placed.ports]
        firsts = [name for name, r in placed.rects.items() if any(
            abs(r.x - x) < NEAR and r.y == top for (x, _), top in zip(placed.ports, tops, strict=True))]  # fmt: skip
        assert len(firsts) == len(placed.ports)
        assert all(name.endswith("_conv1") for name in firsts)


def test_columns_end_only_where_one_box_feeds_all_that_follows() -> None:
    placed = place(figure(nets.nested()))
    assert len(placed.ports) >= 2
    columns = [placed.rects["input"].x, *(x for x, _ in placed.ports)]
    crossing = {e.source for e in placed.figure.edges
                if columns.index(placed.rects[e.source].x) != columns.index(placed.rects[e.target].x)}  # fmt: skip
    assert len(crossing) == len(placed.ports)
    assert crossing <= {f"o{i}_outer" for i in range(1, 9)}


def test_a_thousand_layers_cost_no_more_for_each_than_a_hundred() -> None:
    """The contraction is linear: neither edges nor corners grow faster than the net."""
    small, large = (place(figure(nets.residual(n))) for n in (20, 200))
    for count in (lambda p: len(p.figure.edges), lambda p: sum(map(len, p.ways))):
        assert count(large) < 10.1 * count(small)
