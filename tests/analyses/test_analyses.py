"""Depth, cost and claims on nets small enough to be worked out by hand."""

from pathlib import Path

import pytest

import archcompile
from archcompile.analyses.cost import layers, parts, summary, totals
from archcompile.analyses.depths import depth
from archcompile.api import compile_text
from archcompile.errors import SpecError

START = "archc: 1\ninput: [8, 8, 3]\n"

# steps of a stem -> the most conv, depthwise conv and dense layers on a path that carries the
# signal
DEPTHS = {
    "[relu]": 0,
    "[conv: {filters: 3, kernel: 1}]": 1,
    "[conv: {filters: 3, kernel: 1}, bn, depthwise_conv: {kernel: 3}, relu]": 2,
    "[separable_conv: {filters: 3, kernel: 3}]": 1,
    "[conv: {filters: 3, kernel: 1, repeat: 3}, add: {with: input}]": 3,
    (
        "[add: {branches: {a: [conv: {filters: 3, kernel: 1, repeat: 2}], b: [conv: {filters: 3, "
        "kernel: 1, repeat: 5}]}}]"
    ): 5,
    (
        "[concat: {branches: {a: [], b: [conv: {filters: 1, kernel: 1}]}}, conv: {filters: 1, "
        "kernel: 1}]"
    ): 2,
    # gates: a sigmoid that scales another tensor is no path, as an op or as an activation
    "[multiply: {branches: {x: [], g: [conv: {filters: 3, kernel: 1, repeat: 4}, sigmoid]}}]": 0,
    (
        "[multiply: {branches: {x: [], g: [conv: {filters: 3, kernel: 1, repeat: 4}, "
        "hard_sigmoid]}}]"
    ): 0,
    "[multiply: {branches: {g: [conv: {filters: 3, kernel: 1, activation: sigmoid}], x: []}}]": 0,
    "[multiply: {branches: {x: [], g: [conv: {filters: 3, kernel: 1, repeat: 4}, relu]}}]": 4,
    "[add: {branches: {x: [], g: [conv: {filters: 3, kernel: 1, repeat: 4}, sigmoid]}}]": 4,
    (
        "[multiply: {branches: {x: [conv: {filters: 3, kernel: 1, repeat: 2}, sigmoid], g: [conv: "
        "{filters: 3, kernel: 1}, sigmoid]}}]"
    ): 2,
}


@pytest.mark.parametrize("steps", DEPTHS)
def test_depth(steps: str) -> None:
    assert depth(compile_text(f"{START}stem: {steps}\n")) == DEPTHS[steps]


def test_depth_of_several_outputs_is_the_deepest() -> None:
    text = START + (
        "stem: [conv: {filters: 3, kernel: 1}]\nhead: [conv: {filters: 3, kernel: 1}]\noutputs: "
        "{early: stem%s}\n"
    )
    assert depth(compile_text(text % ", late: head")) == 2
    with pytest.raises(SpecError):
        compile_text(text % "")  # the head would reach no output


def test_costs_by_hand() -> None:
    graph = compile_text(
        START + "stem: [conv: {filters: 4, kernel: 3, stride: 2}, bn]\n"
        "blocks: {u: [conv: {filters: 4, kernel: 1, bias: false}, shortcut]}\n"
        "shortcuts: {sum: [add: {with: branch}]}\nshortcut: sum\nstages: {s: {block: u, repeat: "
        "2}}\n"
        "head: [flatten, dense: {units: 5}]\n"
    )
    actual = {row.name: (row.trainable, row.non_trainable, row.macs) for row in layers(graph)}
    assert actual == {
        "input": (0, 0, 0),
        "stem_conv1": (3 * 9 * 4 + 4, 0, 4 * 4 * 27 * 4),
        "stem_bn1": (8, 8, 0),
        "s_b1_conv1": (16, 0, 16 * 16),
        "s_b1_shortcut_add1": (0, 0, 0),
        "s_b2_conv1": (16, 0, 16 * 16),
        "s_b2_shortcut_add1": (0, 0, 0),
        "head_flatten1": (0, 0, 0),
        "head_dense1": (64 * 5 + 5, 0, 320),
    }
    sums = totals(layers(graph))
    assert (sums.params, sums.trainable, sums.non_trainable, sums.macs) == (
        485,
        477,
        8,
        1728 + 512 + 320,
    )
    stem, stage, head = parts(graph)
    assert (stage.units, stage.block, stage.joins, stage.rules, stage.shape) == (
        2,
        "u",
        2,
        ("sum",),
        (4, 4, 4),
    )
    assert (stem.units, stem.block, stem.joins, head.shape) == (None, None, 0, (5,))


