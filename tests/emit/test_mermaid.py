"""The Mermaid chart: blocks, what they share, and never more than Mermaid takes."""

import json
import re

import pytest

from archcompile.api import compile_text
from archcompile.emit.mermaid import MOST_CHARACTERS, MOST_LINKS, mermaid
from archcompile.errors import UsageError
from archcompile.graph.ir import LayerGraph
from tests.emit import nets

LINK = re.compile(r'  (g\d+j?) (-->|-\.->)(?:\|"([^"]*)"\|)? (g\d+j?)')


def links(chart: str) -> list[tuple[str, str, str, str]]:
    return [match.group(1, 2, 3, 4) for match in map(LINK.fullmatch, chart.splitlines()) if match]  # type: ignore[misc]


def words(chart: str) -> dict[str, str]:
    return dict(re.findall(r'^ *(g\d+j?)[\[(]+"([^"]*)"[\])]+$', chart, re.MULTILINE))


def test_equal_units_are_folded_and_their_shortcut_is_shown() -> None:
    chart = mermaid(nets.residual(3))
    assert words(chart) == {
        "g0": "input 32x32x3", "g1": "3x3 conv, 16#59; batch norm#59; relu",
        "g2": "two_convs x3", "g2j": "+",
        "g3": "two_convs", "g3j": "+", "g4": "two_convs x2", "g4j": "+",
        "g5": "two_convs", "g5j": "+", "g6": "two_convs x2", "g6j": "+",
        "g7": "avg pool 8x8#59; flatten#59; dense 10, softmax",
    }  # fmt: skip
    assert links(chart) == [
        ("g0", "-->", None, "g1"), ("g1", "-->", None, "g2"),
        ("g2", "-->", None, "g2j"), ("g1", "-->", "identity", "g2j"), ("g2j", "-->", None, "g3"),
        ("g3", "-->", None, "g3j"), ("g2j", "-.->", "1x1 conv, 32, /2", "g3j"), ("g3j", "-->", None, "g4"),
        ("g4", "-->", None, "g4j"), ("g3j", "-->", "identity", "g4j"), ("g4j", "-->", None, "g5"),
        ("g5", "-->", None, "g5j"), ("g4j", "-.->", "1x1 conv, 64, /2", "g5j"), ("g5j", "-->", None, "g6"),
        ("g6", "-->", None, "g6j"), ("g5j", "-->", "identity", "g6j"), ("g6j", "-->", None, "g7"),
    ]  # fmt: skip
    assert re.findall(r'subgraph p\d+\["(.*)"\]', chart) == [
        "stem   32x32x16", "s1   32x32x16", "s2   16x16x32", "s3   8x8x64", "head   10"]  # fmt: skip


@pytest.mark.parametrize(
    ("shortcut", "label", "arrow"),
    [
        ("scaled", "scaled", "-->"),
        ("projection", "identity", "-->"),  # the shapes agree: it only adds
        ("highway", "3x3 conv, 4", "-.->"),
    ],
)
def test_a_shortcut_is_called_identity_only_where_it_is_one(shortcut: str, label: str, arrow: str) -> None:
    spec = {
        "archc": 1,
        "input": [8, 8, 4],
        "uses": ["blocks/plain.yaml"],
        "stages": {"s": {"block": "plain", "repeat": 2, "filters": 4, "shortcut": shortcut}},
    }
    graph = compile_text(json.dumps(spec), file="rules.yaml")
    found = [(way, words) for _, way, words, end in links(mermaid(graph)) if end.endswith("j") and words]
    assert set(found) == {(arrow, label)}


def test_a_net_of_a_thousand_layers_is_as_small_as_one_of_twenty() -> None:
    assert len(links(mermaid(nets.residual(200)))) == len(links(mermaid(nets.residual(3))))


def test_branches_and_several_outputs() -> None:
    assert [(a, b) for a, _, _, b in links(mermaid(nets.branched()))] == [
        ("g0", "g1"), ("g1", "g2"), ("g2", "g3"), ("g3", "g4"), ("g2", "g5"), ("g4", "g6")]  # fmt: skip


def different_units(parts: int, units: int) -> LayerGraph:
    """Units that cannot be folded, as each drops out a little more than the one before."""
    net = nets.Net("many")
    x = net.input(8, 8, 4)
    for stage in range(parts):
        net.part, net.block = f"s{stage}", "dropping"
        for net.unit in range(1, units + 1):
            rate = (stage * units + net.unit) / (parts * units + 1)
            y = net.chain(x, f"s{stage}_b{net.unit}", nets.conv(4), nets.op("dropout", rate=rate))
            net.rule = "identity"
            x = net.add(f"s{stage}_b{net.unit}_add", nets.op("add"), x, y)
            net.joins.append(x)
            net.rule = None
    return net.graph()


@pytest.mark.parametrize(("units", "boxes"), [(50, 1 + 3 * 2 * 50), (60, 1 + 3)])
def test_units_too_many_for_mermaid_are_drawn_by_stage(units: int, boxes: int) -> None:
    chart = mermaid(different_units(3, units))
    assert len(words(chart)) == boxes
    assert len(links(chart)) <= MOST_LINKS
    assert len(chart) <= MOST_CHARACTERS


def test_stages_too_many_for_mermaid_are_refused() -> None:
    with pytest.raises(UsageError, match="more parts than Mermaid") as caught:
        mermaid(different_units(600, 1))
    assert ".svg" in (caught.value.hint or "")


def test_hostile_names_stay_text() -> None:
    name = '"]; end\n%% `x` <b>&#quot;\x1b'
    net = nets.Net(name)
    x = net.input(8, 8, 3)
    net.part, net.block, net.unit = name, name, 1
    net.chain(x, name, nets.conv(3))
    chart = mermaid(net.graph())
    lines = chart.splitlines()
    assert len(lines) == len(mermaid(_tame(net.graph())).splitlines())
    quoted = [part for line in lines[3:] for part in re.findall(r'"([^"]*)"', line)]
    assert all(re.fullmatch(r"(?:[\w .,:+/()-]|#\d+;)*", words) for words in quoted)
    assert all(line.count('"') in (0, 2) for line in lines[3:])


def _tame(graph: LayerGraph) -> LayerGraph:
    net = nets.Net("tame")
    x = net.input(8, 8, 3)
    net.part, net.block, net.unit = "part", "block", 1
    net.chain(x, "conv", nets.conv(3))
    return net.graph()
