"""What ships in specs/: every block and rule is used, and small versions are what Keras makes of
them.
"""

from pathlib import Path

import pytest

import archcompile
from archcompile.analyses.cost import layers, totals
from archcompile.api import LayerGraph
from archcompile.spec.yaml import strict_yaml
from archcompile.spec.yaml.tree import Map, plain
from tests.conftest import shipped_graph

SPECS = Path(__file__).parents[2] / "specs"
ZOO = sorted(path.stem for path in SPECS.glob("*.yaml"))


def shipped_definitions(shelf: str) -> dict[str, dict[str, object]]:
    """All definitions of the libraries' `blocks` or `shortcuts`, as plain data."""
    result: dict[str, dict[str, object]] = {}
    for path in sorted((SPECS / "blocks").glob("*.yaml")):
        tree = strict_yaml.parse(path.read_text(), path.name)
        result.update(plain(tree).get(shelf, {}))
    return result


# ---- blocks and rules ----------------------------------------------------------------------------

BLOCKS = {  # block -> a spec that uses it
    "basic": "resnet_a_20",
    "bottleneck": "resnext_29_8x64d",
    "preact_basic": "preact_resnet_110",
    "wide_basic": "wrn_28_10",
    "preact_bottleneck": "preact_resnet_164",
    "squeeze_excite": "se_resnet_20",
    "se_basic": "se_resnet_20",
    "se_bottleneck": "se_resnet_50",
    "dense_unit": "densenet_bc_100_12",
    "transition": "densenet_bc_100_12",
    "inverted": "keras_efficientnet_b0",
    "plain": "highway_19",
    "conv_bn": "keras_inception_v3",
    "sep_bn": "keras_xception",
    "inception": "googlenet",
    "convnext": "keras_convnext_tiny",
    "fused": "keras_efficientnet_v2_b0",
}
RULES = {  # rule -> a spec that uses it, and settings that make it
    "identity": ("preact_resnet_110", ()),
    "zero_pad": ("resnet_a_20", ()),
    "projection": ("resnet_34_b", ()),
    "zero_pad_centered": ("resnet_a_20", ("shortcut=zero_pad_centered",)),
    "zero_pad_averaged": ("resnet_a_20", ("shortcut=zero_pad_averaged",)),
    "pooled": ("keras_resnet50v2", ()),
    "scaled": ("preact_resnet_110", ("shortcut={scaled: {carry: 0.3}}",)),
    "dropout_shortcut": ("preact_resnet_110", ("shortcut=dropout_shortcut",)),
    "projection_bare": ("resnet_v1_20", ()),
    "projection_all": ("resnet_34_c", ()),
    "projection_preact": ("preact_resnet_110", ()),
    "projection_resnet_d": ("resnet_50", ("shortcut=projection_resnet_d",)),
    "highway": ("highway_19", ()),
    "exclusive_gate": ("preact_resnet_110", ("shortcut=exclusive_gate",)),
    "shortcut_gate": ("preact_resnet_110", ("shortcut={shortcut_gate: {bias: -3.0}}",)),
    "dropped_identity": ("keras_efficientnet_b0", ()),
    "dropped_zero_pad": ("stochastic_depth_110", ()),
}


def test_the_tables_name_all_that_ships() -> None:
    assert set(BLOCKS) == set(shipped_definitions("blocks"))
    assert set(RULES) == set(shipped_definitions("shortcuts"))


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_is_used(name: str) -> None:
    assert name in {node.origin.block for node in shipped_graph(BLOCKS[name])}


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_used(name: str) -> None:
    spec, sets = RULES[name]
    graph = archcompile.compile(spec, sets=sets)
    assert name in {node.origin.rule for node in graph if node.name in graph.joins}


@pytest.mark.parametrize("shelf", ["blocks", "shortcuts"])
def test_every_definition_says_what_it_is(shelf: str) -> None:
    for name, form in shipped_definitions(shelf).items():
        assert isinstance(form, dict) and form.get("about"), name


def test_every_spec_says_what_it_is_and_claims_a_depth() -> None:
    for name in ZOO:
        tree = strict_yaml.parse((SPECS / f"{name}.yaml").read_text(), name)
        assert isinstance(tree, Map) and {"about", "expect"} <= set(tree.entries), name
        assert "depth" in plain(tree)["expect"], name


