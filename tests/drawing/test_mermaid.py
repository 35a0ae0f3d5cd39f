"""The Mermaid chart: blocks, what they share, and never more than Mermaid takes."""

import re

import pytest

from archcompile.drawing.formats.mermaid import MOST_CHARACTERS, MOST_LINKS, mermaid
from archcompile.errors import UsageError
from archcompile.graph.ir import LayerGraph
from tests.drawing import nets

LINK = re.compile(r'  (b\d+) (-->|-\.->)(?:\|"([^"]*)"\|)? (b\d+)')


def links(chart: str) -> list[tuple[str, str, str, str]]:
    return [match.group(1, 2, 3, 4) for match in map(LINK.fullmatch, chart.splitlines()) if match]  # type: ignore[misc]


def words(chart: str) -> dict[str, str]:
    return dict(re.findall(r'^ *(b\d+)[\[(]+"([^"]*)"[\])]+$', chart, re.MULTILINE))


FOLDED = {
    "b0": "input 32x32x3",
    "b1": "3x3 conv, 16",
    "b2": "two_convs<br/>3x3 conv, 16 #215;2",
    "b3": "#43;",
    "b4": "two_convs<br/>3x3 conv, 32, /2<br/>3x3 conv, 32",
    "b5": "1x1 conv, 32, /2",
    "b6": "#43;",
    "b7": "two_convs<br/>3x3 conv, 32 #215;2",
    "b8": "#43;",
    "b9": "two_convs<br/>3x3 conv, 64, /2<br/>3x3 conv, 64",
    "b10": "1x1 conv, 64, /2",
    "b11": "#43;",
    "b12": "two_convs<br/>3x3 conv, 64 #215;2",
    "b13": "#43;",
    "b14": "avg pool 8x8<br/>flatten<br/>dense 10, softmax",
}


def test_equal_units_are_folded_with_their_shortcut() -> None:
    chart, level = mermaid(nets.residual(3))
    assert level == "block"
    assert words(chart) == FOLDED
    ways = [(a, b) for a, way, _, b in links(chart) if way == "-->"]
    assert ways == [
        ("b0", "b1"),
        ("b1", "b2"),
        ("b1", "b3"),
        ("b2", "b3"),
        ("b3", "b4"),
        ("b4", "b6"),
        ("b6", "b7"),
        ("b6", "b8"),
        ("b7", "b8"),
        ("b8", "b9"),
        ("b9", "b11"),
        ("b11", "b12"),
        ("b11", "b13"),
        ("b12", "b13"),
        ("b13", "b14"),
    ]
    assert [(a, b) for a, way, _, b in links(chart) if way == "-.->"] == [
        ("b3", "b5"),
        ("b5", "b6"),
        ("b8", "b10"),
        ("b10", "b11"),
    ]
    assert re.findall(r'subgraph p\d+\["(.*)"\]', chart) == [
        "stem   32x32x16",
        "s1   32x32x16",
        "s2   16x16x32",
        "s3   8x8x64",
        "head   10",
    ]
    assert re.findall(r'subgraph p\d+f\d+\["(.*)"\]', chart) == ["#215;3", "#215;2", "#215;2"]
    assert chart.count("subgraph") == len(re.findall(r"^ *end$", chart, re.MULTILINE))


def test_a_net_of_a_thousand_layers_is_as_small_as_one_of_twenty() -> None:
    assert len(links(mermaid(nets.residual(200))[0])) == len(links(mermaid(nets.residual(3))[0]))


def test_stages_have_their_shortcuts_as_loops() -> None:
    chart, level = mermaid(nets.residual(3), "stage")
    assert level == "stage"
    assert [(way, label, a) for a, way, label, b in links(chart) if a == b] == [
        ("-->", "#215;3 identity", "b2"),
        ("-.->", "#215;1 projection", "b3"),
        ("-->", "#215;2 identity", "b3"),
        ("-.->", "#215;1 projection", "b4"),
        ("-->", "#215;2 identity", "b4"),
    ]


