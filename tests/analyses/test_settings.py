"""Every value in force, as a spec would write it."""

from typing import Any

import pytest

from archcompile.analyses.setting_lists import settings
from archcompile.api import compile_text

KERNELLED = {
    "bias": True,
    "init": "glorot_uniform",
    "bias_init": 0.0,
    "l2": 0.0,
    "l1": 0.0,
    "activation": None,
}
# a step on a map of 8x8x2, what it gives, and what it has by default
STEPS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "conv: {filters: 4, kernel: 3}",
        {"filters": 4, "kernel": 3},
        {**KERNELLED, "stride": 1, "padding": "same", "dilation": 1, "groups": 1},
    ),
    (
        "conv: {filters: 4, kernel: [3, 1], stride: [2, 2], l2: 0.5}",
        {"filters": 4, "kernel": [3, 1], "stride": 2, "l2": 0.5},
        {
            **{key: value for key, value in KERNELLED.items() if key != "l2"},
            "padding": "same",
            "dilation": 1,
            "groups": 1,
        },
    ),
    ("max_pool: {size: 2}", {"size": 2}, {"stride": 2, "padding": "valid"}),
    (
        "max_pool: {size: [2, 1], stride: [1, 2]}",
        {"size": [2, 1], "stride": [1, 2]},
        {"padding": "valid"},
    ),
    ("pad: {size: 1}", {"size": 1}, {}),
    ("pad: {size: [1, 1, 1, 2]}", {"size": [1, 1, 1, 2]}, {}),
    ("upsample: {size: 2}", {"size": 2}, {"interpolation": "nearest"}),
    # one number a channel, not a pair
    (
        "normalize: {mean: [1, 1], variance: [2, 2]}",
        {"mean": [1.0, 1.0], "variance": [2.0, 2.0]},
        {},
    ),
    ("reshape: {shape: [4, 16, 2]}", {"shape": [4, 16, 2]}, {}),
    ("relu", {}, {}),
]


@pytest.mark.parametrize(("step", "given", "default"), STEPS)
def test_what_is_given_and_what_is_by_default(
    step: str, given: dict[str, Any], default: dict[str, Any]
) -> None:
    node = list(compile_text(f"archc: 1\ninput: [8, 8, 2]\nstem: [{step}]\n"))[-1]
    actual = settings(node)
    assert (actual.given, actual.default) == (given, default)
    assert set(node.op.settings()) | {"shape"} >= set(given) | set(default)


def test_a_shape_of_equal_numbers_stays_a_list() -> None:
    node = list(compile_text("archc: 1\ninput: [2, 4, 2]\nstem: [reshape: {shape: [4, 4]}]\n"))[-1]
    assert settings(node).given == {"shape": [4, 4]}


def test_the_image() -> None:
    node = compile_text("archc: 1\ninput: [3, 3, 3]\nstem: [relu]\n").nodes["input"]
    assert settings(node).given == {"dims": [3, 3, 3]}
