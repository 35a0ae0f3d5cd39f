"""Graphs folded into specs: every spec that is made compiles to the graph it was made from, and
reads well.
"""

import pytest

from archcompile.api import LayerGraph, compile_text
from archcompile.importer.fold.ramps import ramp_of
from archcompile.importer.fold.rows import FoldedRow, fold_rows
from archcompile.importer.fold.solve import Solver, relation
from archcompile.importer.write.document import Document, flatten_document, fold_document
from archcompile.run_folder.identity import trained_hash
from tests.conftest import every_shipped, shipped_graph
from tests.spec.random_graphs import graph_rich_in_ops, graph_rich_in_structure

MOST = 6
UNCOVERED = "pool-does-not-cover"  # what `archc import` allows where the model has it
# spec: lines of the folded spec at most, without claims; the hand-written ones with their libraries
# are longer
LINES = {
    "resnet_v1_20": 40,
    "resnet_v1_1202": 40,
    "resnet_v2_29": 46,
    "preact_resnet_1001": 46,
    "densenet_bc_100_12": 46,
    "keras_resnet50": 48,
    "keras_resnet50v2": 66,
    "keras_mobilenet_v2": 56,
    "keras_densenet121": 50,
    "keras_efficientnet_b0": 76,
    "vgg_16": 36,
    "wrn_28_10": 44,
    "se_resnet_50": 56,
    "googlenet": 58,
    "resnet_50_fpn": 70,
    "keras_inception_v3": 128,
    "mlp_mixer_s16": 34,
    "nasnet_mobile": 309,
    # streams that mix are not seen
    "hrnet_w18": 925,
}
# sums that are no shortcut in the folded spec: gates of which nothing repeats but the whole, sums
# in the stem, units in lists among other steps, units of several sums
LOST = {
    "highway_19": 14,
    "keras_mobilenet_v3_large": 1,
    "keras_mobilenet_v3_small": 1,
    "resnet_9": 2,
    "botnet_50": 1,
    "mlp_mixer_b16": 24,
    "mlp_mixer_s16": 16,
    "hrnet_w18": 108,
}


def compile_document(document: Document, graph: LayerGraph) -> LayerGraph:
    flattens = any(node.op.is_flattening for node in graph)
    return compile_text(document.text(**({"allow": [UNCOVERED]} if flattens else {})))


@pytest.mark.parametrize("name", every_shipped())
def test_shipped_specs_come_back(name: str) -> None:
    graph = shipped_graph(name)
    document = fold_document(graph, name, MOST)
    back = compile_document(document, graph)
    assert back.hash == graph.hash
    # Nothing is written that means nothing, and shortcuts are shortcuts again.
    assert [
        note.code
        for note in back.notes
        if note.code.startswith(("unused-arg", "unused-b", "unused-d", "unused-v", "var-"))
    ] == []
    assert len(document.text().splitlines()) <= LINES.get(name, 210)
    assert len(back.joins) == len(graph.joins) - LOST.get(name, 0)


@pytest.mark.parametrize(
    "name", ["resnet_v1_20", "keras_densenet121", "highway_19", "resnet_50_fpn", "vgg_16"]
)
def test_the_flat_form_always_does(name: str) -> None:
    document = flatten_document(shipped_graph(name), name)
    assert compile_document(document, shipped_graph(name)).hash == shipped_graph(name).hash
    assert document.blocks == 0 and not document.keys["stages"]


@pytest.mark.parametrize(
    "start", [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(25, 2000, 25))]
)
def test_random_networks_come_back(start: int) -> None:
    blocks = 0
    for seed in range(start, start + 25):
        graph = graph_rich_in_ops(seed)
        for document in (
            fold_document(graph, "random", MOST),
            fold_document(graph, "random", 0),
            flatten_document(graph, "random"),
        ):
            assert compile_document(document, graph).hash == graph.hash, seed
            blocks += document.blocks
    assert blocks > 3  # networks that do repeat are among them


NET = """archc: 1
input: [16, 16, 3]
defaults: {conv: {bias: false}}
"""


def keys(text: str) -> dict:
    graph = compile_text(NET + text)
    document = fold_document(graph, "net", MOST)
    assert compile_document(document, graph).hash == graph.hash
    return document.keys


