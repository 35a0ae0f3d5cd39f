"""Differences of networks: of known pairs exactly, and of random ones by what must hold of any
difference.
"""

from collections import Counter

import pytest

import archcompile
from archcompile.analyses.diff_groups import (
    ChangeEntry,
    ChangeGroup,
    end_words,
    group_changes,
    unit_words,
)
from archcompile.analyses.differences import Difference, diff
from archcompile.api import LayerGraph, compile_text
from archcompile.spec.yaml.write import dump
from tests.conftest import seeds, shipped_graph
from tests.spec.random_specs import random_spec

BASE = """\
archc: 1
input: [16, 16, 3]
blocks: {unit: {args: {width: 8}, body: [conv: {filters: $width, kernel: 3, bias: false}, bn, \
relu, shortcut]}}
shortcuts: {sum: [add: {with: branch}]}
shortcut: sum
stem: [conv: {filters: 8, kernel: 3}]
stages:
  s1: {block: unit, repeat: 3}
  s2: [max_pool: {size: 2}, conv: {filters: 8, kernel: 1}, relu]
head: [global_avg_pool, dense: {units: 4}]
"""


def net(*changes: tuple[str, str]) -> LayerGraph:
    text = BASE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return compile_text(text)


def changes_of(difference: Difference) -> list[tuple[str, str, str, str]]:
    """(place, sign, layers, words) of everything, as the text has it."""
    return [
        (
            f"{group.part} {unit_words(group.units)}".strip(),
            entry.sign,
            " ".join(entry.names),
            entry.words,
        )
        for group in group_changes(difference)
        for entry in group.entries
    ]


