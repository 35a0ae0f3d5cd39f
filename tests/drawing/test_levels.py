"""What is a box at each level, and what it says, on small networks made by hand."""

import pytest

from archcompile.api import compile_text
from archcompile.drawing.figure.boxes import Box, Figure
from archcompile.drawing.figure.captions import cap_lines, chain_lines, short
from archcompile.drawing.figure.levels import figure
from archcompile.graph.ir import LayerGraph
from tests.drawing import nets


def box_words(fig: Figure) -> list[tuple[str, ...]]:
    def words(box: Box) -> tuple[str, ...]:
        return tuple(line.words for line in box.lines)

    return [words(box) for box in fig.boxes.values()]


def ways(fig: Figure, dashed: bool | None = None) -> list[tuple[str, str]]:
    return [(e.source, e.target) for e in fig.edges if dashed is None or e.is_dashed is dashed]


def test_a_unit_is_a_box_with_its_shortcut_beside_it() -> None:
    fig = figure(nets.residual(3), "block")
    assert box_words(fig)[:6] == [
        ("input 32x32x3",),
        ("3x3 conv, 16",),
        ("two_convs", "3x3 conv, 16 ×2"),
        ("+",),
        ("two_convs", "3x3 conv, 32, /2", "3x3 conv, 32"),
        ("1x1 conv, 32, /2",),
    ]
    assert [(frame.boxes[0], frame.words) for frame in fig.frames] == [
        ("s1_b1_conv1", "×3"),
        ("s2_b2_conv1", "×2"),
        ("s3_b2_conv1", "×2"),
    ]
    assert ways(fig, dashed=True) == [
        ("s1_b1_shortcut_add1", "s2_b1_shortcut_conv1"),
        ("s2_b1_shortcut_conv1", "s2_b1_shortcut_add1"),
        ("s2_b2_shortcut_add1", "s3_b1_shortcut_conv1"),
        ("s3_b1_shortcut_conv1", "s3_b1_shortcut_add1"),
    ]
    assert [target for source, target in ways(fig) if source == "stem_conv1"] == [
        "s1_b1_conv1",
        "s1_b1_shortcut_add1",
    ]


def test_the_layers_that_a_box_stands_for() -> None:
    boxes = figure(nets.residual(1), "block").boxes
    assert boxes["s2_b1_conv1"].nodes == (
        "s2_b1_conv1",
        "s2_b1_bn1",
        "s2_b1_relu1",
        "s2_b1_conv2",
        "s2_b1_bn2",
        "s2_b1_out_relu1",
    )
    assert boxes["s2_b1_shortcut_conv1"].nodes == ("s2_b1_shortcut_conv1",)
    assert figure(nets.residual(1), "stage").boxes["stem"].nodes == (
        "stem_conv1",
        "stem_bn1",
        "stem_relu1",
    )


def test_a_projection_of_the_first_activation_starts_at_the_units_input() -> None:
    """In front of the first conv nothing is drawn, so the shortcut leaves where the unit begins,
    not behind its box.
    """
    fig = figure(nets.preactivation(2), "block")
    assert ("s1_b2_shortcut_add1", "s2_b1_shortcut_conv1") in ways(fig, dashed=True)
    assert ("s1_b1_shortcut_add1", "s1_b2_shortcut_add1") in ways(fig, dashed=False)


def test_a_concat_with_the_units_own_input_is_a_shortcut() -> None:
    """DenseNet's units: what reaches the concat past the unit's layers is drawn beside them."""
    graph = dense_units()
    fig = figure(graph, "block", shown=("shapes",))
    assert [box_words(figure(graph, "block"))[i] for i in (1, 2)] == [
        ("unit", "3x3 conv, 4"),
        ("concat",),
    ]
    assert len(box_words(fig)) == 5, "with their shapes, the units are not alike"
    assert ways(fig) == [
        ("input", "s_b1_conv1"),
        ("input", "s_b1_concat1"),
        ("s_b1_conv1", "s_b1_concat1"),
        ("s_b1_concat1", "s_b2_conv1"),
        ("s_b1_concat1", "s_b2_concat1"),
        ("s_b2_conv1", "s_b2_concat1"),
    ]
    (loop,) = figure(graph, "stage").boxes["s"].loops
    assert (loop.words, loop.is_dashed) == ("×2 concat", False)


def dense_units() -> LayerGraph:
    net = nets.Net(name="dense")
    x = net.input(8, 8, 4)
    net.part, net.block = "s", "unit"
    for net.unit in (1, 2):
        y = net.chain(x, f"s_b{net.unit}", nets.op("bn"), nets.conv(4))
        x = net.add(f"s_b{net.unit}_concat1", nets.op("concat"), x, y)
    return net.graph()