def test_the_first_unit_of_a_stage_differs() -> None:
    actual = keys("""uses: [blocks/residual.yaml]
stem: [conv: {filters: 8, kernel: 3}]
stages:
  a: {block: basic, repeat: 3, filters: 8}
  b: {block: basic, repeat: 2, filters: 16, first: {stride: 2}}
shortcut: projection
head: [global_avg_pool, dense: {units: 5}]
""")
    assert actual["stages"] == {
        "s1": {"block": "residual", "repeat": 3, "filters": 8},
        "s2": {"block": "residual", "repeat": 2, "filters": 16, "first": {"stride": 2}},
    }
    assert actual["shortcut"] == "projection" and actual["vars"] == {"classes": 5}
    assert actual["shortcuts"]["projection"][0] == {
        "conv": {
            "filters": "$out_channels",
            "kernel": 1,
            "stride": "$stride",
            "padding": "valid",
            "if": "$shape_changes",
        }
    }


def test_the_last_unit_may_differ_too_and_rules_are_told_apart() -> None:
    actual = keys("""uses: [blocks/residual.yaml]
stem: [conv: {filters: 8, kernel: 3}]
stages:
  a: {block: preact_basic, repeat: 4, filters: 8, last: {stride: 2, shortcut: pooled}}
  b: {block: preact_basic, repeat: 4, filters: 8, last: {stride: 2, shortcut: pooled}}
shortcut: identity
head: [bn, relu, global_avg_pool, dense: {units: 5}]
""")
    row = {"block": "residual", "repeat": 4, "last": {"stride": 2, "shortcut": "pooled"}}
    assert actual["stages"] == {"s1": row, "s2": row}
    assert actual["shortcut"] == "identity" and set(actual["shortcuts"]) == {"identity", "pooled"}


def test_units_that_join_nothing_are_the_same_block() -> None:
    actual = keys("""uses: [blocks/residual.yaml]
stem: [conv: {filters: 8, kernel: 3}]
stages:
  a: {block: basic, repeat: 3, filters: 8, shortcut: identity}
  b: {block: basic, repeat: 3, filters: 16, shortcut: none}
head: [global_avg_pool, dense: {units: 5}]
""")
    assert actual["stages"]["s2"] == {
        "block": "residual",
        "repeat": 3,
        "filters": 16,
        "shortcut": "none",
    }


def test_defaults_say_once_what_all_layers_have() -> None:
    actual = keys("""stem:
  - conv: {filters: 8, kernel: 3, init: he_normal, l2: 1e-4}
  - bn: {epsilon: 1.001e-5, momentum: 0.9}
  - conv: {filters: 8, kernel: 1, init: he_normal, l2: 1e-4}
  - bn: {epsilon: 1.001e-5, momentum: 0.9}
  - relu
head: [global_avg_pool, dense: {units: 5, l2: 1e-4}]
""")
    assert actual["defaults"] == {
        "conv": {"bias": False, "init": "he_normal", "l2": 1e-4},
        "bn": {"momentum": 0.9, "epsilon": 1.001e-5},
    }
    assert actual["stem"][0] == {"conv": {"filters": 8, "kernel": 3}} and actual["stem"][1] == "bn"


def test_a_stage_ends_in_its_pool() -> None:
    actual = fold_document(shipped_graph("vgg_16"), "net", MOST).keys
    assert not actual["blocks"] and list(actual["stages"]) == ["s1", "s2", "s3", "s4", "s5"]
    assert actual["stages"]["s3"] == [{"conv": {"filters": 256, "repeat": 3}}, "max_pool"]


def test_what_is_said_often_gets_a_name() -> None:
    once = "conv: {filters: 4, kernel: 1}, bn, relu"
    small, wide = f"[{once}, {once}]", "[conv: {filters: 6, kernel: [1, 3]}, bn, relu]"
    merge = f"concat: {{branches: {{a: {small}, b: {wide}, c: {small}, d: {small}}}}}"
    actual = keys(f"""stem: [conv: {{filters: 4, kernel: 3}}, bn, relu]
stages:
  a: [{merge}]
  b: [{merge.replace("filters: 6", "filters: 8")}]
  c: [{merge}]
head: [global_avg_pool, dense: {{units: 5}}]
""")
    assert actual["blocks"]["conv_bn"] == {
        "args": {"filters": "int", "kernel": [1, 1]},
        "body": [{"conv": {"filters": "$filters", "kernel": "$kernel"}}, "bn", "relu"],
    }
    assert actual["stem"] == [{"conv_bn": {"filters": 4, "kernel": 3}}]
    branches = actual["blocks"]["branched"]["body"][0]["concat"]["branches"]
    assert branches["one"] == [{"conv_bn": {"filters": 4}}] * 2
    assert branches["two"] == [{"conv_bn": {"filters": "$filters", "kernel": [1, 3]}}]


