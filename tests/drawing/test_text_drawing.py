"""What `archc graph` prints without a file, to the letter."""

import re

import pytest

from archcompile.drawing.formats.text_drawing import text
from archcompile.graph.ir import LayerGraph
from archcompile.graph.text import semantic_hash
from tests.drawing import nets

RESIDUAL = """\
net_20   32x32x3 -> 10   hash {hash}

part    steps                                      joins                               output     parameters
stem    3x3 conv, 16; batch norm; relu                                                 32x32x16          512
s1      two_convs x3                               3 joins (projection)                32x32x16       14,304
s2      two_convs x3                               3 joins (projection; 1 with conv)   16x16x32       52,192
s3      two_convs x3                               3 joins (projection; 1 with conv)   8x8x64        206,784
head    avg pool 8x8; flatten; dense 10, softmax                                       10                650
total   depth 20                                   9 joins                             10            274,442
"""  # noqa: E501 - a table

PLAIN = """\
plain_16   224x224x3 -> 1000   hash {hash}

part    steps                                                              output        parameters
p1      (3x3 conv, 64; relu) x2; max pool 2x2                              112x112x64        38,720
p2      (3x3 conv, 128; relu) x2; max pool 2x2                             56x56x128        221,440
p3      (3x3 conv, 256; relu) x3; max pool 2x2                             28x28x256      1,475,328
p4      (3x3 conv, 512; relu) x3; max pool 2x2                             14x14x512      5,899,776
p5      (3x3 conv, 512; relu) x3; max pool 2x2                             7x7x512        7,079,424
head    flatten; (dense 4096, relu; dropout 0.5) x2; dense 1000, softmax   1000         123,642,856
total   depth 16                                                           1000         138,357,544
"""


@pytest.mark.parametrize(
    ("graph", "expected"), [(nets.residual(3), RESIDUAL), (nets.plain(), PLAIN)]
)
def test_the_whole_drawing(graph: LayerGraph, expected: str) -> None:
    assert text(graph) == expected.format(hash=semantic_hash(graph)[:12])


def test_a_part_with_many_steps_says_how_many_are_not_shown() -> None:
    net = nets.Net(name="long")
    x = net.input(8, 8, 3)
    net.part = "p"
    for filters in range(1, 31):
        x = net.chain(x, "p", nets.conv(filters))
    (line,) = [line for line in text(net.graph()).splitlines() if line.startswith("p ")]
    shown = "; ".join(f"3x3 conv, {n}" for n in range(1, 6))
    assert f"   {shown}; 25 more   8x8x30   " in line


def add_joined_unit(net: nets.Net, x: str, rule: str) -> str:
    """A unit of one conv, joined by a rule: `highway` with a gate, `projection` with a conv and
    norm, or by `add` alone.
    """
    prefix = f"s_b{net.unit}"
    y = net.chain(x, prefix, nets.conv(4))
    net.rule = rule
    if rule == "highway":
        gate = net.chain(
            x, f"{prefix}_gate", nets.op("conv", filters=4, kernel=1, activation="sigmoid")
        )
        y = net.add(f"{prefix}_transformed", nets.op("multiply"), gate, y)
        carry = net.chain(gate, f"{prefix}_carry", nets.op("rescale", scale=-1, offset=1))
        x = net.add(f"{prefix}_carried", nets.op("multiply"), carry, x)
    elif rule == "projection":
        x = net.chain(x, f"{prefix}_shortcut", nets.conv(4, 1), nets.op("bn"))
    net.joins.append(net.add(f"{prefix}_join", nets.op("add"), x, y))
    net.rule = None
    return net.joins[-1]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (["highway"] * 4, "4 joins (highway; 4 with conv)"),
        (
            ["identity", "identity", "projection"],
            "3 joins (2 identity, 1 projection; 1 with conv+bn)",
        ),
        (["identity"], "1 join (identity)"),
        (
            ["highway", "projection"],
            "2 joins (1 highway, 1 projection; 1 with conv, 1 with conv+bn)",
        ),
    ],
)
def test_joins_are_called_by_their_rules(rules: list[str], words: str) -> None:
    net = nets.Net(name="joined")
    x = net.input(8, 8, 4)
    net.part, net.block = "s", "unit"
    for net.unit, rule in enumerate(rules, 1):
        x = add_joined_unit(net, x, rule)
    assert f"   {words}   " in text(net.graph())


def test_a_part_with_several_outputs_counts_them() -> None:
    net = nets.Net(name="two_ends")
    x = net.input(8, 8, 4)
    net.part = "stem"
    x = net.chain(x, "stem", nets.conv(4))
    net.part = "head"
    graph = net.graph(net.chain(x, "a", nets.conv(2)), net.chain(x, "b", nets.conv(3)))
    shapes = [re.split(r"  +", line)[-2] for line in text(graph).splitlines()[3:]]
    assert shapes == ["8x8x4", "2 outputs", "2 outputs"]


def test_a_part_without_steps_has_a_line() -> None:
    net = nets.Net(name="empty")
    x = net.input(8, 8, 3)
    net.parts["stem"] = x
    net.part = "head"
    net.chain(x, "head", nets.conv(3))
    assert [line.split() for line in text(net.graph()).splitlines() if line.startswith("stem")] == [
        ["stem", "8x8x3", "0"]
    ]


def test_several_outputs_are_counted() -> None:
    lines = text(nets.branching()).splitlines()
    assert lines[0].startswith("branched   224x224x3 -> 2 outputs   hash ")
    assert [line.split()[0] for line in lines[3:]] == [
        "stem",
        "i1",
        "i2",
        "i3",
        "aux",
        "head",
        "total",
    ]


def test_control_characters_do_not_reach_the_terminal() -> None:
    net = nets.Net(name="\x1b[31mred")
    x = net.input(8, 8, 3)
    net.part = "a\x1bb"
    net.chain(x, "c", nets.conv(3))
    assert "\x1b" not in text(net.graph())
    assert "\\x1b[31mred" in text(net.graph())