def branch_rates(graph: LayerGraph) -> list[float]:
    return [node.op.drop_rate for node in graph if node.op.kind == "drop_path"]  # type: ignore[attr-defined]


def test_stochastic_depth_grows_with_the_place_of_the_unit() -> None:
    assert branch_rates(shipped_graph("stochastic_depth_110")) == pytest.approx(
        [0.5 * i / 54 for i in range(1, 55)]
    )
    # units that change the shape do not join, but count
    efficient = branch_rates(shipped_graph("keras_efficientnet_b0"))
    assert efficient == pytest.approx([0.2 * i / 16 for i in (2, 4, 6, 7, 9, 10, 12, 13, 14)])


def test_a_head_may_draw_on_several_stages_and_have_several_outputs() -> None:
    graph = shipped_graph("resnet_50_fpn")
    assert list(graph.output_shapes) == ["p2", "p3", "p4", "p5"]
    assert [graph.nodes[n].op.kind for n in ("head_m2", "head_m5")] == ["add", "conv"]


def test_a_rule_is_told_by_the_nearest_row() -> None:
    graph = shipped_graph("keras_resnet50v2")
    rules = [graph.nodes[name].origin.rule for name in graph.joins if name.startswith("s2")]
    assert rules == ["projection_preact", "pooled", "pooled", "pooled"]
    assert [n.name for n in graph if n.op.kind == "max_pool" and n.origin.rule] == [
        "s1_b3_shortcut_max_pool1",
        "s2_b4_shortcut_max_pool1",
        "s3_b6_shortcut_max_pool1",
    ]


# ---- small versions in Keras ---------------------------------------------------------------------

SMALL = [
    ("resnet_a", "depth=8 shortcut=zero_pad_centered"),
    ("resnet_v1", "depth=8 shortcut=projection_resnet_d"),
    ("preact_resnet", "depth=11"),
    ("resnext_29", "groups=2 width=4 stages.s1.repeat=1"),
    ("se_resnet", "depth=8"),
    ("densenet_bc_100_12", "depth=10"),
    ("resnet_34_a", "input=[64,48,3] classes=10"),
    ("resnet_50_fpn", "input=[64,64,3] stages.s3.repeat=1"),
    ("keras_efficientnet_b0", "size=63 classes=10"),
    ("keras_convnext_tiny", "size=64 drop_rate=0.1 stages.s3.repeat=1"),
]
FURTHER = [
    ("wrn_28_10", "layers=10 k=1"),
    ("highway_19", "stages.s1.repeat=2 stages.s2.repeat=2 stages.s3.repeat=2"),
    ("stochastic_depth_110", "depth=8"),
    ("keras_resnet50v2", "size=64 classes=10 stages.s3.repeat=2"),
    ("keras_mobilenet_v2", "size=64 width=0.35 classes=10"),
    ("keras_mobilenet_v3_small", "size=64 width=0.5 classes=10"),
    ("googlenet", "input=[64,64,3] classes=10"),
    ("alexnet", "input=[67,67,3] classes=10"),
    ("unet", "size=32 width=4"),
    ("shufflenet_v2_x1_0", "input=[64,64,3] classes=10"),
    ("cbam_resnet_50", "input=[64,64,3] classes=10 stages.s3.repeat=1"),
    ("deeplab_v3_resnet_50", "size=64 stages.s3.repeat=1"),
]


@pytest.mark.keras
@pytest.mark.parametrize(
    ("name", "sets"), [*SMALL, *(pytest.param(*row, marks=pytest.mark.thorough) for row in FURTHER)]
)
def test_keras_agrees(name: str, sets: str) -> None:
    """The shape of every node, and the number of parameters."""
    graph = archcompile.compile(name, sets=tuple(sets.split()))
    model = graph.to_keras()
    shapes = {node.name: tuple(model.get_layer(node.name).output.shape[1:]) for node in graph}
    assert shapes == {node.name: node.shape for node in graph}
    assert model.count_params() == totals(layers(graph)).params