def test_several_outputs_are_named_points() -> None:
    actual = keys("""stem:
  - conv: {filters: 8, kernel: 3, name: low}
  - max_pool: {size: 2}
  - conv: {filters: 8, kernel: 3}
  - upsample: {size: 2}
  - add: {with: low, name: high}
outputs: {high: stem.high, low: stem.low}
""")
    assert list(actual["outputs"].values()) == ["stem.high", "stem.low"]


def test_outputs_at_the_ends_of_stages_leave_these_folded() -> None:
    graph = compile_text(
        NET
        + """uses: [blocks/residual.yaml]
stem: [conv: {filters: 8, kernel: 3}]
stages:
  a: {block: basic, repeat: 3, filters: 8}
  b: {block: basic, repeat: 3, filters: 16, first: {stride: 2}}
  c: {block: basic, repeat: 3, filters: 16}
shortcut: projection
head: [conv: {filters: 4, kernel: 1, name: top}, upsample: {size: 2, name: wide}]
outputs: {a: a, b: b, c: head.top, d: head.wide}
"""
    )
    document = fold_document(graph, "net", MOST)
    assert compile_document(document, graph).hash == graph.hash
    assert [row["filters"] for row in document.keys["stages"].values()] == [8, 16, 16]
    assert list(document.keys["outputs"].values()) == ["s1", "s2", "head.c", "head.d"]


# ---- pieces --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "numbers", "expected"),
    [
        ([8, 16], [8, 16], "{}"),
        ([32, 64], [8, 16], "4 * {}"),
        ([2, 4], [8, 16], "{} / 4"),
        ([8, 17], [8, 16], None),
        ([8 * 17, 16 * 17], [8, 16], None),
    ],
)
def test_a_relation_holds_for_all_units(
    values: list[int], numbers: list[int], expected: str | None
) -> None:
    assert relation(values, numbers) == expected


def test_what_follows_from_an_argument_is_no_argument() -> None:
    solver = Solver(facts={"in_channels": (4, 8, 8)})
    mid = solver.solve("filters", [16, 64, 32])
    mid.about.name = "mid"
    assert str(solver.solve("filters", [64, 256, 128])) == "$(4 * mid)"
    assert [str(solver.solve("filters", v)) for v in ([4, 8, 8], [24, 48, 48])] == [
        "$in_channels",
        "$(6 * in_channels)",
    ]
    assert solver.arguments == [mid.about] and solver.solve("kernel", [3, 3, 3]) == 3


@pytest.mark.parametrize(
    ("places", "count", "values", "expected"),
    [
        ([1, 2, 3, 4], 4, [0.5 * k / 4 for k in (1, 2, 3, 4)], "$(0.5 * unit_index / unit_count)"),
        (
            [1, 2, 3, 4],
            4,
            [0.5 * (k - 1) / 4 for k in (1, 2, 3, 4)],
            "$(0.5 * (unit_index - 1) / unit_count)",
        ),
        ([2, 4, 5], 15, [0.2 * k / 16 for k in (2, 4, 5)], "$(0.2 * unit_index / 16)"),
        ([1, 2, 3], 3, [0.1, 0.2, 0.4], None),
        ([1, 2, 3], 3, [0.1, 0.1, 0.1], None),
        ([1, 2], 2, [1, 2], None),
    ],
)
def test_rates_that_rise_evenly_are_one_expression(
    places: list[int], count: int, values: list[float], expected: str | None
) -> None:
    assert ramp_of(values, places, count) == expected


def test_rows_are_few() -> None:
    plain, strided, wide = (
        {"filters": 8, "stride": 1},
        {"filters": 8, "stride": 2},
        {"filters": 16, "stride": 1},
    )

    def fold(units: list[dict]) -> list[tuple]:
        return [
            (row.count, dict(row.first), dict(row.last)) for row in fold_rows(units, {"filters"})
        ]

    assert fold([strided, plain, plain]) == [(3, {"stride": 2}, {})]
    assert fold([plain, plain, strided]) == [(3, {}, {"stride": 2})]
    assert fold([plain, wide, wide, wide]) == [(4, {"filters": 8}, {})]
    assert fold([plain, plain, wide, wide]) == [(2, {}, {}), (2, {}, {})]
    assert isinstance(fold_rows([plain], set())[0], FoldedRow)


def test_blocks_that_fit_on_one_line() -> None:
    """What `dump` writes on one line has nothing to put an empty line between."""
    graph = graph_rich_in_structure(3)
    text = fold_document(graph, "", most=8).text()
    assert trained_hash(compile_text(text)) == trained_hash(graph)
