"""Units that are more than a body with one skip path: of several sums, or of several inputs."""

from dataclasses import replace
from typing import Any

import pytest

from archcompile.api import compile_text
from archcompile.importer.write.document import fold_document
from tests.importer.test_fold import MOST, NET, compile_document, keys


def test_units_of_two_sums_are_one_row() -> None:
    """Three encoders of a transformer."""
    actual = keys("""blocks:
  encoder:
    - layer_norm
    - attention: {heads: 2}
    - add: {with: input, name: attended}
    - layer_norm
    - dense: {units: 32, per: position, activation: gelu}
    - dense: {units: 8, per: position}
    - add: {with: attended}
stem: [conv: {filters: 8, kernel: 8, stride: 8}, tokens]
stages: {a: {block: encoder, repeat: 3}}
head: [layer_norm, global_avg_pool, dense: {units: 5}]
""")
    (block,) = actual["blocks"]
    assert actual["stages"] == {"s1": {"block": block, "repeat": 3}}
    assert [next(iter(step), "") for step in map(_as_map, actual["blocks"][block]["body"])] == [
        *("layer_norm", "attention", "add", "layer_norm", "dense", "dense", "add")
    ]


CELLS = """blocks:
  cell:
    inputs: [current, earlier]
    args: {filters: int}
    body:
      - conv: {from: earlier, filters: $filters, kernel: 1, name: adjusted}
      - conv: {from: current, filters: $filters, kernel: 3, name: side}
      - conv: {from: adjusted, filters: $filters, kernel: 3, name: wide}
      - add: {with: side, name: both}
      - max_pool: {from: adjusted, size: 3, stride: 1, padding: same}
      - concat: {with: [both, wide]}
stem: [conv: {filters: 8, kernel: 3}, relu]
stages:
  a: {block: cell, with: previous, repeat: 3, filters: 8}
  b: {block: cell, with: previous, repeat: 2, filters: 16}
head: [global_avg_pool, dense: {units: 5}]
"""


@pytest.mark.parametrize("is_by_depth", [False, True])
def test_cells_that_read_the_last_two_results_are_units_of_two_inputs(is_by_depth: bool) -> None:
    """Also where the layers stand in the order of their depth, as in Keras: cell within cell."""
    graph = compile_text(NET + CELLS)
    if is_by_depth:
        depths: dict[str, int] = {}
        for node in graph:
            depths[node.name] = 1 + max((depths[source] for source in node.inputs), default=0)
        nodes = {name: graph.nodes[name] for name in sorted(depths, key=lambda name: depths[name])}
        assert list(nodes) != list(graph.nodes)
        graph = replace(graph, nodes=nodes)
    document = fold_document(graph, "cells", MOST)
    assert compile_document(document, graph).hash == graph.hash
    assert document.keys["blocks"]["branched"]["inputs"] == ["current", "earlier"]
    row = {"block": "branched", "with": "previous"}
    assert list(document.keys["stages"].values())[-2:] == [
        {**row, "repeat": 3, "filters": 8},
        {**row, "repeat": 2, "filters": 16},
    ]


def _as_map(step: Any) -> dict[str, Any]:
    return step if isinstance(step, dict) else {step: {}}
