"""The layer graph: networkx form, checker, hash, text and JSON; goldens and numbers of what
ships.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import prod

import networkx
import pytest

import archcompile
from archcompile.analyses.cost import layers, parts, summary, totals
from archcompile.api import LayerGraph, compile_text
from archcompile.graph.checks import BrokenGraph, check
from archcompile.graph.text import canonical, semantic_hash, to_json, to_text
from archcompile.ops import REGISTRY
from archcompile.shipped import shipped_specs
from tests.conftest import shipped
from tests.golden import regenerate

NET = """\
archc: 1
input: [8, 8, 3]
vars: {width: 4}
stem:
  - conv: {filters: $width, kernel: 3, name: entry}
  - bn
  - relu
head:
  - concat: {branches: {left: [conv: {filters: 2, kernel: 1}], right: [max_pool: {size: 3, stride: 1, padding: same}]}}
  - multiply: {with: input, from: input}
  - global_avg_pool
  - dense: {units: 2, activation: softmax}
"""
NET = NET.replace(
    "  - multiply: {with: input, from: input}\n",
    "  - multiply: {branches: {once: [], again: []}}\n",
)
ALL = sorted(shipped_specs())
SMALL = [name for name in ALL if not name.endswith(("_1001", "_1202"))]


# ---- networkx ------------------------------------------------------------------------------------


def test_nx_carries_everything() -> None:
    graph = compile_text(NET)
    nx = graph.nx
    assert isinstance(nx, networkx.MultiDiGraph) and nx.name == "spec"
    assert list(nx.nodes) == list(graph.nodes)
    for name, data in nx.nodes(data=True):
        assert set(data) == {"op", "shape", "origin"}
        node = graph.nodes[name]
        assert (data["op"], data["shape"], data["origin"]) == (node.op, node.shape, node.origin)
        incoming = sorted(nx.in_edges(name, keys=True, data="port"), key=lambda edge: edge[3])
        assert tuple(source for source, *_ in incoming) == node.inputs, (
            "ports tell the order of arguments"
        )
        assert [port for *_, port in incoming] == list(range(len(node.inputs)))
    assert nx.number_of_edges("head_concat1", "head_multiply1") == 2, "parallel edges"
    assert networkx.is_directed_acyclic_graph(nx)
    assert graph.nx is nx, "made once"


@pytest.mark.parametrize(
    "name", ["resnet_v1_20", "resnet_v2_29", "keras_mobilenet_v3_small", "googlenet", "highway_19"]
)
def test_a_shipped_graph_is_one_acyclic_piece(name: str) -> None:
    graph = shipped(name)
    nx = graph.nx
    order = {node: i for i, node in enumerate(graph.nodes)}
    assert all(order[a] < order[b] for a, b in nx.edges()), "nodes stand in topological order"
    assert [n for n in nx if not nx.in_degree(n)] == ["input"]
    assert {n for n in nx if not nx.out_degree(n)} <= set(graph.outputs.values())
    assert networkx.number_weakly_connected_components(nx) == 1


# ---- the checker ---------------------------------------------------------------------------------


def _swap(graph: LayerGraph, name: str, **changes: object) -> LayerGraph:
    return replace(graph, nodes={**graph.nodes, name: replace(graph.nodes[name], **changes)})  # type: ignore[arg-type]


BREAKS: dict[str, Callable[[LayerGraph], LayerGraph]] = {
    "shape": lambda g: _swap(g, "stem_bn1", shape=(8, 8, 5)),
    "order": lambda g: replace(g, nodes=dict(reversed(list(g.nodes.items())))),
    "arity": lambda g: _swap(g, "stem_bn1", inputs=("input", "input")),
    "unknown input": lambda g: _swap(g, "stem_bn1", inputs=("nowhere",)),
    "unknown output": lambda g: replace(g, outputs={"output": "nowhere"}),
    "unknown part": lambda g: replace(g, parts={"stem": "nowhere"}),
    "unknown join": lambda g: replace(g, joins=("nowhere",)),
    "another op": lambda g: _swap(g, "stem_entry", op=REGISTRY["conv"](filters=5, kernel=3)),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_the_checker_finds_what_is_broken(kind: str) -> None:
    graph = compile_text(NET)
    check(graph)
    with pytest.raises(BrokenGraph):
        check(BREAKS[kind](graph))


# ---- the hash ------------------------------------------------------------------------------------

SAME = {  # another way to write the same architecture
    "another name": NET + "name: other\nabout: other\n",
    "comments and layout": "# comment\n" + NET.replace("{width: 4}", "\n  width:   4  # wide"),
    "a recipe": NET + "train: article\n",
    "an expression": NET.replace("width: 4", "width: $(8 / 2)"),
    "a renamed step": NET.replace("entry", "first"),
    "renamed branches": NET.replace("left", "a").replace("right", "b"),
    "a stage in place of the stem": NET.replace("stem:", "stages:\n s1:").replace("  - conv: {filters: $", "  - conv: {filters: $"),
    "defaults": NET.replace("stem:", "defaults: {conv: {bias: true, l2: 0.0}, bn: {epsilon: 1e-3}}\nstem:"),
    "kernel as a pair": NET.replace("kernel: 3", "kernel: [3, 3]"),
    "a block": NET.replace("stem:\n  - conv: {filters: $width, kernel: 3, name: entry}\n  - bn\n  - relu\n",
                           "blocks: {entry: {args: {filters: int}, body: [conv: {filters: $filters, kernel: 3}, bn, relu]}}\n"
                           "stem: [entry: {filters: $width}]\n"),
    "symmetric padding that is the same": NET.replace("kernel: 3, name", "kernel: 3, padding: symmetric, name"),
    "a stride that is the size": NET.replace("size: 3, stride: 1", "size: 3, stride: [1, 1]"),
    "a step left out": NET.replace("  - bn\n", "  - bn\n  - dropout: {rate: 0.5, if: false}\n"),
    "a claim": NET + "expect: {depth: 3}\n",
}  # fmt: skip
DIFFERENT = {
    "filters": NET.replace("width: 4", "width: 5"),
    "epsilon": NET.replace("- bn", "- bn: {epsilon: 1.001e-3}"),
    "momentum": NET.replace("- bn", "- bn: {momentum: 0.9}"),
    "no scale": NET.replace("- bn", "- bn: {scale: false}"),
    "init": NET.replace("kernel: 3, name", "kernel: 3, init: he_normal, name"),
    "init settings": NET.replace("kernel: 3, name", "kernel: 3, init: {normal: {std: 0.01}}, name"),
    "bias init": NET.replace("kernel: 3, name", "kernel: 3, bias_init: 1, name"),
    "l2": NET.replace("kernel: 3, name", "kernel: 3, l2: 1e-4, name"),
    "no bias": NET.replace("kernel: 3, name", "kernel: 3, bias: false, name"),
    "padding": NET.replace("kernel: 3, name", "kernel: 3, padding: 1, name"),
    "activation": NET.replace("- relu", "- relu6"),
    "activation of a layer": NET.replace(", activation: softmax", ""),
    "order of operands": NET.replace("left: [conv: {filters: 2, kernel: 1}], right: [max_pool: {size: 3, stride: 1, padding: same}]",
                                     "right: [max_pool: {size: 3, stride: 1, padding: same}], left: [conv: {filters: 2, kernel: 1}]"),
    "wiring": NET.replace("{once: [], again: []}", "{once: [], again: [relu]}"),
    "input": NET.replace("[8, 8, 3]", "[8, 9, 3]"),
    "one layer more": NET.replace("- relu\n", "- relu\n  - relu\n"),
    "another output": NET + "outputs: {a: stem, b: head}\n",
    "labels the other way round": NET + "outputs: {a: head, b: stem}\n",
    "another label": NET + "outputs: {a: stem, c: head}\n",
    "the end with a label": NET + "outputs: {output: head}\n",
    "the end with another label": NET + "outputs: {end: head}\n",
    "the end under two labels": NET + "outputs: {end: head, output: head}\n",
}  # fmt: skip


def test_equal_architectures_have_equal_hashes() -> None:
    hashes = {name: compile_text(text).hash for name, text in {"": NET, **SAME}.items()}
    assert {name: h for name, h in hashes.items() if h != hashes[""]} == {}
    assert len(hashes[""]) == 64


def test_the_order_of_labels_is_no_difference() -> None:
    """Nor in how nodes are counted: each label is the first of the walk once."""
    first, second = (
        compile_text(NET + f"outputs: {{{labels}}}\n")
        for labels in ("a: stem, b: head, c: stem", "c: stem, b: head, a: stem")
    )
    assert first.hash == second.hash and canonical(first).endswith("\noutputs a=3 b=9 c=3")


def test_different_architectures_have_different_hashes() -> None:
    assert all(text != NET for text in (*SAME.values(), *DIFFERENT.values()))
    hashes = {name: compile_text(text).hash for name, text in {"": NET, **DIFFERENT}.items()}
    assert len(set(hashes.values())) == len(hashes)


def test_shared_and_copied_layers_are_different_architectures() -> None:
    two = "archc: 1\ninput: [8, 8, 3]\nstem:\n  - add: {branches: {a: [%s], b: [%s]}}\n"
    copied = compile_text(two % ("conv: {filters: 3, kernel: 1}", "conv: {filters: 3, kernel: 1}"))
    once = compile_text(
        "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 3, kernel: 1}, add: {branches: {a: [], b: []}}]\n"
    )
    assert copied.hash != once.hash


def test_the_hash_knows_no_names() -> None:
    assert not {"entry", "stem", "head", "left"} & set(
        canonical(compile_text(NET)).replace("_", " ").split()
    )


def test_shipped_specs_are_different_architectures_unless_they_say_so() -> None:
    """A family at its default depth is one of its members; else no two specs are the same net under
    two names.
    """
    by_hash: dict[str, list[str]] = {}
    for name in SMALL:
        by_hash.setdefault(shipped(name).hash, []).append(name)
    for names in by_hash.values():
        shortest = min(names, key=len)
        assert all(name.startswith(shortest) for name in names), names


# ---- text and JSON -------------------------------------------------------------------------------


def test_text_is_one_line_a_node() -> None:
    graph = compile_text(NET)
    lines = to_text(graph).splitlines()
    assert len(lines) == len(graph) + 1
    assert lines[1] == (
        "stem_entry = conv(input) activation=null bias=true bias_init=0.0 dilation=[1, 1] filters=4 groups=1 "
        'init="glorot_uniform" kernel=[3, 3] l2=0.0 padding="same" stride=[1, 1] -> 8x8x4'
    )
    assert lines[-1] == "output output = head_dense1"


def test_json_says_what_the_graph_says() -> None:
    graph = archcompile.compile("resnet_v2_29")
    data = json.loads(to_json(graph))
    assert data["archc"] == 1  # the version of the language
    assert (data["name"], data["hash"]) == (graph.name, graph.hash)
    assert [n["name"] for n in data["nodes"]] == list(graph.nodes)
    for record, node in zip(data["nodes"], graph, strict=True):
        assert record["inputs"] == list(node.inputs) and tuple(record["shape"]) == node.shape
        assert record["settings"] == node.op.settings()
        assert record["origin"]["line"] == node.origin.location.line
    count = sum(prod(w["shape"]) for n in data["nodes"] for w in n["weights"])
    assert count == totals(layers(graph)).params
    assert data["joins"] == list(graph.joins) and data["parts"] == dict(graph.parts)


@pytest.mark.parametrize("name", SMALL)
def test_the_resolved_spec_is_the_same_architecture(name: str) -> None:
    graph = shipped(name)
    again = compile_text(graph.spec_text, file="resolved.yaml")
    assert again.hash == graph.hash
    assert again.spec_text == graph.spec_text, "a fixed point"
    assert "extends" not in graph.spec_text and "uses" not in graph.spec_text


@pytest.mark.parametrize("sets", [
    ["depth=32"], ["shortcut=none"], ["defaults.bn.epsilon=1e-5"], ["stages.s2.filters=48", "input=[16, 16, 3]", "head=[global_avg_pool, dense: {units: 4}]"],
    ["shortcut={projection: {}}"], ["classes=100", "depth=26"],
])  # fmt: skip
def test_so_is_one_with_settings(sets: list[str]) -> None:
    graph = archcompile.compile("resnet_v1", sets=sets)
    again = compile_text(graph.spec_text, file="resolved.yaml")
    assert again.hash == graph.hash != archcompile.compile("resnet_v1").hash
    assert again.name == graph.name


# ---- goldens and numbers -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_golden(name: str) -> None:
    file = regenerate.FOLDER / f"{name}.txt"
    assert file.exists(), f"{name} has no golden yet: make golden"
    assert file.read_text() == regenerate.text(shipped(name)), "make golden, and read what changed"


def test_there_is_no_golden_without_a_spec() -> None:
    assert {p.stem for p in regenerate.FOLDER.glob("*.txt")} == set(ALL)


def test_nothing_is_to_be_said_against_what_ships() -> None:
    assert {
        name: [n.code for n in shipped(name).notes] for name in ALL if shipped(name).notes
    } == {}


@pytest.mark.parametrize("name", SMALL)
def test_parts_sum_to_totals(name: str) -> None:
    graph = shipped(name)
    rows, sums = layers(graph), totals(layers(graph))
    assert [r.name for r in rows] == list(graph.nodes)
    by_part = parts(graph)
    assert sum(p.totals.params for p in by_part) == sums.params == sum(r.params for r in rows)
    assert sum(p.totals.macs for p in by_part) == sums.macs == sum(r.macs for r in rows)
    assert sums.params == sums.trainable + sums.non_trainable
    assert sum(p.joins for p in by_part) == len(graph.joins)
    assert by_part[-1].shape == graph.nodes[list(graph.parts.values())[-1]].shape
    figures = summary(graph)
    assert figures["hash"] == semantic_hash(graph) and figures["nodes"] == len(graph)


# Measured on plain Keras networks written by hand after the article: total, trainable, layers,
# conv, add, multiply-adds.
ARTICLE = {
    "resnet_v1_20": (274_442, 273_066, 72, 21, 9, 40_813_184),
    "resnet_v1_32": (470_218, 467_946, 114, 33, 15, 69_124_736),
    "resnet_v1_44": (665_994, 662_826, 156, 45, 21, 97_436_288),
    "resnet_v1_56": (861_770, 857_706, 198, 57, 27, 125_747_840),
    "resnet_v1_110": (1_742_762, 1_734_666, 387, 111, 54, 253_149_824),
    "resnet_v1_1202": (19_558_378, 19_468_746, 4_209, 1_203, 600, 2_829_501_056),
    "resnet_v2_20": (574_090, 570_602, 70, 22, 6, 66_243_072),
    "resnet_v2_29": (849_002, 843_786, 100, 31, 9, 97_962_496),
    "resnet_v2_56": (1_673_738, 1_663_338, 190, 58, 18, 193_120_768),
    "resnet_v2_110": (3_323_210, 3_302_442, 370, 112, 36, 383_437_312),
    "resnet_v2_164": (4_972_682, 4_941_546, 550, 166, 54, 573_753_856),
    "resnet_v2_1001": (30_539_498, 30_347_658, 3_340, 1_003, 333, 3_523_660_288),
}


def measured(graph: LayerGraph) -> tuple[int, ...]:
    sums = totals(layers(graph))
    kinds = [node.op.kind for node in graph]
    return (
        sums.params,
        sums.trainable,
        len(graph),
        kinds.count("conv"),
        kinds.count("add"),
        sums.macs,
    )


@pytest.mark.parametrize("name", ARTICLE)
def test_the_articles_numbers(name: str) -> None:
    assert measured(shipped(name)) == ARTICLE[name]


@pytest.mark.parametrize("depth", [8, 14, 26, 38, 62])
def test_closed_forms_of_v1(depth: int) -> None:
    n = (depth - 2) // 6
    assert measured(archcompile.compile("resnet_v1", depth=depth)) == (
        97_888 * n - 19_222,
        97_440 * n - 19_254,
        21 * n + 9,
        6 * n + 3,
        3 * n,
        14_155_776 * n - 1_654_144,
    )


@pytest.mark.parametrize("depth", [11, 38, 47, 65])
def test_closed_forms_of_v2(depth: int) -> None:
    n = (depth - 2) // 9
    assert measured(archcompile.compile("resnet_v2", depth=depth)) == (
        274_912 * n + 24_266,
        273_184 * n + 24_234,
        30 * n + 10,
        9 * n + 4,
        3 * n,
        31_719_424 * n + 2_804_224,
    )


# `model.count_params()`, trainable parameters and multiply-adds (in millions) of keras.applications
# with weights=None.
APPLICATIONS = {
    "keras_resnet50": (25_636_712, 25_583_592, "3857.97"), "keras_resnet101": (44_707_176, 44_601_832, "7570.19"),
    "keras_resnet152": (60_419_944, 60_268_520, "11282.42"), "keras_resnet50v2": (25_613_800, 25_568_360, "3482.26"),
    "keras_resnet101v2": (44_675_560, 44_577_896, "7194.48"), "keras_resnet152v2": (60_380_648, 60_236_904, "10906.70"),
    "vgg_16": (138_357_544, 138_357_544, "15470.26"), "vgg_19": (143_667_240, 143_667_240, "19632.06"),
    "keras_densenet121": (8_062_504, 7_978_856, "2834.16"), "keras_mobilenet_v2": (3_538_984, 3_504_872, "300.77"),
    "keras_mobilenet_v3_small": (2_554_968, 2_542_856, "56.51"), "keras_mobilenet_v3_large": (5_507_432, 5_483_032, "216.59"),
    "keras_efficientnet_b0": (5_330_571, 5_288_548, "385.81"), "keras_convnext_tiny": (28_589_128, 28_589_128, "4455.53"),
    "keras_xception": (22_910_480, 22_855_952, "8357.40"), "keras_inception_v3": (23_851_784, 23_817_352, "5713.22"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(APPLICATIONS) & set(ALL)))
def test_the_numbers_of_keras_applications(name: str) -> None:
    params, trainable, _, _, _, macs = measured(shipped(name))
    assert (params, trainable, f"{float(Fraction(macs, 10**6)):.2f}") == APPLICATIONS[name]