def test_layers_behind_a_shortcut_are_a_box_of_their_own() -> None:
    """Otherwise the box would wait for a merge that waits for the box."""
    net = nets.Net(name="twice")
    x = net.input(8, 8, 4)
    net.part, net.block, net.unit = "s", "unit", 1
    a = net.add("a", nets.op("add"), x, net.chain(x, "one", nets.conv(4), nets.conv(4)))
    net.add("b", nets.op("add"), a, net.chain(a, "two", nets.conv(4), nets.op("relu")))
    fig = figure(net.graph(), "block")
    assert list(fig.boxes) == ["input", "one_conv1", "a", "two_conv1", "b"]
    assert ways(fig) == [
        ("input", "one_conv1"),
        ("input", "a"),
        ("one_conv1", "a"),
        ("a", "two_conv1"),
        ("a", "b"),
        ("two_conv1", "b"),
    ]


def test_a_unit_that_feeds_something_else_is_not_folded_away() -> None:
    net = nets.Net(name="tapped")
    x = net.input(8, 8, 4)
    net.part, net.block = "s", "unit"
    seen = []
    for net.unit in range(1, 6):
        x = net.chain(x, f"s_b{net.unit}", nets.conv(4))
        seen.append(x)
    net.part, net.block, net.unit = "head", None, None
    net.add("head_add1", nets.op("add"), seen[1], x)
    fig = figure(net.graph(), "block")
    assert [(frame.boxes, frame.times) for frame in fig.frames] == [
        (("s_b1_conv1",), 2),
        (("s_b3_conv1",), 3),
    ]
    assert ways(fig)[-2:] == [("s_b1_conv1", "head_add1"), ("s_b3_conv1", "head_add1")]


def test_steps_are_one_box_where_they_are_a_chain_and_layers_where_they_are_not() -> None:
    fig = figure(nets.plain(), "block")
    assert box_words(fig)[1:3] == [
        ("3x3 conv, 64 ×2", "max pool 2x2"),
        ("3x3 conv, 128 ×2", "max pool 2x2"),
    ]
    branched = figure(nets.branching(1), "block")
    assert [box.form for box in branched.boxes.values() if box.part == "i1"].count("layer") == 6


def test_branches_in_a_unit_are_a_line_each() -> None:
    text = """\
archc: 1
input: [8, 8, 3]
blocks:
  fork:
    - concat:
        branches:
          a: [conv: {filters: 2, kernel: 1}, conv: {filters: 3, kernel: 3}]
          b: [conv: {filters: 4, kernel: 5}]
    - relu
stages: {s: {block: fork}}
head: [global_avg_pool]
"""
    graph = compile_text(text)
    assert box_words(figure(graph, "block"))[1] == (
        "fork",
        "∥ 1x1 conv, 2 → 3x3 conv, 3",
        "∥ 5x5 conv, 4",
        "concat",
    )
    assert box_words(figure(graph, "stage"))[1] == ("fork",)


def test_a_stage_tells_its_units_and_their_shortcuts() -> None:
    boxes = figure(nets.residual(3), "stage").boxes
    assert list(boxes) == ["input", "stem", "s1", "s2", "s3", "head"]
    assert [line.words for line in boxes["s2"].lines] == [
        "two_convs ×3",
        "×1: 3x3 conv, 32, /2 → 3x3 conv, 32",
        "×2: 3x3 conv, 32 → 3x3 conv, 32",
    ]
    assert [(loop.words, loop.is_dashed) for loop in boxes["s2"].loops] == [
        ("×1 projection", True),
        ("×2 identity", False),
    ]
    assert [(loop.words, loop.is_dashed) for loop in boxes["s1"].loops] == [("×3 identity", False)]