def test_branches_and_several_outputs() -> None:
    chart, _ = mermaid(nets.branching(1))
    labels = words(chart)
    joined = [(labels[a], labels[b]) for a, _, _, b in links(chart) if labels[b] == "concat"]
    assert [a for a, _ in joined] == [
        "1x1 conv, 64",
        "3x3 conv, 128",
        "5x5 conv, 32",
        "1x1 conv, 32",
    ]


def different_units(parts: int, units: int) -> LayerGraph:
    """Units that cannot be folded, as each has another kernel than the one before."""
    net = nets.Net(name="many")
    x = net.input(8, 8, 4)
    for stage in range(parts):
        net.part, net.block = f"s{stage}", "dropping"
        for net.unit in range(1, units + 1):
            rate = (stage * units + net.unit) / (parts * units + 1)
            layers = nets.conv(4, 1 + 2 * (net.unit % 2)), nets.op("dropout", rate=rate)
            y = net.chain(x, f"s{stage}_b{net.unit}", *layers)
            net.rule = "identity"
            x = net.add(f"s{stage}_b{net.unit}_add", nets.op("add"), x, y)
            net.joins.append(x)
            net.rule = None
    return net.graph()


@pytest.mark.parametrize(
    ("units", "expected", "boxes"), [(50, "block", 1 + 3 * 2 * 50), (60, "stage", 1 + 3)]
)
def test_units_too_many_for_mermaid_are_drawn_by_stage(
    units: int, expected: str, boxes: int
) -> None:
    chart, level = mermaid(different_units(3, units))
    assert (level, len(words(chart))) == (expected, boxes)
    assert len(links(chart)) <= MOST_LINKS
    assert len(chart) <= MOST_CHARACTERS


def test_layers_too_many_for_mermaid_are_drawn_by_block() -> None:
    assert mermaid(nets.residual(3), "layer")[1] == "layer"
    assert mermaid(nets.residual(200), "layer")[1] == "block"


def test_stages_too_many_for_mermaid_are_refused() -> None:
    with pytest.raises(UsageError, match="too many parts for Mermaid") as caught:
        mermaid(different_units(600, 1))
    assert ".svg" in (caught.value.hint or "")


def test_hostile_names_stay_text() -> None:
    name = '"]; end\n%% `x` <b>&#quot;\x1b'
    net = nets.Net(name=name)
    x = net.input(8, 8, 3)
    net.part, net.block, net.unit = name, name, 1
    net.chain(x, name, nets.conv(3))
    chart, _ = mermaid(net.graph())
    lines = chart.splitlines()
    assert len(lines) == len(mermaid(_tame())[0].splitlines())
    quoted = [part for line in lines[3:] for part in re.findall(r'"([^"]*)"', line)]
    assert all(re.fullmatch(r"(?:[\w .,:+/()-]|#\d+;|<br/>)*", words) for words in quoted)
    assert all(line.count('"') in (0, 2) for line in lines[3:])


def _tame() -> LayerGraph:
    net = nets.Net(name="tame")
    x = net.input(8, 8, 3)
    net.part, net.block, net.unit = "part", "block", 1
    net.chain(x, "conv", nets.conv(3))
    return net.graph()


def chain(count: int, name: str = "n") -> LayerGraph:
    net = nets.Net(name=name)
    x = net.input(8, 8, 4)
    net.part = "p"
    net.chain(x, "p", *[nets.conv(4)] * count)
    return net.graph()


@pytest.mark.parametrize(("count", "level"), [(500, "layer"), (501, "block")])
def test_mermaid_takes_five_hundred_links(count: int, level: str) -> None:
    assert mermaid(chain(count), "layer")[1] == level


def test_mermaid_takes_fifty_thousand_letters() -> None:
    length = len(mermaid(chain(3, "n"), "layer")[0])
    assert len(mermaid(chain(3, "nn"), "layer")[0]) == length + 1, "the name stands there once"
    chart, level = mermaid(chain(3, "n" * (50_001 - length)), "layer")
    assert (len(chart), level) == (50_000, "layer")
    assert mermaid(chain(3, "n" * (50_002 - length)), "layer")[1] == "block"
    with pytest.raises(UsageError, match="too many parts for Mermaid"):
        mermaid(chain(3, "n" * 51_000), "layer")
