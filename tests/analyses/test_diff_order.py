"""The layers of two networks in one order, and the signs of what differs."""

import pytest

from archcompile.analyses.diff_groups import (
    part_order,
    unit_words,
)
from archcompile.analyses.diff_union import order, signs
from archcompile.analyses.differences import diff
from archcompile.api import LayerGraph, compile_text
from tests.analyses.test_diff import net


def test_an_order_for_the_layers_of_both() -> None:
    """Those of b; what only a has stands behind what it comes after there, one after the
    other.
    """
    a = net(
        (
            "max_pool: {size: 2}, conv: {filters: 8, kernel: 1}, relu",
            "tanh: {name: p}, tanh: {name: q}, max_pool: {size: 2}, "
            "swish: {name: r}, swish: {name: t}, conv: {filters: 8, kernel: 1}, relu",
        )
    )
    b = net(
        (
            "max_pool: {size: 2}, conv: {filters: 8, kernel: 1}, relu",
            "bn, max_pool: {size: 2}, conv: {filters: 8, kernel: 1}",
        )
    )
    actual = diff(a, b)
    stage = [name.removeprefix("s2_") for name in order(actual) if name.startswith("s2_")]
    assert stage == ["p", "q", "bn1", "max_pool1", "r", "t", "conv1", "relu1"]
    assert {name.removeprefix("s2_"): sign for name, sign in signs(actual).items()} == {
        "p": "-",
        "q": "-",
        "r": "-",
        "t": "-",
        "relu1": "-",
        "bn1": "+",
    }
    assert order(actual)[:2] == ["input", "stem_conv1"] and sorted(order(actual)) == sorted(
        {*a.nodes, *b.nodes}
    )


def test_a_changed_layer_has_a_sign_of_its_own() -> None:
    assert signs(
        diff(net(), net(("max_pool: {size: 2}", "max_pool: {size: 3, stride: 2, padding: same}")))
    ) == {"s2_max_pool1": "~"}


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ([], ""),
        ([3], "b3"),
        ([1, 2], "b1…b2"),
        ([1, 2, 3, 5], "b1…b3, b5"),
        ([2, 4, 5, 8], "b2, b4…b5, b8"),
    ],
)
def test_runs_of_units(units: list[int], words: str) -> None:
    assert unit_words(units) == words


def test_parts_of_both_in_order() -> None:
    a = net(("  s2:", "  e1: [relu]\n  e2: [relu]\n  s2:"))
    b = net(("head:", "  s3: [tanh]\nhead:"))
    assert part_order(diff(a, b)) == ["input", "stem", "s1", "e1", "e2", "s2", "s3", "head"]
    assert part_order(diff(b, a)) == ["input", "stem", "s1", "e1", "e2", "s2", "s3", "head"]


def test_a_layer_that_is_gone_explains_what_it_read_and_nothing_else() -> None:
    def steps(text: str) -> LayerGraph:
        return compile_text(
            f"archc: 1\ninput: [8, 8, 4]\nstem: [relu: {{name: d}}, tanh: {{name: c}}, {text}, "
            "add: {with: c}]\n"
        )

    through, past = (
        steps("swish: {name: x}, sigmoid: {name: e}"),
        steps("sigmoid: {name: e, from: d}"),
    )
    straight = steps("sigmoid: {name: e}")
    for a, b, rewired in (
        (through, past, ["stem_e"]),
        (past, through, ["stem_e"]),
        (through, straight, []),
        (straight, through, []),
    ):
        assert [change.before.name for change in diff(a, b).changed if change.is_rewired] == rewired
