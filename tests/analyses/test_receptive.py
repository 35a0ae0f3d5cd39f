"""Receptive fields against published tables and against brute force: which pixels of the image
reach a pixel of a map.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from random import Random

import numpy as np
import pytest

from archcompile.analyses import map_fields as module
from archcompile.analyses.receptive_fields import last_map, receptive
from archcompile.api import LayerGraph, compile_text
from archcompile.ops import REGISTRY
from archcompile.ops.base import whole
from tests.analyses.influence import Influence
from tests.conftest import seeds, shipped_graph
from tests.ops.test_ops import GOOD, make
from tests.spec.random_graphs import graph_rich_in_ops

# ---- published -----------------------------------------------------------------------------------

# (size, jump) of stages: Araujo et al. 2019 and the table of google-research/receptive_field, whose
# ResNets stride in the last
# unit of a stage. The paper's form, strides in the first 1x1, has the same sizes at other jumps.
PUBLISHED = {
    "alexnet": {
        "c1": (19, 8),
        "c3": (99, 16),
        "c4": (131, 16),
        "c5_relu1": (163, 16),
        "c5": (195, 32),
    },
    "vgg_16": {
        "s1": (6, 2),
        "s2": (16, 4),
        "s3": (44, 8),
        "s4": (100, 16),
        "s5_conv1": (132, 16),
        "s5_conv2": (164, 16),
        "s5_conv3": (196, 16),
        "s5": (212, 32),
    },
    "keras_resnet50v2": {"s1": (35, 8), "s2": (99, 16), "s3": (291, 32), "s4": (483, 32)},
    "keras_resnet50": {"s1": (35, 4), "s2": (99, 8), "s3": (291, 16), "s4": (483, 32)},
    "keras_resnet101v2": {"s2": (99, 16), "s3": (835, 32), "s4": (1027, 32)},
    "keras_resnet152v2": {"s2": (163, 16), "s3": (1315, 32), "s4": (1507, 32)},
    "keras_inception_v3": {
        "stem": (31, 8),
        "a": (127, 8),
        "t1": (159, 16),
        "b": (927, 16),
        "t2": (1055, 32),
        "c": (1311, 32),
    },
    # torchvision's form, strides in the 3x3: 11 + 24 + (8 + 48) + (16 + 160) + (32 + 128)
    "resnet_50": {"s4": (427, 32)},
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published(name: str) -> None:
    graph = shipped_graph(name)
    fields = receptive(graph)
    actual = {key: fields[graph.parts.get(key, key)] for key in PUBLISHED[name]}
    assert {key: (field.largest[1], field.jump[1]) for key, field in actual.items()} == PUBLISHED[
        name
    ]
    assert all(
        field.largest[0] == field.largest[1] and field.jump[0] == field.jump[1]
        for field in actual.values()
    )


def test_the_shortest_path_of_a_residual_net_sees_little() -> None:
    graph = shipped_graph("keras_resnet50")
    fields = receptive(graph)
    assert {fields[graph.parts[stage]].smallest for stage in ("stem", "s1", "s2", "s3", "s4")} == {
        (11, 11)
    }
    assert last_map(graph).name == graph.parts["s4"]
    assert fields[graph.parts["s4"]].covers(graph.input_shape) and not fields["stem_conv1"].covers(
        graph.input_shape
    )


# ---- brute force ---------------------------------------------------------------------------------


def choices(graph: LayerGraph) -> Iterator[dict[str, int]]:
    """Every way to go at every merge."""
    merges = [node for node in graph if len(node.inputs) > 1]
    for ways in product(*(range(len(node.inputs)) for node in merges)):
        yield {node.name: way for node, way in zip(merges, ways, strict=True)}


NETS = {  # steps of a stem on 41x37 pixels, all of them with branches about one middle
    "kernels": (
        "[conv: {filters: 1, kernel: 3}, conv: {filters: 1, kernel: [1, 5], padding: "
        "valid}, depthwise_conv: {kernel: 3}]"
    ),
    "strides": (
        "[conv: {filters: 1, kernel: 5, stride: 2}, conv: {filters: 1, kernel: 3}, "
        "max_pool: {size: 3, stride: 2, padding: same}]"
    ),
    "attention": "[conv: {filters: 2, kernel: 3}, attention: {heads: 1}, max_pool: {size: 2}]",
    "attention beside": (
        "[conv: {filters: 2, kernel: 3}, add: {branches: {a: [attention: {heads: 1}], b: []}}, "
        "conv: {filters: 1, kernel: 3, stride: 2}]"
    ),
    "uneven strides": (
        "[conv: {filters: 1, kernel: 3, stride: [2, 1]}, conv: {filters: 1, kernel: "
        "3, stride: [1, 3]}, conv: {filters: 1, kernel: 3}]"
    ),
    "dilation": (
        "[conv: {filters: 1, kernel: 3, dilation: 2}, conv: {filters: 1, kernel: 3, "
        "dilation: [1, 4]}]"
    ),
    "even windows": (
        "[avg_pool: {size: 2}, conv: {filters: 1, kernel: 4}, max_pool: {size: 2, stride: 1}]"
    ),
    "pads": (
        "[pad: {size: 2}, conv: {filters: 1, kernel: 5, padding: valid}, crop: {size: [1, 0, "
        "2, 1]}, conv: {filters: 1, kernel: 3, stride: 2, padding: symmetric}]"
    ),
    "blurs": (
        "[conv: {filters: 1, kernel: 3}, blur_pool, blur_pool: {size: 4, stride: [1, 2]}, "
        "conv: {filters: 1, kernel: 3}]"
    ),
    "subsample": (
        "[conv: {filters: 1, kernel: 3}, subsample: {stride: 2}, separable_conv: "
        "{filters: 1, kernel: 3}]"
    ),
    "residual": "[conv: {filters: 1, kernel: 3}, add: {branches: {a: [], b: [conv: {filters: 1, "
    "kernel: 3, repeat: 2}]}}, "
    "add: {branches: {a: [], b: [conv: {filters: 1, kernel: 3}, relu, conv: {filters: 1, kernel: "
    "5}]}}]",
    "strided shortcut": "[add: {branches: {a: [subsample: {stride: 2}], b: [pad: {size: 1}, conv: "
    "{filters: 3, kernel: 3, stride: 2, padding: valid}]}}, "
    "conv: {filters: 1, kernel: 3}]",
    "inception": "[concat: {branches: {a: [conv: {filters: 1, kernel: 1}], b: [conv: {filters: 1, "
    "kernel: 3}], c: [conv: {filters: 1, kernel: [1, 7]}], "
    "d: [max_pool: {size: 3, stride: 1, padding: same}]}}, avg_pool: {size: 2}, concat: {branches: "
    "{a: [], b: [conv: {filters: 1, kernel: 3}]}}]",
    "up and down": (
        "[conv: {filters: 3, kernel: 3, stride: 2}, upsample: {size: 2}, conv: "
        "{filters: 3, kernel: 3}]"
    ),
    "up by a kernel": (
        "[conv: {filters: 3, kernel: 3, stride: 2}, conv_transpose: {filters: 2, kernel: 2, "
        "stride: 2}, conv: {filters: 3, kernel: 3}]"
    ),
    "blocks up": "[conv: {filters: 4, kernel: 3, stride: 2}, depth_to_space: {size: 2}, conv: "
    "{filters: 3, kernel: 3}]",
    "blocks down": (
        "[conv: {filters: 4, kernel: 3}, pad: {size: [0, 1, 0, 1]}, space_to_depth: {size: 2}, "
        "conv: {filters: 3, kernel: 3}]"
    ),
    "turned": (
        "[conv: {filters: 4, kernel: [3, 5]}, permute: {axes: [width, height, channels]}, conv: "
        "{filters: 4, kernel: [1, 9]}, max_pool: {size: [2, 1]}, permute: {axes: [width, height, "
        "channels]}, conv: {filters: 4, kernel: [5, 1]}]"
    ),
    "turned by half": (
        "[conv: {filters: 4, kernel: [3, 5]}, permute: {axes: [width, height, channels]}, conv: "
        "{filters: 4, kernel: [1, 9]}, global_avg_pool: {keep_dims: true}]"
    ),
    "rows as channels": (
        "[conv: {filters: 4, kernel: 3}, permute: {axes: [channels, width, height]}, conv: "
        "{filters: 4, kernel: [1, 3]}]"
    ),
    "resized up": "[conv: {filters: 1, kernel: 3, stride: 2}, resize: {to: [42, 38]}, conv: "
    "{filters: 1, kernel: 3}]",
    "resized down": "[conv: {filters: 1, kernel: 3}, crop: {size: [0, 1, 0, 1]}, resize: {to: [8, "
    "9], interpolation: nearest}, conv: {filters: 1, kernel: 3}]",
    "resized down between pixels": "[conv: {filters: 1, kernel: 3}, crop: {size: [0, 1, 0, 1]}, "
    "resize: {to: [10, 9]}, conv: {filters: 1, kernel: 3}]",
    "between pixels": "[max_pool: {size: 3}, upsample: {size: 2, interpolation: bilinear}]",
    "all": "[conv: {filters: 2, kernel: 3, stride: 2}, global_avg_pool]",
    "flat": "[max_pool: {size: 4}, flatten, dense: {units: 2}]",
    "a gate of one channel": "[conv: {filters: 2, kernel: 3}, multiply: {branches: {x: [], g: "
    "[conv: {filters: 1, kernel: 7, activation: sigmoid}]}}, conv: {filters: 2, kernel: 3}]",
    "a gate": "[conv: {filters: 2, kernel: 3}, multiply: {branches: {x: [], g: [global_avg_pool: "
    "{keep_dims: true}, conv: {filters: 2, kernel: 1}, sigmoid]}}, "
    "conv: {filters: 2, kernel: 3}]",
}


@pytest.mark.parametrize("net", NETS)
def test_brute_force(net: str) -> None:
    graph = compile_text(
        f"archc: 1\ninput: [41, 37, 3]\nallow: [pool-does-not-cover]\nstem: {NETS[net]}\n"
    )
    name = graph.parts["stem"]
    field, shape = receptive(graph)[name], graph.nodes[name].shape
    row, column = (shape[0] // 2, shape[1] // 2) if len(shape) == 3 else (0, 0)
    actual = Influence(graph).extent(name, row, column)
    paths = [Influence(graph, chosen).extent(name, row, column) for chosen in choices(graph)]
    assert actual == tuple(map(min, field.largest, graph.input_shape))
    assert tuple(map(min, zip(*paths, strict=True))) == tuple(
        map(min, field.smallest, graph.input_shape)
    )
    if (
        not field.covers(graph.input_shape) and shape[0] > row + 2
    ):  # the next pixels but one, so that the two halves behind an upsample agree
        first, later = (
            np.argwhere(Influence(graph).of[name][r, column]).min(0)[0] for r in (row, row + 2)
        )
        assert later - first == 2 * field.jump[0]


@pytest.mark.parametrize("seed", seeds(10, 40))
def test_no_path_of_a_random_net_sees_more_than_the_largest_field(seed: int) -> None:
    graph = graph_rich_in_ops(seed)
    rng, fields = Random(seed), receptive(graph)
    influence = Influence(
        graph,
        {node.name: rng.randrange(len(node.inputs)) for node in graph if len(node.inputs) > 1},
    )
    for node in list(graph)[:: max(1, len(graph) // 12)]:
        seen = influence.of[node.name]
        for axis in (2, 3):  # rows, columns of the image
            actual = seen.any(axis=5 - axis).reshape(-1, seen.shape[axis])
            widest = max(int(np.ptp(np.flatnonzero(line))) + 1 for line in actual if line.any())
            assert widest <= fields[node.name].largest[axis - 2], node.name
        assert fields[node.name].smallest <= fields[node.name].largest


def test_a_gate_sees_the_whole_map_and_the_path_beside_it_does_not() -> None:
    graph = compile_text(f"archc: 1\ninput: [41, 37, 3]\nstem: {NETS['a gate']}\n")
    field = receptive(graph)[graph.parts["stem"]]
    assert (field.smallest, field.largest, field.jump) == ((5, 5), (43, 39), (1, 1))


def test_what_tokens_see_along_the_narrowest_path() -> None:
    """Beside attention a token is what it was; a window over the map of tokens knows neighbours."""
    unit = "add: {branches: {a: [attention: {heads: 1}], b: []}}"
    graph = compile_text(
        "archc: 1\ninput: [41, 37, 3]\nstem: [conv: {filters: 2, kernel: 3, stride: 2}, tokens, "
        f"{unit}, {unit}, map: {{size: [21, 19]}}, conv: {{filters: 1, kernel: 3}}]\n"
    )
    fields = receptive(graph)
    assert fields["stem_tokens1"].largest == (3, 3)
    assert fields["stem_add2"].smallest == (3, 3)
    assert (fields["stem_map1"].smallest, fields["stem_conv2"].smallest) == ((3, 3), (7, 7))
    assert all(fields[name].covers(graph.input_shape) for name in ("stem_add1", "stem_conv2"))


def test_fractions_behind_an_upsample() -> None:
    text = (
        "archc: 1\ninput: [16, 16, 1]\nstem: [upsample: {size: 2}, conv: {filters: 1, kernel: "
        "4}, conv: {filters: 1, kernel: 3}]\n"
    )
    field = receptive(compile_text(text))["stem_conv2"]
    # 1 + 3/2 + 2/2
    assert (field.smallest, field.largest, field.jump) == (
        (3, 3),
        (4, 4),
        (Fraction(1, 2), Fraction(1, 2)),
    )


def test_a_map_of_many_jumps_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one pixel any stride fits, so that a short spec can make as many jumps as it likes."""
    unit = "add: {branches: {a: [conv: {filters: 1, kernel: 2, stride: %d}], b: []}}"
    steps = ", ".join(unit % stride for stride in (2, 3, 5, 7))
    graph = compile_text(f"archc: 1\ninput: [1, 1, 1]\nstem: [{steps}]\n")
    exact = receptive(graph)[graph.parts["stem"]]
    assert (
        exact.jump == (210, 210)
        and exact.largest == (1 + 1 + 2 + 6 + 30,) * 2
        and exact.smallest == (1, 1)
    )
    monkeypatch.setattr(module, "MOST_JUMPS", 3)
    bounds = receptive(graph)[graph.parts["stem"]]
    assert bounds.largest >= exact.largest and bounds.smallest <= exact.smallest


