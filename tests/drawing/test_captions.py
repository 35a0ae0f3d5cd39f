"""The words in boxes and tables, and where they are cut: each by hand."""

import pytest

from archcompile.analyses.cost import LayerCost
from archcompile.drawing.figure.boxes import Edge, Line
from archcompile.drawing.figure.captions import (
    cap_lines,
    chain_lines,
    content_lines,
    facts,
    headline,
    is_chain,
    node_label,
    part_shape,
    short,
    tip,
    unit_words,
)
from archcompile.drawing.figure.repeats import UnitGroup
from archcompile.drawing.formats.text_drawing import step_words
from tests.drawing import nets


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (950, "950"),
        (999, "999"),
        (1000, "1k"),
        (1234, "1.23k"),
        (12345, "12.3k"),
        (999_400, "999k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (41_240_000, "41.2M"),
        (999_500_000, "1G"),
        (3_858_000_000, "3.86G"),
        (1_234_000_000_000, "1.23e+03G"),
    ],
)
def test_three_digits(number: int, words: str) -> None:
    assert short(number) == words


def lines(count: int) -> list[str]:
    return [f"line {n}" for n in range(count)]


@pytest.mark.parametrize(("count", "kept", "left"), [(7, 7, 0), (8, 8, 0), (9, 7, 2), (20, 7, 13)])
def test_a_box_takes_eight_lines(count: int, kept: int, left: int) -> None:
    assert cap_lines(lines(count)) == [*lines(kept), *([f"… {left} more lines"] if left else [])]


def test_steps_in_a_row_are_broken_at_forty_letters() -> None:
    assert chain_lines(["a"]) == ["a"] and chain_lines(["a", "b", "c"]) == ["a → b → c"]
    # 30 + 3 + 7 are forty
    assert chain_lines(["x" * 30, "y" * 7, "z"]) == [f"{'x' * 30} → {'y' * 7}", " → z"]
    assert chain_lines(["x" * 30, "y" * 8, "z"]) == ["x" * 30, f" → {'y' * 8} → z"]


def edges(*pairs: str) -> list[Edge]:
    return [Edge(pair[0], pair[1], False) for pair in pairs]


CONTENT = [  # labels by node, edges, what stands in the box
    ({"a": "conv", "b": "conv", "c": "relu"}, edges("ab", "bc"), ["conv ×2", "relu"]),
    ({"a": "conv"}, edges("xa", "ay"), ["conv"]),
    ({"a": "conv", "b": "relu", "c": "conv"}, edges("ab", "bc"), ["conv", "relu", "conv"]),
    # a fork and a join: no chain continues
    (
        {"a": "x", "b": "y", "c": "z", "d": "+"},
        edges("ab", "ac", "bd", "cd"),
        ["x", "∥ y", "∥ z", "+"],
    ),
    ({"a": "x", "b": "y", "c": "z"}, edges("sa", "sb", "bc"), ["x", "y → z"]),
    # a fork within a branch
    (
        {"a": "x", "b": "y", "c": "z", "d": "w", "e": "+", "f": "v", "g": "concat"},
        edges("sa", "ab", "ac", "cd", "be", "de", "sf", "fg", "eg"),
        ["∥ v", "∥ x → (y ∥ z → w) → +", "concat"],
    ),
    # the same, but something else reads what would stand in brackets
    (
        {"a": "x", "b": "y", "c": "z", "d": "+", "f": "v", "g": "concat"},
        edges("sa", "ab", "ac", "bd", "cd", "sf", "dg", "fg", "ct"),
        ["x", "∥ y", "∥ z", "∥ +", "∥ v", "concat"],
    ),
    ({n: f"op {n}" for n in "abcdefgh"}, [], [f"op {n}" for n in "abcdefgh"]),
    ({n: f"op {n}" for n in "abcdefghijkl"}, [], [f"op {n}" for n in "abcdefghijkl"]),
    (
        {n: f"op {n}" for n in "abcdefghijklm"},
        [],
        [*(f"op {n}" for n in "abcdefghijk"), "… 2 more lines"],
    ),
    # too many layers are counted with those that differ in numbers alone, but for kernels
    (
        {
            **{f"a{n}": f"3x3 conv, {n}, /2" for n in (18, 72, 36, 144, 9, 5, 7)},
            **{f"b{n}": f"{n}x{n} conv, 8" for n in (1, 3)},
            **{f"c{n}": f"leaky relu 0.{n}, pad 1" for n in range(4)},
        },
        [],
        ["3x3 conv, 5 to 144, /2 ×7", "1x1 conv, 8", "3x3 conv, 8"]
        + [f"leaky relu 0.{n}, pad 1" for n in range(4)],
    ),
    # too many branches are counted
    ({n: "conv" if n < "h" else "bn" for n in "abcdefghijklm"}, [], ["conv ×7", "bn ×6"]),
    ({"a": "conv", "b": "conv"}, edges("ab", "ab"), ["conv", "conv"]),  # read twice
]