def test_the_summary_has_what_the_contract_says() -> None:
    first = summary(compile_text(START + "stem: [relu]\n"))
    assert {
        "name",
        "depth",
        "params",
        "macs",
        "input_shape",
        "output_shape",
        "nodes",
        "hash",
    } <= set(first)
    assert first["output_shape"] == [8, 8, 3]
    two = summary(
        compile_text(START + "stem: [relu]\nhead: [flatten]\noutputs: {map: stem, vector: head}\n")
    )
    assert two["output_shape"] == {"map": [8, 8, 3], "vector": [192]}


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("depth: 2", "expect-depth"),
        ("depth: true", "wrong-type"),
        ("depth: one", "wrong-type"),
        ("depth: ", "wrong-type"),
        ("depth: $(1 / 2)", "expect-depth"),
        ("depth: $nope", "unknown-name"),
        ("params: 11", "expect-params"),
        ("trainable: 13", "expect-params"),
        ("non_trainable: 1", "expect-params"),
        ("macs: 1", "expect-macs"),
        ("attention_macs: 1", "expect-macs"),
        ("joins: 1", "expect-params"),
        ("output: [8, 8]", "expect-shape"),
        ("output: 192", "wrong-type"),
        ("shapes: {stem: [1]}", "expect-shape"),
        ("shapes: {stmm: [1]}", "unknown-point"),
        ("shapes: [1]", "wrong-type"),
        ("shapes: {stem: }", "wrong-type"),
        ("flops: 1", "unknown-key"),
    ],
)
def test_claims_that_do_not_hold(claim: str, code: str) -> None:
    text = f"{START}stem: [conv: {{filters: 3, kernel: 1}}]\nexpect: {{{claim}}}\n"
    with pytest.raises(SpecError) as caught:
        compile_text(text)
    (actual,) = caught.value.diagnostics
    assert actual.location.line == 4
    assert actual.code in (code, "expect-joins"), "each claim has its code"


def test_all_claims_are_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        compile_text(START + "stem: [relu]\nexpect: {depth: 1, params: 2, macs: 0, output: [1]}\n")
    assert [d.code for d in caught.value.diagnostics] == [
        "expect-depth",
        "expect-params",
        "expect-shape",
    ]


def test_a_claim_that_fails_in_a_child_says_what_is_not_as_in_its_parent(tmp_path: Path) -> None:
    head = (
        "blocks: {u: [conv: {filters: 4, kernel: 1, bias: false}, shortcut]}\nshortcut: "
        "plain\nshortcuts: {plain: [add: {with: branch}]}\n"
    )
    (tmp_path / "parent.yaml").write_text(
        "archc: 1\ninput: [4, 4, 4]\nstages: {s: [relu], t: [relu], g: [tanh]}\n"
    )
    child = tmp_path / "child.yaml"
    child.write_text(
        f"archc: 1\nextends: parent.yaml\nremove: [stages.g]\n{head}stages: {{s: {{block: u, "
        "repeat: 3}}\nhead: [flatten]\nexpect: {joins: 1}\n"
    )
    with pytest.raises(SpecError) as caught:
        archcompile.compile(child)
    (actual,) = caught.value.diagnostics
    assert actual.hint == (
        "correct the claim or the spec; changes from parent, which it extends: s has 0 -> 3 units, "
        "0 -> 3 joins, 0 -> 48 "
        "parameters, 0 -> 768 multiply-adds; head is only here; g is only there"
    )
