"""Hints for names of steps and blocks that are not there."""

import pytest

from archcompile.ops import REGISTRY
from archcompile.spec.hints import ELSEWHERE, step_hint


def test_every_foreign_name_means_an_op_and_is_none() -> None:
    assert set(ELSEWHERE.values()) <= set(REGISTRY)
    assert not set(ELSEWHERE) & {name.replace("_", "") for name in REGISTRY}


@pytest.mark.parametrize(("word", "op"), {
    "batch_norm": "bn", "batchnorm": "bn", "conv2d": "conv", "linear": "dense", "fc": "dense", "gap": "global_avg_pool",
    "maxpool": "max_pool", "avgpool": "avg_pool", "silu": "swish", "concatenate": "concat", "mul": "multiply",
    "BatchNormalization": "bn",
}.items())  # fmt: skip
def test_foreign_names(word: str, op: str) -> None:
    assert step_hint(word, list(REGISTRY)) == f"did you mean `{op}`?"


def test_few_names_are_listed() -> None:
    assert step_hint("zzz", [f"name{i}" for i in range(20)]).count(",") == 12
