"""The tables of `archc cost`: columns sum to the totals at every level."""

import pytest

import archcompile
from archcompile.analyses.cost import layers, parts, totals
from archcompile.analyses.cost_table import cost_rows, layer_figures
from archcompile.analyses.memory import training_memory
from archcompile.analyses.receptive_fields import receptive
from archcompile.api import LayerGraph
from tests.conftest import seeds, shipped_graph
from tests.spec.random_graphs import graph_rich_in_ops


def check(graph: LayerGraph) -> None:
    figures, sums, memory = layer_figures(graph), totals(layers(graph)), training_memory(graph)
    for level in ("layer", "block", "stage"):
        table = cost_rows(graph, level, figures)
        assert len({row.name for row in table}) == len(table)
        assert (
            sum(row.trainable for row in table),
            sum(row.non_trainable for row in table),
            sum(row.macs for row in table),
            sum(row.activations for row in table),
        ) == (sums.trainable, sums.non_trainable, sums.macs, memory.activations)
    fields = receptive(graph)
    assert {row.name: row.field for row in cost_rows(graph, "layer", figures)} == dict(fields)
    by_part = {
        part.name: (part.units, part.block, part.shape, part.totals.macs) for part in parts(graph)
    }
    result = {
        row.name: (row.units, row.what or None, row.shape, row.macs)
        for row in cost_rows(graph, "stage", figures)
    }
    assert result.pop("input") and result == by_part


@pytest.mark.parametrize(
    "name", ["resnet_v2_29", "keras_inception_v3", "resnet_50_fpn", "se_resnet_20", "vgg_16"]
)
def test_shipped(name: str) -> None:
    check(shipped_graph(name))


@pytest.mark.parametrize("seed", seeds(15, 60))
def test_random_nets(seed: int) -> None:
    check(graph_rich_in_ops(seed))


def test_names() -> None:
    graph = archcompile.compile("resnet_v1", depth=14)
    table = cost_rows(graph, "block", layer_figures(graph))
    assert [row.name for row in table] == [
        "input",
        "stem",
        "s1_b1",
        "s1_b2",
        "s2_b1",
        "s2_b2",
        "s3_b1",
        "s3_b2",
        "head",
    ]
    assert [(row.what, row.unit, row.units) for row in table[1:4]] == [
        ("", None, None),
        ("basic", 1, None),
        ("basic", 2, None),
    ]
    stage = cost_rows(graph, "stage", layer_figures(graph))[2]
    assert (stage.name, stage.what, stage.units, stage.unit) == ("s1", "basic", 2, None)