@pytest.mark.parametrize("case", range(len(CONTENT)))
def test_what_is_in_a_box(case: int) -> None:
    labels, ways, words = CONTENT[case]
    assert content_lines(labels, ways) == words


def test_chains() -> None:
    assert (
        is_chain({}, [])
        and is_chain({"a": "x"}, [])
        and is_chain({"a": "x", "b": "y"}, edges("ab", "xa", "by", "xy"))
    )
    assert not is_chain({"a": "x", "b": "y"}, edges("xa", "xb")) and not is_chain(
        {"a": "x", "b": "y"}, edges("ab", "ab")
    )


def cost(params: int, macs: int) -> LayerCost:
    return LayerCost(
        trainable=params,
        non_trainable=0,
        macs=macs,
        attention_macs=0,
        name="n",
        kind="conv",
        part="s",
        shape=(1,),
    )


@pytest.mark.parametrize(
    ("params", "macs", "shown", "words"),
    [
        (1234, 41_240_000, ("macs", "params", "shapes"), ["8x8x4, 1,234 params, 41.2M macs"]),
        (0, 0, ("params", "macs"), []),
        (7, 0, ("params", "macs"), ["7 params"]),
        (5, 5, (), []),
        (5, 5, ("macs",), ["5 macs"]),
    ],
)
def test_facts(params: int, macs: int, shown: tuple[str, ...], words: list[str]) -> None:
    assert facts([cost(params, macs)], "8x8x4", shown) == [Line(line, "fact") for line in words]


def test_facts_are_broken_at_forty_letters() -> None:
    """The comma and its space are not counted."""
    assert [line.words for line in facts([cost(1234, 0)], "x" * 28, ("shapes", "params"))] == [
        f"{'x' * 28}, 1,234 params"
    ]
    assert [line.words for line in facts([cost(1234, 0)], "x" * 29, ("shapes", "params"))] == [
        "x" * 29,
        "1,234 params",
    ]
    assert [line.words for line in facts([cost(2, 0), cost(3, 0)], "", ("params",))] == ["5 params"]


def test_words_about_a_network() -> None:
    graph = nets.branching(1)
    assert headline(nets.residual(3)) == "32x32x3 → 10, depth 20, 274,442 parameters"
    assert (
        headline(graph).startswith("224x224x3 → 10, 10, depth ")
        and part_shape(graph, "aux") == "10"
    )
    net = nets.Net(name="many")
    x = net.input(8, 8, 3)
    net.part = "p"
    ends = [net.chain(x, f"c{n}", nets.conv(n)) for n in range(1, 6)]
    assert headline(net.graph(*ends[:4])).startswith(
        "8x8x3 → 8x8x1, 8x8x2, 8x8x3, 8x8x4, depth 1, "
    )
    assert headline(net.graph(*ends)).startswith("8x8x3 → 5 outputs, depth 1, ")
    assert (
        part_shape(net.graph(*ends), "p") == "5 outputs"
        and part_shape(net.graph(ends[4]), "p") == "8x8x5"
    )
    two, first = net.graph(*ends[:2]), net.graph(ends[0])
    assert (
        node_label(two, two.nodes[ends[0]]) == "3x3 conv, 1 → out0"
        and node_label(two, two.nodes[ends[2]]) == "3x3 conv, 3"
    )
    assert node_label(first, first.nodes[ends[0]]) == "3x3 conv, 1"
    assert (
        tip("a conv", "8x8x1", 1234) == "a conv\n8x8x1\n1,234 parameters"
        and tip("relu", "8", 0) == "relu\n8"
    )