CASES = {  # what is changed in the spec -> what is told
    "nothing": ((), []),
    "a setting": (
        (("conv: {filters: 8, kernel: 1}", "conv: {filters: 8, kernel: 5}"),),
        [("s2", "~", "conv1", "kernel 1 -> 5")],
    ),
    "settings of all units": (
        (("bias: false}, bn", "bias: true}, bn"),),
        [("s1 b1…b3", "~", "conv1", "bias false -> true")],
    ),
    "several settings": (
        (("max_pool: {size: 2}", "max_pool: {size: 3, stride: 2, padding: same}"),),
        [("s2", "~", "max_pool1", "size 2 -> 3; padding valid -> same")],
    ),
    "an op": (
        (("{filters: 8, kernel: 1}, relu]", "{filters: 8, kernel: 1}, tanh]"),),
        [("s2", "-", "relu1", "relu"), ("s2", "+", "tanh1", "tanh")],
    ),
    "a layer more": (
        (("max_pool: {size: 2}, ", "max_pool: {size: 2}, bn, "),),
        [("s2", "+", "bn1", "batch norm")],
    ),
    "a layer less": ((("max_pool: {size: 2}, ", ""),), [("s2", "-", "max_pool1", "max pool 2x2")]),
    "units more": ((("repeat: 3", "repeat: 5"),), [("s1 b4…b5", "+", "", "unit of unit, 16x16x8")]),
    "units less": ((("repeat: 3", "repeat: 1"),), [("s1 b2…b3", "-", "", "unit of unit, 16x16x8")]),
    "shortcuts": (
        (("shortcut: sum", "shortcut: none"),),
        [("s1 b1…b3", "-", "shortcut_add1", "add")],
    ),
    "a stage more": (
        (("head:", "  s3: [conv: {filters: 8, kernel: 1}]\nhead:"),),
        [("s3", "+", "", "stage of 1 layer, 8x8x8")],
    ),
    "a stage less": (
        (("  s2: [max_pool: {size: 2}, conv: {filters: 8, kernel: 1}, relu]\n", ""),),
        [("s2", "-", "", "stage of 3 layers, 8x8x8")],
    ),
    "the image": (
        (("[16, 16, 3]", "[32, 16, 3]"),),
        [("input", "~", "input", "dims [16, 16, 3] -> [32, 16, 3]")],
    ),
    "the order of layers": (
        (
            (
                "max_pool: {size: 2}, conv: {filters: 8, kernel: 1}",
                "conv: {filters: 8, kernel: 1}, max_pool: {size: 2}",
            ),
        ),
        [
            ("s2", "~", "max_pool1", "reads s1_b3_shortcut_add1 -> conv1"),
            ("s2", "~", "conv1", "reads max_pool1 -> s1_b3_shortcut_add1"),
            ("s2", "~", "relu1", "reads conv1 -> max_pool1"),
        ],
    ),
    "the order of operands": (
        (("[add: {with: branch}]", "[add: {from: branch, with: input}]"),),
        [
            ("s1 b1", "~", "shortcut_add1", "reads stem_conv1, relu1 -> relu1, stem_conv1"),
            (
                "s1 b2…b3",
                "~",
                "shortcut_add1",
                (
                    "reads shortcut_add1 of the unit before, relu1 -> relu1, "
                    "shortcut_add1 of the unit before"
                ),
            ),
        ],
    ),
    "the order of three": (
        (
            (
                "[max_pool: {size: 2}, conv: {filters: 8, kernel: 1}, relu]",
                "[conv: {filters: 8, kernel: 1}, relu, max_pool: {size: 2}]",
            ),
        ),
        [
            ("s2", "~", "max_pool1", "reads s1_b3_shortcut_add1 -> relu1"),
            ("s2", "~", "conv1", "reads max_pool1 -> s1_b3_shortcut_add1"),
            ("head", "~", "global_avg_pool1", "reads s2_relu1 -> s2_max_pool1"),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_told(case: str) -> None:
    changes, expected = CASES[case]
    actual = diff(net(), net(*changes))
    assert changes_of(actual) == expected
    assert actual.is_same == (not expected) and not actual.renamed


def test_another_op_of_the_same_name() -> None:
    relu, leaky = (
        net(("kernel: 1}, relu]", f"kernel: 1}}, {act}]"))
        for act in ("relu: {name: last}", "leaky_relu: {name: last, slope: 0.1}")
    )
    assert changes_of(diff(relu, leaky)) == [
        ("s2", "~", "last", "op relu -> leaky_relu; slope null -> 0.1")
    ]


def test_another_block_of_a_stage() -> None:
    another = net(
        (
            "blocks: {unit:",
            (
                "blocks: {other: [conv: {filters: 8, kernel: 1, bias: false}, bn, relu, shortcut], "
                "unit:"
            ),
        ),
        ("{block: unit, repeat: 3}", "{block: other, repeat: 3}"),
    )
    assert changes_of(diff(net(), another)) == [
        ("s1 b1…b3", "~", "", "block unit -> other"),
        ("s1 b1…b3", "~", "conv1", "kernel 3 -> 1"),
    ]


def test_units_apart_from_one_another() -> None:
    actual = diff(
        net(), net(("kernel: 3, bias: false}", "kernel: $(3 + 2 * (unit_index % 2)), bias: false}"))
    )
    assert changes_of(actual) == [("s1 b1, b3", "~", "conv1", "kernel 3 -> 5")]
    assert unit_words([1, 2, 3, 5, 7, 8]) == "b1…b3, b5, b7…b8"


def test_outputs() -> None:
    late, early = (
        net(("head:", "outputs: {y: head}\nhead:")),
        net(("head:", "outputs: {y: head, x: s2}\nhead:")),
    )
    actual = diff(late, early)
    assert not actual.is_same and group_changes(actual) == []
    assert [end_words(end) for end in actual.outputs] == ["x: s2_relu1"]


ENDS = {  # what `outputs` say of two networks that are alike in all else -> what is told
    ("{x: s1, y: head}", "{y: head, x: s1}"): [],
    ("{x: s1, y: head}", "{x: head, y: s1}"): [
        "x: s1_b3_shortcut_add1 -> head_dense1",
        "y: head_dense1 -> s1_b3_shortcut_add1",
    ],
    ("{x: s1, y: head}", "{x: s1, z: head}"): ["y: head_dense1", "z: head_dense1"],
    ("{x: head, y: head}", "{y: head, x: head}"): [],
    ("{x: head, y: head}", "{x: head}"): ["y: head_dense1"],
    ("{x: head}", "{y: head}"): ["x: head_dense1", "y: head_dense1"],
    ("{output: head}", None): ["output: head_dense1", "head_dense1, without a label"],
}


@pytest.mark.parametrize(("before", "after"), ENDS)
def test_labels_of_outputs_belong_to_the_architecture_and_their_order_does_not(
    before: str, after: str | None
) -> None:
    graphs = [
        net(("head:", f"outputs: {text}\nhead:")) if text else net() for text in (before, after)
    ]
    actual = diff(*graphs)
    assert [end_words(end) for end in actual.outputs] == ENDS[before, after]
    assert actual.is_same == (graphs[0].hash == graphs[1].hash) == (not ENDS[before, after])
    assert {compile_text(graph.spec_text).hash for graph in graphs} == {
        graph.hash for graph in graphs
    }


# ---- other names ---------------------------------------------------------------------------------


def test_stages_of_other_names_are_the_same_architecture() -> None:
    actual = diff(net(), net(("  s1:", "  a:"), ("  s2:", "  b:")))
    assert (
        actual.is_same and actual.renamed == {"s1": "a", "s2": "b"} and group_changes(actual) == []
    )


def test_a_stage_of_another_name_is_compared_all_the_same() -> None:
    actual = diff(
        net(), net(("  s1:", "  a:"), ("kernel: 3, bias: false", "kernel: 5, bias: false"))
    )
    assert actual.renamed == {"s1": "a"} and changes_of(actual) == [
        ("s1 b1…b3", "~", "conv1", "kernel 3 -> 5")
    ]
    assert actual.b.nodes["s1_b1_conv1"].inputs == ("stem_conv1",) and list(actual.b.parts) == [
        "stem",
        "s1",
        "s2",
        "head",
    ]


def test_layers_of_other_names_are_no_difference() -> None:
    actual = diff(
        net(), net(("conv: {filters: 8, kernel: 1}", "conv: {filters: 8, kernel: 1, name: thin}"))
    )
    assert actual.is_same and group_changes(actual) == [] and "s2_thin" in actual.b.nodes


# ---- the promised ones ---------------------------------------------------------------------------


def check_only_shortcuts(difference: Difference) -> None:
    gone = [node for node in difference.a if node.origin.rule is not None]
    assert (
        difference.removed == tuple(gone)
        and len(difference.a.joins) == 27
        and not difference.is_same
    )
    assert (difference.added, difference.changed, difference.outputs, difference.renamed) == (
        (),
        (),
        (),
        {},
    )


def test_a_residual_net_and_its_plain_twin_differ_by_the_shortcuts() -> None:
    actual = diff(shipped_graph("resnet_a_56"), shipped_graph("plain_56"))
    check_only_shortcuts(actual)
    assert Counter(node.op.kind for node in actual.removed) == {
        "add": 27,
        "subsample": 2,
        "pad_channels": 2,
    }
    add = (ChangeEntry("-", ("shortcut_add1",), "add"),)
    zeros = {
        stage: (
            ChangeEntry("-", ("shortcut_subsample1",), "subsample, /2"),
            ChangeEntry("-", ("shortcut_pad_channels1",), f"pad channels 0,{more}"),
            *add,
        )
        for stage, more in (("s2", 16), ("s3", 32))
    }
    assert group_changes(actual) == [
        ChangeGroup("s1", (1, 2, 3, 4, 5, 6, 7, 8, 9), add),
        ChangeGroup("s2", (1,), zeros["s2"]),
        ChangeGroup("s2", (2, 3, 4, 5, 6, 7, 8, 9), add),
        ChangeGroup("s3", (1,), zeros["s3"]),
        ChangeGroup("s3", (2, 3, 4, 5, 6, 7, 8, 9), add),
    ]


def test_a_net_and_itself_without_shortcuts() -> None:
    actual = diff(
        shipped_graph("resnet_v1_56"), archcompile.compile("resnet_v1_56", sets=["shortcut=none"])
    )
    check_only_shortcuts(actual)
    assert Counter(node.op.kind for node in actual.removed) == {"add": 27, "conv": 2}


def test_a_deeper_net_has_more_units() -> None:
    actual = diff(shipped_graph("resnet_50"), shipped_graph("resnet_101"))
    assert changes_of(actual) == [("s3 b7…b23", "+", "", "unit of bottleneck, 14x14x1024")]


@pytest.mark.parametrize("seed", seeds(10, 40))
def test_one_change_of_a_random_net_is_told_as_one(seed: int) -> None:
    """The last dense layer is made wider: nothing else may be told."""
    spec = random_spec(seed)
    before = compile_text(dump(spec))
    spec["head"][-1]["dense"] = {**spec["head"][-1]["dense"], "units": 77}
    actual = diff(before, compile_text(dump(spec)))
    ((place, sign, _, words),) = changes_of(actual)
    assert (place, sign, words) == ("head", "~", f"units {before.classes} -> 77")
