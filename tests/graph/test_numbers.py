"""Goldens and numbers of what ships: those of the article, of closed forms and of Keras."""

from fractions import Fraction

import pytest

import archcompile
from archcompile.analyses.cost import layers, parts, summary, totals
from archcompile.api import LayerGraph
from archcompile.graph.text import semantic_hash
from tests.conftest import shipped_graph
from tests.golden import regenerate
from tests.graph.nets import ALL, SMALL


@pytest.mark.parametrize("name", ALL)
def test_golden(name: str) -> None:
    file = regenerate.FOLDER / f"{name}.txt"
    assert file.exists(), f"{name} has no golden yet: make golden"
    assert file.read_text() == regenerate.text(shipped_graph(name)), (
        "make golden, and read what changed"
    )


def test_there_is_no_golden_without_a_spec() -> None:
    assert {p.stem for p in regenerate.FOLDER.glob("*.txt")} == set(ALL)


def test_nothing_is_to_be_said_against_what_ships() -> None:
    assert [(name, note.code) for name in ALL for note in shipped_graph(name).notes] == []


@pytest.mark.parametrize("name", SMALL)
def test_parts_sum_to_totals(name: str) -> None:
    graph = shipped_graph(name)
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


def test_a_part_of_several_outputs_shows_them_all() -> None:
    *_, last, head = parts(shipped_graph("resnet_50_fpn"))
    assert last.ends == (last.shape,)
    assert [shape[0] for shape in head.ends] == [56, 28, 14, 7] and head.ends[-1] == head.shape


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


def numbers_of(graph: LayerGraph) -> tuple[int, ...]:
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
    assert numbers_of(shipped_graph(name)) == ARTICLE[name]


@pytest.mark.parametrize("depth", [8, 14, 26, 38, 62])
def test_closed_forms_of_v1(depth: int) -> None:
    n = (depth - 2) // 6
    assert numbers_of(archcompile.compile("resnet_v1", depth=depth)) == (
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
    assert numbers_of(archcompile.compile("resnet_v2", depth=depth)) == (
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
    "keras_resnet50": (25_636_712, 25_583_592, "3857.97"),
    "keras_resnet101": (44_707_176, 44_601_832, "7570.19"),
    "keras_resnet152": (60_419_944, 60_268_520, "11282.42"),
    "keras_resnet50v2": (25_613_800, 25_568_360, "3482.26"),
    "keras_resnet101v2": (44_675_560, 44_577_896, "7194.48"),
    "keras_resnet152v2": (60_380_648, 60_236_904, "10906.70"),
    "vgg_16": (138_357_544, 138_357_544, "15470.26"),
    "vgg_19": (143_667_240, 143_667_240, "19632.06"),
    "keras_densenet121": (8_062_504, 7_978_856, "2834.16"),
    "keras_mobilenet_v2": (3_538_984, 3_504_872, "300.77"),
    "keras_mobilenet_v3_small": (2_554_968, 2_542_856, "56.51"),
    "keras_mobilenet_v3_large": (5_507_432, 5_483_032, "216.59"),
    "keras_efficientnet_b0": (5_330_571, 5_288_548, "385.81"),
    "keras_convnext_tiny": (28_589_128, 28_589_128, "4455.53"),
    "keras_xception": (22_910_480, 22_855_952, "8357.40"),
    "keras_inception_v3": (23_851_784, 23_817_352, "5713.22"),
    "nasnet_mobile": (5_326_716, 5_289_978, "563.64"),
}


@pytest.mark.parametrize("name", sorted(set(APPLICATIONS) & set(ALL)))
def test_the_numbers_of_keras_applications(name: str) -> None:
    params, trainable, _, _, _, macs = numbers_of(shipped_graph(name))
    assert (params, trainable, f"{float(Fraction(macs, 10**6)):.2f}") == APPLICATIONS[name]
