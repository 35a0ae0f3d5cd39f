"""What a drawing must not leave out, for every shipped network and for random ones."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import pairwise

import pytest

from archcompile.choices import Level
from archcompile.drawing.figure.boxes import Box, Figure
from archcompile.drawing.figure.levels import LEVELS, Drawing
from archcompile.drawing.layout.routes import place
from archcompile.errors import SpecError
from archcompile.graph.ir import LayerGraph, Node
from tests.conftest import every_shipped, shipped_graph
from tests.spec.random_graphs import graph_rich_in_ops, graph_rich_in_structure

RANDOM = range(15)


_PARTS = re.compile(r"(\b\d+\b)")
_NUMBERS = re.compile(r"\b\d+ to \d+\b|\b\d+\b")


@cache
def random_graphs() -> list[LayerGraph]:
    return list(_random_graphs())


def _random_graphs() -> Iterator[LayerGraph]:
    for seed in RANDOM:
        yield graph_rich_in_ops(seed)
        with suppress(SpecError):
            yield graph_rich_in_structure(seed)


def unsaid(graph: LayerGraph, level: Level) -> list[str]:
    """Nodes that change the shape, and stand in no box that says so."""
    drawing = Drawing(graph)
    fig = drawing.at(level)
    first = first_of_group(drawing) if level == "block" else {}
    home = {node: box for box in fig.boxes.values() for node in box.nodes}
    changing = [n for n in graph if n.inputs and n.shape not in graph.input_shapes(n)]
    return [
        node.name
        for node in changing
        if not says(drawing, home.get(first.get(node.name, node.name)), node)
    ]


def first_of_group(drawing: Drawing) -> dict[str, str]:
    return {
        node.name: shown.name
        for group in drawing.groups
        for unit in group.units
        for node, shown in zip(unit, group.nodes, strict=True)
    }


def says(drawing: Drawing, box: Box | None, node: Node) -> bool:
    """By its label, the name of a block that it belongs to, or the number of lines left out."""
    if box is None:
        return False
    words = " ".join(line.words for line in box.lines)
    inner = node.origin.inner
    named = [node.op.label(), *([inner.words] if inner else [])]
    if box.form == "part" and node.origin.row:
        named.append(node.origin.row)
    return any(_says(words, name) for name in named) or "more lines" in words


def _says(words: str, name: str) -> bool:
    """Each number of a name may stand in a range: `3x3 conv, 18 to 144`."""
    if name in words:
        return True
    either = r"(?:\d+ to \d+|\d+)"
    parts = (either if part.isdigit() else re.escape(part) for part in _PARTS.split(name))
    return any(_holds(label, name) for label in re.findall("".join(parts), words))


def _holds(label: str, name: str) -> bool:
    """Whether each number of a name is within the range in its place in a label."""
    return all(map(_is_within, _NUMBERS.findall(label), _NUMBERS.findall(name)))


def _is_within(between: str, number: str) -> bool:
    low, *high = between.split(" to ")
    return int(low) <= int(number) <= int(high[0] if high else low)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", every_shipped())
def test_changes_of_shape_of_shipped_networks_are_drawn(name: str, level: Level) -> None:
    assert unsaid(shipped_graph(name), level) == []


@pytest.mark.parametrize("level", LEVELS)
def test_changes_of_shape_of_random_networks_are_drawn(level: Level) -> None:
    assert {graph.name: unsaid(graph, level) for graph in random_graphs()} == {
        graph.name: [] for graph in random_graphs()
    }


def misplaced_concats(fig: Figure) -> list[str]:
    """Concats whose branches stand in another order than that of their inputs."""
    placed = place(fig)
    wrong = []
    targets: dict[str, list[str]] = {name: [] for name in fig.boxes}
    for edge in fig.edges:
        targets[edge.source].append(edge.target)
    for name, box in fig.boxes.items():
        into = [edge.source for edge in fig.edges if edge.target == name]
        branches = [source for source in into if targets[source] == [name]]
        xs = [placed.rects[source].x for source in branches]
        if box.is_ordered and any(a >= b for a, b in pairwise(xs)):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("name", ["googlenet", "keras_inception_v3", "densenet_bc_100_12"])
def test_branches_stand_in_the_order_of_their_concat(name: str) -> None:
    assert misplaced_concats(Drawing(shipped_graph(name)).at("layer")) == []


@pytest.mark.parametrize("name", every_shipped())
def test_units_that_are_drawn_alike_are_folded(name: str) -> None:
    """No unit of a stage follows one with the same words and wiring, but where a line leaves it, or
    comes from further above, as in the cells of NASNet.
    """
    drawing = Drawing(shipped_graph(name))
    looks = {id(g): unit_words(drawing, g.nodes) for g in drawing.groups}
    for before, after in pairwise(drawing.groups):
        if before.part == after.part and looks[id(before)] == looks[id(after)]:
            leaving = {n.name for n in before.units[-1]}
            following = {n.name for unit in after.units for n in unit} | leaving
            readers = {
                node.name for node in drawing.graph if leaving & set(node.inputs)
            } - following
            entering = {source for n in after.units[0] for source in n.inputs} - following
            unlike = unlike_start(before.nodes, after.nodes)
            assert readers or entering or unlike, before.nodes[0].name


def unit_words(drawing: Drawing, nodes: tuple[Node, ...]) -> list[str]:
    return [drawing.label(node) for node in nodes if node.name in drawing.drawn_names]


def unlike_start(before: tuple[Node, ...], after: tuple[Node, ...]) -> bool:
    """Whether layers that no drawing shows, map sizes or wiring tell two units apart."""
    return [(n.op.kind, n.shape[:-1], n.origin.rule) for n in before] != [
        (n.op.kind, n.shape[:-1], n.origin.rule) for n in after
    ]


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("stochastic_depth_110", "drop path 0.00926 to 0.167"),
        ("keras_densenet121", "96 to 256 channels"),
        ("keras_inception_v3", "from 256 to 288 channels"),
        ("resnet_v1_20", ""),
    ],
)
def test_a_frame_says_in_what_its_units_differ(name: str, notes: str) -> None:
    assert ", ".join(Drawing(shipped_graph(name)).at("block").frames[0].notes) == notes


def test_a_block_within_a_block_is_called_by_its_label() -> None:
    fig = Drawing(shipped_graph("se_resnet_20")).at("block")
    first = fig.boxes["s1_b1_conv1"]
    assert [line.words for line in first.lines] == [
        "se_basic",
        "3x3 conv, 16 ×2",
        "squeeze-excite /16",
    ]
    assert not first.loops


def test_one_edge_leads_from_page_to_page() -> None:
    placed = place(Drawing(shipped_graph("resnet_50_fpn")).at("layer"))
    assert placed.ports
    for port in placed.ports:
        assert sum(way[0] == port for way in placed.ways) >= 1
        assert sum(way[0] != port and port in way for way in placed.ways) <= 1


def test_a_shuffle_of_channels_is_drawn() -> None:
    graph = shipped_graph("shufflenet_v2_x1_0")
    shuffles = {node.name for node in graph if node.op.kind == "shuffle_channels"}
    assert shuffles and shuffles <= set(Drawing(graph).at("layer").boxes)