def steps(*labels: str) -> list[UnitGroup]:
    """A part of layers with these labels: numbers are the filters of convolutions, words other
    ops.
    """
    net = nets.Net(name="n")
    x = net.input(8, 8, 3)
    net.part = "p"
    for place, label in enumerate(labels):
        x = net.add(f"n{place}", nets.conv(int(label)) if label.isdigit() else nets.op(label), x)
    return [
        UnitGroup("p", (tuple(node for node in net.nodes.values() if node.origin.part == "p"),))
    ]


REPEATED = [
    ("relu", "relu"),
    ("relu relu", "relu x2"),
    ("1 relu 1 relu 1", "(3x3 conv, 1; relu) x2; 3x3 conv, 1"),
    ("1 1 1 relu", "3x3 conv, 1 x3; relu"),
    # the longest run, not the nearest
    ("1 1 relu 1 1 relu", "(3x3 conv, 1; 3x3 conv, 1; relu) x2"),
    ("1 1 1 1", "3x3 conv, 1 x4"),
    ("1 relu", "3x3 conv, 1; relu"),
    # six are looked for
    (
        "relu tanh bn swish gelu relu6 relu tanh bn swish gelu relu6",
        "(relu; tanh; batch norm; swish; gelu; relu6) x2",
    ),
    (
        "relu tanh bn swish gelu relu6 softmax relu tanh bn swish gelu relu6 softmax",
        "relu; tanh; batch norm; swish; gelu; relu6; softmax; relu; tanh; 5 more",
    ),  # and no seven
    ("1 relu 1 relu 1 tanh 1 tanh", "(3x3 conv, 1; relu) x2; (3x3 conv, 1; tanh) x2"),
]


@pytest.mark.parametrize(("labels", "words"), REPEATED)
def test_repeated_steps(labels: str, words: str) -> None:
    assert step_words(steps(*labels.split())) == words


# and a digit: sixty-three letters
FIVE = "3x3 conv, 1; 3x3 conv, 2; 3x3 conv, 3; 3x3 conv, 4; 3x3 conv, "


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("1 2 3 4 5", f"{FIVE}5"),
        ("1 2 3 4 5 6", f"{FIVE}5; 1 more"),
        ("1 2 3 4 5 softmax", f"{FIVE}5; softmax"),
        ("1 2 3 4 55 softmax", f"{FIVE}55; 1 more"),
        ("1 2 3 4 5 7 7 relu", f"{FIVE}5; 3 more"),
        ("1 2 3 4 5 softmax relu relu relu", f"{FIVE}5; softmax; 3 more"),
    ],
)
def test_steps_beyond_seventy_two_letters_are_counted(labels: str, words: str) -> None:
    assert step_words(steps(*labels.split())) == words


def test_units_by_their_blocks() -> None:
    """`basic ×3; down; basic ×2` of units that follow one another."""
    net = nets.Net(name="n")
    x = net.input(8, 8, 3)
    net.part, groups = "s", []
    for net.block, count in (("basic", 2), ("basic", 1), ("down", 1), ("basic", 2)):
        nodes = []
        for _ in range(count):
            net.unit = (net.unit or 0) + 1
            x = net.chain(x, f"s_b{net.unit}", nets.conv(3))
            nodes.append((net.nodes[x],))
        groups.append(UnitGroup("s", tuple(nodes)))
    assert (
        unit_words(groups) == "basic ×3; down; basic ×2"
        and step_words(groups) == "basic x3; down; basic x2"
    )
