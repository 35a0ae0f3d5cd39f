"""What changes a network changes its hash, `diff`, source and `verify`; what does not changes none
of them.
"""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from archcompile.api import LayerGraph, compile_text
from archcompile.ops import REGISTRY
from archcompile.spec.yaml.write import dump
from tests.sensitivity.changes import (
    ANY_SHAPE,
    ATTRIBUTES,
    BASE,
    ELSEWHERE,
    EQUIVALENTS,
    ORDERED,
    RULE_BASE,
    SAME_SHAPE,
    SPELLINGS,
    TOKENS,
    VECTOR,
)
from tests.sensitivity.readings import readings

ROOT = Path(__file__).resolve().parents[2]
MERGES = [kind for kind, op in REGISTRY.items() if op.arity != (1, 1)]
CHANGED, ALIKE = (
    dict.fromkeys(("hash", "diff", "source", "verify"), same) for same in (False, True)
)


def net(kind: str, attributes: dict[str, Any]) -> LayerGraph:
    """A network of one op, behind a convolution; a merge joins that with its activation."""
    front: list[Any] = [{"conv": {"filters": 4, "kernel": 1, "name": "before"}}]
    if kind in VECTOR and "per" not in attributes:  # which is of the pixels of a map
        front.append("global_avg_pool")
    if kind in TOKENS:
        front.append("tokens")
    joined: dict[str, Any] = {}
    if kind in MERGES:
        front.append("relu6")
        joined = {"with": "before"}
    return compile_keys(stem=[*front, {kind: {**attributes, **joined}}])


def compile_keys(**keys: Any) -> LayerGraph:
    return compile_text(dump({"archc": 1, "input": [8, 8, 4], **keys}))


def fields(kind: str) -> set[str]:
    return {info.alias or name for name, info in REGISTRY[kind].model_fields.items()}


def test_every_attribute_of_every_op_has_a_row() -> None:
    assert {kind: set(values) for kind, values in ATTRIBUTES.items()} == {
        kind: fields(kind) for kind in REGISTRY
    }, "each attribute of each op has other values in ATTRIBUTES of tests/sensitivity/changes.py"
    assert all(values for attributes in ATTRIBUTES.values() for values in attributes.values())


@pytest.mark.parametrize("kind", sorted(kind for kind in ATTRIBUTES if ATTRIBUTES[kind]))
def test_every_attribute(kind: str) -> None:
    base = BASE.get(kind, {})
    for name, values in ATTRIBUTES[kind].items():
        graphs = [net(kind, base), *(net(kind, {**base, name: value}) for value in values)]
        for first, second in [(0, n) for n in range(1, len(graphs))] + list(
            combinations(range(1, len(graphs)), 2)
        )[:20]:
            assert readings(graphs[first], graphs[second]) == CHANGED, (
                name,
                ["as it was", *values][first],
                values[second - 1],
            )


def has_required_attributes(kind: str) -> bool:
    return any(field.is_required() for field in REGISTRY[kind].model_fields.values())


def test_every_op_is_another_than_every_other() -> None:
    """Of those that are given the same and make the same shape."""
    bare = [kind for kind in REGISTRY if kind not in (*VECTOR, *BASE) and kind not in MERGES]
    needy = [kind for kind in bare if has_required_attributes(kind)]
    assert not needy, "write the attributes they need in BASE of tests/sensitivity/changes.py"
    quiet = [*bare, "rescale", "dropout", "drop_path"]
    for group in (quiet, [kind for kind in MERGES if kind != "concat"]):
        for first, second in combinations(group, 2):
            assert (
                readings(net(first, BASE.get(first, {})), net(second, BASE.get(second, {})))
                == CHANGED
            ), (first, second)


@pytest.mark.parametrize("case", range(len(SPELLINGS)))
def test_other_writings_of_the_same(case: int) -> None:
    kind, first, second = SPELLINGS[case]
    assert readings(net(kind, first), other_writing(kind, second)) == ALIKE


def other_writing(kind: str, attributes: dict[str, Any]) -> LayerGraph:
    """The net of an op, of the one under `op` where that is given."""
    return net(attributes.get("op", kind), {k: v for k, v in attributes.items() if k != "op"})


@pytest.mark.parametrize("case", range(len(EQUIVALENTS)))
def test_other_settings_that_make_the_same_numbers(case: int) -> None:
    kind, first, second = EQUIVALENTS[case]
    graphs = (net(kind, first), other_writing(kind, second))
    assert readings(*graphs) == {**CHANGED, "verify": True, "source": kind == "avg_pool"}