def test_what_goes_past_layers_in_a_list_is_a_loop() -> None:
    text = """\
archc: 1
input: [8, 8, 3]
stem:
  - conv: {filters: 4, kernel: 3, name: a}
  - conv: {filters: 4, kernel: 3}
  - add: {with: a, name: b}
  - relu
  - conv: {filters: 4, kernel: 3}
  - add: {with: b}
  - concat: {branches: {past: [], new: [conv: {filters: 4, kernel: 3}]}}
  - concat: {branches: {one: [conv: {filters: 4, kernel: 1}], two: [conv: {filters: 4, kernel: 3}]}}
  - add: {branches: {one: [conv: {filters: 4, kernel: 1}], two: [conv: {filters: 4, kernel: 3}]}}
  - conv: {filters: 4, kernel: 3, name: d}
  - add: {with: d}
  - max_pool: {size: 2, stride: 2, name: e}
  - upsample: {size: 2}
  - add: {with: d, name: f}
  - subsample: {stride: 2}
  - add: {with: e}
  - max_pool: {size: 2, stride: 2, name: g}
  - concat: {branches: {a: [conv: {filters: 4, kernel: 3}], b: [bn]}}
  - add: {branches: {a: [conv: {filters: 8, kernel: 3}], b: [bn]}}
  - conv: {filters: 4, kernel: 3, name: h}
  - conv: {filters: 4, kernel: 3, from: g}
  - add: {with: h, name: i}
  - conv: {filters: 4, kernel: 3}
  - subtract: {with: h}
stages:
  down: [max_pool: {size: 2, stride: 2}]
  up: [upsample: {size: 2}, concat: {with: stem}]
head: [global_avg_pool]
"""
    boxes = figure(compile_text(text), "stage").boxes
    assert [(loop.words, loop.is_dashed) for loop in boxes["stem"].loops] == [
        ("×4 add", False),
        ("×1 concat", False),
        ("×3 add", True),
        ("×1 subtract", False),
    ]
    assert boxes["up"].loops == ()


def test_what_goes_past_layers_within_a_unit_is_a_loop_of_its_box() -> None:
    text = """\
archc: 1
input: [8, 8, 4]
blocks:
  own:
    - conv: {filters: 4, kernel: 3, name: main}
    - conv: {filters: 4, kernel: 1, from: input}
    - bn
    - add: {with: main}
stages: {s: {block: own, repeat: 2}}
head: [global_avg_pool]
"""
    graph = compile_text(text)
    (box,) = (box for box in figure(graph, "block").boxes.values() if box.form == "block")
    assert [(loop.words, loop.is_dashed) for loop in box.loops] == [("×1 add", True)]
    assert [(loop.words, loop.is_dashed) for loop in figure(graph, "stage").boxes["s"].loops] == [
        ("×2 add", True)
    ]


def test_a_part_of_norms_and_activations_alone_has_a_box() -> None:
    net = nets.Net(name="normed")
    x = net.input(8, 8, 4)
    net.part = "stem"
    x = net.chain(x, "stem", nets.op("bn"), nets.op("relu"))
    net.part, net.block, net.unit = "s", "only_relu", 1
    net.chain(x, "s_b1", nets.op("relu"))
    graph = net.graph()
    assert box_words(figure(graph, "block"))[1:] == [("batch norm", "relu"), ("only_relu", "relu")]
    assert box_words(figure(graph, "stage"))[1:] == [("batch norm", "relu"), ("only_relu", "relu")]


@pytest.mark.parametrize(
    ("level", "shown", "lines"),
    [
        ("layer", ("shapes",), ("3x3 conv, 32, /2", "16x16x32")),
        ("layer", ("params", "macs"), ("3x3 conv, 32, /2", "4,640 params, 1.18M macs")),
        (
            "block",
            ("macs", "shapes", "params"),
            (
                "two_convs",
                "3x3 conv, 32, /2",
                "3x3 conv, 32",
                "16x16x32, 14,144 params, 3.54M macs",
            ),
        ),
        ("stage", ("params",), ("two_convs", "3x3 conv, 32, /2 → 3x3 conv, 32", "14,688 params")),
    ],
)
def test_facts(level: str, shown: tuple[str, ...], lines: tuple[str, ...]) -> None:
    box = figure(nets.residual(1), level, shown=shown).boxes[
        "s2" if level == "stage" else "s2_b1_conv1"
    ]  # type: ignore[arg-type]
    assert tuple(line.words for line in box.lines) == lines


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (950, "950"),
        (999, "999"),
        (1000, "1k"),
        (12_345, "12.3k"),
        (999_600, "1M"),
        (3_538_944, "3.54M"),
        (1_814_073_344, "1.81G"),
    ],
)
def test_short_numbers(number: int, words: str) -> None:
    assert short(number) == words


def test_long_lists_are_broken_and_cap_lines() -> None:
    assert chain_lines(["3x3 conv, 64"] * 4) == [
        "3x3 conv, 64 → 3x3 conv, 64",
        " → 3x3 conv, 64 → 3x3 conv, 64",
    ]
    assert cap_lines(list("abcdefgh")) == list("abcdefgh")
    assert cap_lines(list("abcdefghi")) == [*"abcdefg", "… 2 more lines"]
