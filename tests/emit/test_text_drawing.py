"""What `archc graph` prints without a file, to the letter."""

import pytest

from archcompile.emit.text import text
from archcompile.graph.ir import LayerGraph
from archcompile.graph.text import semantic_hash
from tests.emit import nets

RESIDUAL = """\
net_20   32x32x3 -> 10   hash {hash}

part    steps                                      joins                               output     parameters
stem    3x3 conv, 16; batch norm; relu                                                 32x32x16          512
s1      two_convs x3                               3 joins (identity)                  32x32x16       14,304
s2      two_convs x3                               3 joins (2 identity, 1 with conv)   16x16x32       52,192
s3      two_convs x3                               3 joins (2 identity, 1 with conv)   8x8x64        206,784
head    avg pool 8x8; flatten; dense 10, softmax                                       10                650
total   depth 20                                   9 joins                             10            274,442
"""

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


@pytest.mark.parametrize(("graph", "wanted"), [(nets.residual(3), RESIDUAL), (nets.plain(), PLAIN)])
def test_the_whole_drawing(graph: LayerGraph, wanted: str) -> None:
    assert text(graph) == wanted.format(hash=semantic_hash(graph)[:12])


def test_a_part_with_many_steps_says_how_many_are_not_shown() -> None:
    net = nets.Net("long")
    x = net.input(8, 8, 3)
    net.part = "p"
    for filters in range(1, 31):
        x = net.chain(x, "p", nets.conv(filters))
    (line,) = [line for line in text(net.graph()).splitlines() if line.startswith("p ")]
    shown = "; ".join(f"3x3 conv, {n}" for n in range(1, 6))
    assert f"   {shown}; 25 more   8x8x30   " in line


def test_a_part_without_steps_has_a_line() -> None:
    net = nets.Net("empty")
    x = net.input(8, 8, 3)
    net.parts["stem"] = x
    net.part = "head"
    net.chain(x, "head", nets.conv(3))
    assert [line.split() for line in text(net.graph()).splitlines() if line.startswith("stem")] == [
        ["stem", "8x8x3", "0"]
    ]


def test_several_outputs_are_counted() -> None:
    lines = text(nets.branched()).splitlines()
    assert lines[0].startswith("branched   224x224x3 -> 2 outputs   hash ")
    assert [line.split()[0] for line in lines[3:]] == ["stem", "i1", "i2", "i3", "aux", "head", "total"]


def test_control_characters_do_not_reach_the_terminal() -> None:
    net = nets.Net("\x1b[31mred")
    x = net.input(8, 8, 3)
    net.part = "a\x1bb"
    net.chain(x, "c", nets.conv(3))
    assert "\x1b" not in text(net.graph())
    assert "\\x1b[31mred" in text(net.graph())