@pytest.mark.parametrize("kind", MERGES)
def test_the_order_of_arguments(kind: str) -> None:
    """Of a sum it changes no number: `verify` holds networks, not writings. The hash is of what is
    written.
    """
    steps = [{"conv": {"filters": 4, "kernel": 1, "name": "a"}}, {"relu6": {"name": "b"}}]
    forth, back = (
        compile_keys(stem=[*steps, {kind: {"from": first, "with": second}}])
        for first, second in ("ab", "ba")
    )
    assert readings(forth, back) == {**CHANGED, "verify": kind not in ORDERED}
    twice, once = (
        compile_keys(
            stem=[*steps, {kind: {"from": "b", "with": second}}, {"concat": {"with": "a"}}]
        )
        for second in "ba"
    )
    assert readings(twice, once) == CHANGED


# ---- rules and outputs ---------------------------------------------------------------------------


def unit(rule: Any, wide: bool) -> LayerGraph:
    row = {
        "block": "basic",
        "repeat": 2,
        "filters": 8 if wide else 4,
        "first": {"stride": 2} if wide else {},
        "shortcut": rule,
    }
    return compile_keys(uses=["blocks/residual.yaml"], stages={"s1": row})


def test_every_shipped_rule_has_a_row_and_each_of_its_arguments() -> None:
    rules = yaml.safe_load((ROOT / "specs" / "blocks" / "shortcuts.yaml").read_text())["shortcuts"]
    table = {**ANY_SHAPE, **SAME_SHAPE}
    assert {
        name: set(rule.get("args", {})) for name, rule in rules.items() if name not in ELSEWHERE
    } == {name: set(values) for name, values in table.items() if name != "none"}


def variants(rules: dict[str, dict[str, list[Any]]]) -> Iterator[Any]:
    for name, arguments in rules.items():
        base = RULE_BASE.get(name, {})
        yield {name: base} if base else name
        yield from (
            {name: {**base, argument: value}}
            for argument, values in arguments.items()
            for value in values
        )


@pytest.mark.parametrize("wide", [True, False])
def test_every_rule_and_each_of_its_arguments(wide: bool) -> None:
    choices = list(variants(ANY_SHAPE if wide else SAME_SHAPE))
    graphs = [unit(choice, wide) for choice in choices]
    for first, second in combinations(range(len(choices)), 2):
        assert readings(graphs[first], graphs[second]) == CHANGED, (choices[first], choices[second])
    assert readings(unit("identity", False), unit("pooled", False)) == ALIKE, ELSEWHERE["pooled"]


OUTPUTS: dict[
    tuple[str, str], bool
] = {  # two texts of `outputs`, and whether they are one architecture
    ("{fine: stem.c1, coarse: stem.c2}", "{coarse: stem.c2, fine: stem.c1}"): True,
    ("{fine: stem.c1, coarse: stem.c2}", "{coarse: stem.c1, fine: stem.c2}"): False,
    ("{fine: stem.c1, coarse: stem.c2}", "{fine: stem.c1, middle: stem.c2}"): False,
    ("{fine: stem.c1, coarse: stem.c2}", "{fine: stem.c1, coarse: stem.c3}"): False,
    ("{fine: stem.c1, coarse: stem.c3}", "{fine: stem.c1, coarse: stem.c3, last: stem.c3}"): False,
    ("{a: stem.c3, b: stem.c3}", "{b: stem.c3, a: stem}"): True,
    ("{a: stem.c3, b: stem.c3}", "{a: stem.c3, c: stem.c3}"): False,
}


@pytest.mark.parametrize(("before", "after"), OUTPUTS)
def test_labels_of_outputs(before: str, after: str) -> None:
    steps = [{"conv": {"filters": 4, "kernel": 3, "name": name}} for name in ("c1", "c2", "c3")]
    graphs = [
        compile_keys(stem=steps[: 3 if "c3" in text else 2], outputs=yaml.safe_load(text))
        for text in (before, after)
    ]
    assert readings(*graphs) == (ALIKE if OUTPUTS[before, after] else CHANGED)


def test_the_label_of_one_output_is_a_label_that_its_model_does_not_show() -> None:
    """Keras' model outputs the tensor alone, so that only what reads specs can see it."""
    bare, fine, coarse = (
        compile_keys(stem=["relu"], **keys)
        for keys in ({}, {"outputs": {"fine": "stem"}}, {"outputs": {"coarse": "stem"}})
    )
    assert readings(fine, coarse) == {**CHANGED, "source": True}
    assert readings(bare, fine) == {**CHANGED, "source": True, "verify": True}
