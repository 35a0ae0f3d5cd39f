"""`pools_before_flatten` finds the last pools before the flatten, past what has no weights."""

import pytest

from archcompile.api import compile_text
from archcompile.graph.checks import pools_before_flatten

#  steps behind an 8x8 map -> the pools that leave part of it to the flatten
HEADS = [
    ("avg_pool: {size: 4}, flatten", ["head_avg_pool1"]),
    ("avg_pool: {size: 4}, bn, relu, flatten", ["head_avg_pool1"]),
    ("avg_pool: {size: 8}, flatten", []),
    ("avg_pool: {size: 2}, avg_pool: {size: 4}, flatten", []),
    ("avg_pool: {size: 4}, conv: {filters: 3, kernel: 1}, flatten", []),
    ("avg_pool: {size: 4}, global_avg_pool: {keep_dims: true}, flatten", []),
    ("relu, flatten", []),
]


@pytest.mark.parametrize(("steps", "names"), HEADS)
def test_pools(steps: str, names: list[str]) -> None:
    text = f"archc: 1\ninput: [8, 8, 3]\nallow: [pool-does-not-cover]\nhead: [{steps}]\n"
    graph = compile_text(text)
    assert [node.name for node, _ in pools_before_flatten(graph)] == names