# ---- every op ------------------------------------------------------------------------------------

GLOBAL = {"flatten", "global_avg_pool", "global_max_pool"}


@pytest.mark.parametrize(("kind", "row"), GOOD)
def test_every_op_says_what_it_sees(kind: str, row) -> None:  # type: ignore[no-untyped-def]
    op = make(kind, row.attributes)
    views = op.views(*row.inputs)
    assert len(views) == len(row.inputs)
    for view, shape in zip(views, row.inputs, strict=True):
        assert min(view.size) >= 1 and min(view.stride) >= 0
        if kind in GLOBAL:
            assert view == whole(shape)


def test_the_table_has_all_that_looks_further_than_a_pixel() -> None:
    wide = set()
    for parameters in GOOD:
        kind, row = parameters.values[:2]
        for view in make(kind, row.attributes).views(*row.inputs):
            if view.size != (1, 1) or view.stride != (1, 1):
                wide.add(kind)
    assert wide == {
        "conv",
        "depthwise_conv",
        "separable_conv",
        "conv_transpose",
        "max_pool",
        "avg_pool",
        "blur_pool",
        "subsample",
        "upsample",
        "resize",
        "depth_to_space",
        "space_to_depth",
        "permute",
        "reshape",
        "attention",
        "tokens",
        "map",
        "multiply",
        *GLOBAL,
    }, "name it here, write what it sees in `tests/analyses/influence.py`, and a network in NETS"
    assert wide <= set(REGISTRY)
